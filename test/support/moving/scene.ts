/** A live director under systemd, with clients and real servers, on which a guide for moving over is played. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Lab } from '../../lab/lab.js';
import type { Namespace } from '../../lab/namespace.js';
import { acceptVirtualAddress, buildFlatNetwork } from '../../lab/network.js';
import type { Network } from '../../lab/network.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { projectFolder } from '../../lab/project.js';
import { Systemd } from '../../lab/systemd.js';
import type { Step } from '../../docs/markdown.js';
import { withoutTrailingBlanks } from '../../docs/markdown.js';
import { savedRules, VIP, web } from '../agent.js';
import { masked } from '../varying.js';

const SITE = join(projectFolder, 'test/kernel/moving/guest/site.ts');
const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };
/** Where the folder of each machine is, which it sees as /srv. */
const FOLDERS = '/run/site';
/** The project's commands are installed below it. */
const PREFIX = '/run/service/usr';
const AGENT_LOG = '/run/service/agent.log';

/** What is typed again until it shows what is written, as it changes by itself. */
const LOOKS = /^(?:ipvs (?:status|diff|list|events)|ipvsadm -S|journalctl|grep .* \/var\/log)\b/;
/** A line of the agent's log: times are another each time. */
const LOG_TIME = /^\d{4}-\d\d-\d\dT[\d:]+Z /gm;
const comparable = (text: string): string =>
  masked(withoutTrailingBlanks(text)).replaceAll(LOG_TIME, 'TIME ');

/**
 * `/etc` and others are copies of the guest's own, since its root is read-only. No unit waits for a machine that starts up.
 * `ssh ADDRESS COMMAND…` does on a real server what can be done with its files.
 */
const PREPARED = `
  cp -a /etc /run/service/etc
  mount --bind /run/service/etc /etc
  mkdir -p ${PREFIX} /run/service/log /run/lock/subsys /run/service/local
  mount --bind /run/service/log /var/log
  mount --bind /run/service/local /usr/local/sbin
  mount -t tmpfs none /var/lib
  mount -t tmpfs none /root
  mkdir /run/systemd/system/service.d
  printf '[Unit]\\nDefaultDependencies=no\\n' >/run/systemd/system/service.d/lab.conf
  ${process.execPath} /run/service/package/bin/ipvs.js install --prefix ${PREFIX} >/dev/null
  ln -s ${PREFIX}/lib/systemd/system/ipvs-agent.service /etc/systemd/system/
  mkdir -p /run/systemd/system/ipvs-agent.service.d
  cat >/run/systemd/system/ipvs-agent.service.d/lab.conf <<'LINES'
[Service]
Environment=NODE_DEBUG=ipvs
StandardError=append:${AGENT_LOG}
LINES
  cat >${PREFIX}/sbin/ssh <<'LINES'
#!/bin/sh
machine=$1; shift
exec unshare --mount sh -c 'mount --bind "$0" /srv && exec sh -c "$1"' "${FOLDERS}/$machine" "$*"
LINES
  chmod +x ${PREFIX}/sbin/ssh
  systemctl daemon-reload
  systemctl start systemd-journald
`;

export interface MovingScene {
  readonly servers: readonly Namespace[];
  readonly director: Namespace;
  /** Runs a script as root on the director, which must succeed. @returns what it prints. */
  run(script: string): Promise<string>;
  /** Types the lines; what they show must be what is written. */
  type(steps: readonly Step[]): Promise<void>;
  /** A client asks without pause meanwhile. @returns what its requests have failed of. */
  underTraffic(part: string, act: () => Promise<void>): Promise<readonly string[]>;
  /** Who answers a client: `rs1`, or `sorry` for the director's own. */
  ask(): Promise<string>;
  /** Ends the web server of a real server, or starts it. */
  shut(server: number): Promise<void>;
  open(server: number): Promise<void>;
  /** Waits until these are all rules of the table. */
  becomes(rules: readonly string[]): Promise<void>;
  /** The requests by which the agent has written to the table. */
  writes(): Promise<string[]>;
}

