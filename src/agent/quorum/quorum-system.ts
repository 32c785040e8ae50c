import { HostError } from '../../host/host-error.js';
import type { Host } from '../../host/host.js';
import { ipOption, readLinks, runIp } from '../../host/network.js';
import { replaceFile } from '../../host/replace-file.js';
import type { IpAddress } from '../../ipvs/model/address.js';

/** How this machine shows the quorum of services to other programs. */
export interface QuorumSystem {
  /** @throws when it cannot be written. */
  writeFile(path: string, text: string): Promise<void>;
  /** Adds an address to an interface or removes it, unless that is done already. @throws when it fails. */
  setAddress(device: string, address: IpAddress, isThere: boolean): Promise<void>;
}

/** Others read it: keepalived may run as another user. */
const FILE_MODE = 0o644;

export function hostQuorumSystem(host: Host): QuorumSystem {
  return {
    writeFile: async (path, text) => {
      await replaceFile(path, text, FILE_MODE);
    },
    setAddress: async (device, address, isThere) => {
      const link = (await readLinks(host)).find(({ name }) => name === device);
      if (link === undefined) {
        // Without the interface there is no address to remove.
        if (!isThere) return;
        throw new HostError(
          `there is no interface ${device}; to make one: ip link add ${device} type dummy; ip link set ${device} up`,
        );
      }
      const text = address.toString();
      if (link.addresses.some((one) => one.address === text) === isThere) return;
      const { family } = address;
      const words = [`${text}/${family === 'ipv6' ? 128 : 32}`, 'dev', device];
      // No duplicate address detection: other directors may have the address too.
      const noDad = family === 'ipv6' && isThere ? ['nodad'] : [];
      const verb = isThere ? 'add' : 'del';
      const result = await runIp(host, [ipOption(family), 'address', verb, ...words, ...noDad]);
      if (result.status !== 0) throw new HostError(`ip address ${verb}: ${result.stderr.trim()}`);
    },
  };
}
