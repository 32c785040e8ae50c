import { LabError } from './errors.js';
import type { Lab } from './lab.js';
import type { Network } from './network.js';
import { installOurCommands, ourCommands } from './our-commands.js';

const FOLDER = '/run/bin';

/** The environment in which an administrator of the director finds our commands. */
export const toolEnvironment = { PATH: `${ourCommands}:${FOLDER}:/usr/sbin:/usr/bin:/sbin:/bin` };

/** The network in a few lines of text. */
export function draw(network: Network): string {
  const left = `client --- ${network.virtual.ipv4} director --`;
  return network.realServers
    .map(({ addresses }, index) => {
      const wire = index === 0 ? left : ' '.repeat(left.length);
      return `${wire}+-- rs${index + 1} ${addresses.ipv4}`;
    })
    .join('\n');
}

/**
 * Puts commands on the administrator's path: `ipvsadm`, `ipvsadm-save` and `ipvsadm-restore` are ours,
 * `ipvsadm-genuine` is Debian's; `client`, `rs1`, `rs2` ... run a command on that machine.
 */
export async function installTools(lab: Lab, network: Network): Promise<void> {
  await installOurCommands(lab);
  const machines = [
    ['client', network.client.name],
    ...network.realServers.map(({ namespace }, index) => [`rs${index + 1}`, namespace.name]),
  ].map(([name, namespace]) => [name, `ip netns exec ${namespace}`]);
  const script = [['ipvsadm-genuine', '/sbin/ipvsadm'], ...machines].map(
    ([name, command]) => `cat >${FOLDER}/${name} <<'END'\n#!/bin/sh\nexec ${command} "$@"\nEND`,
  );
  const { code, stderr } = await lab.run(['sh', '-e'], {
    stdin: [`mkdir -p ${FOLDER}`, ...script, `chmod +x ${FOLDER}/*`].join('\n'),
  });
  if (code !== 0) throw new LabError(`the commands could not be put in place: ${stderr}`);
}