/** How many requests there were in a part of the move, and what has failed. */
interface Part {
  readonly part: string;
  readonly requests: number;
  readonly failed: readonly string[];
}

/** @param bare whether nobody has the virtual address at first. */
export function useMovingScene(lab: () => Lab, { bare = false } = {}): () => MovingScene {
  let network: Network | undefined;
  let scene: MovingScene | undefined;
  const parts: Part[] = [];
  beforeAll(async () => {
    network = await buildFlatNetwork(lab(), { realServers: 2, bare });
    scene = await prepare(network, parts);
  });
  afterAll(async () => {
    const lines = parts.map(
      ({ part, requests, failed }) => `${part}: ${requests} requests, ${failed.length} failed`,
    );
    process.stdout.write(`\n${lines.join('\n')}\n`);
    await network?.close();
  });
  return () => {
    if (scene === undefined) throw new Error('the scene is for tests and hooks');
    return scene;
  };
}

async function prepare(network: Network, parts: Part[]): Promise<MovingScene> {
  const { director, client, virtual, realServers } = network;
  const servers = realServers.map(({ namespace }) => namespace);
  const folderOf = (index: number) => `${FOLDERS}/${realServers[index]?.addresses.ipv4 ?? ''}`;
  const open = async (index: number) => {
    await servers[index]?.call(SITE, 'open', `rs${index + 1}`, folderOf(index));
  };
  for (const [index, machine] of servers.entries()) {
    await acceptVirtualAddress(machine, virtual);
    await machine.run(['sh', '-c', 'mkdir -p "$0" && echo ok >"$0/healthz"', folderOf(index)]);
    await open(index);
  }
  await director.call(SITE, 'open', 'sorry', FOLDERS);
  const systemd = await Systemd.start(director, '/run/service/rules');
  await systemd.within(PREPARED);
  const typed = (line: string) =>
    director.run(['sh', '-c', 'exec nsenter -t "$(cat /run/service/pid)" -p -m bash'], {
      stdin: `cd\nexec 2>&1\n${line}\n`,
      env: { PATH: `${PREFIX}/sbin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: '/root' },
      deadlineMs: PATIENCE_MS,
    });
  const shows = async (line: string) => comparable((await typed(line)).stdout);
  return {
    servers,
    director,
    run: async (script) => {
      const { code, stdout } = await typed(`set -e\n${script}`);
      expect([code, stdout]).toEqual([0, stdout]);
      return stdout;
    },
    type: async (steps) => {
      for (const { command, output } of steps) {
        const written = [command, comparable(output)];
        const seen = async () => [command, await shows(command)];
        if (LOOKS.test(command)) await expect.poll(seen, PATIENCE).toEqual(written);
        else expect(await seen()).toEqual(written);
      }
    },
    underTraffic: async (part, act) => {
      await web.askAlways(client, `http://${VIP}/`);
      try {
        await act();
      } finally {
        const answers = await web.stopAsking(client);
        const failed = answers.filter((answer) => !/^rs[12]$/.test(answer));
        parts.push({ part, requests: answers.length, failed });
      }
      return parts.at(-1)?.failed ?? [];
    },
    ask: () => web.ask(client, `http://${VIP}/`),
    shut: async (index) => {
      await servers[index]?.call(SITE, 'shut');
    },
    open,
    becomes: async (rules) => {
      await expect.poll(() => savedRules(director), PATIENCE).toEqual([...rules].sort());
    },
    writes: async () => {
      const log = (await typed(`cat ${AGENT_LOG}`)).stdout;
      const writes = /^IPVS \d+: request \d+ ((?:NEW|SET|DEL)_\w+|FLUSH|ZERO)/gm;
      return Array.from(log.matchAll(writes), ([, request = '']) => request);
    },
  };
}
