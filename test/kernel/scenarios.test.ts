// @module-tag long
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult, Namespace } from '../lab/lab.js';
import { installOurCommands, ourCommands } from '../lab/our-commands.js';
import { useLab } from '../support/director.js';
import { PATIENCE_MS } from '../lab/patience.js';

/** Administrators' scripts for directors, run with the genuine program and with ours: nobody can tell the difference. */

const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const PATHS = { genuine: SYSTEM_PATH, ours: `${ourCommands}:${SYSTEM_PATH}` };

const HEADING = `
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn`;

interface Scenario {
  readonly script: string;
  /** The words of each run, one after the other on one director; by default one run without any. */
  readonly runs?: readonly (readonly string[])[];
  /** What all runs print, but for blanks at the ends of lines. */
  readonly shown: string;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  'S5: real servers are swapped by hand': {
    script: 'S05.sh',
    shown: `${HEADING}
TCP  172.168.2.20:80 rr persistent 5
  -> 172.168.2.15:80              Route   1      0          0
  -> 172.168.2.17:80              Route   1      0          0${HEADING}
TCP  172.168.2.20:80 rr persistent 5
  -> 172.168.2.15:80              Route   1      0          0${HEADING}
TCP  172.168.2.20:80 rr persistent 5
  -> 172.168.2.17:80              Route   10     0          0${HEADING}
TCP  172.168.2.20:80 rr persistent 5
  -> 172.168.2.15:80              Route   1      0          0${HEADING}
TCP  172.168.2.20:80 rr persistent 5
  -> 172.168.2.15:80              Route   1      0          0
  -> 172.168.2.17:80              Route   1      0          0`,
  },
  'S15: direct routing': {
    script: 'S15.sh',
    shown: `${HEADING}
TCP  192.168.1.200:80 wlc
  -> 192.168.1.197:80             Route   1      0          0
  -> 192.168.1.198:80             Route   3      0          0`,
  },
  'S20: a script for an init system': {
    script: 'S20.sh',
    runs: [['start'], ['start'], ['status'], ['stop'], ['status']],
    shown: `
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.168.1.200:80 wlc
  -> 192.168.1.197:80             Route   2      0          0
  -> 192.168.1.198:80             Route   1      0          0
ipvs is running ...
ipvs is stopped...
ipvsadm is stopped ...`,
  },
  'S22: masquerading': {
    script: 'S22.sh',
    shown: `${HEADING}
TCP  192.168.0.220:80 rr
  -> 192.168.10.2:80              Masq    1      0          0
  -> 192.168.10.3:80              Masq    1      0          0
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  192.168.0.220:80 rr
  -> 192.168.10.2:8080            Masq    1      0          0
  -> 192.168.10.3:80              Masq    1      0          0`,
  },
  'S23: tunnels': {
    script: 'S23.sh',
    shown: `${HEADING}
TCP  192.168.88.250:80 rr
  -> 192.168.88.18:80             Tunnel  1      0          0
  -> 192.168.88.19:80             Tunnel  1      0          0
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn
TCP  192.168.88.250:80 rr
  -> 192.168.88.18:80             Tunnel  ipip          1      0          0
  -> 192.168.88.19:80             Tunnel  ipip          1      0          0`,
  },
  'S41: persistence for one port': {
    script: 'S41.sh',
    shown: `${HEADING}
TCP  192.168.1.200:80 wlc persistent 600
  -> 192.168.1.197:80             Route   2      0          0
  -> 192.168.1.198:80             Route   1      0          0`,
  },
  'S42: persistence for all ports': {
    script: 'S42.sh',
    shown: `
status 2${HEADING}
TCP  192.168.1.200:0 rr persistent 600
  -> 192.168.1.197:0              Route   1      0          0
  -> 192.168.1.198:0              Route   2      0          0`,
  },
  'S43: persistence by firewall mark': {
    script: 'S43.sh',
    shown: `${HEADING}
FWM  8 rr persistent 600
  -> 192.168.1.197:0              Route   2      0          0
  -> 192.168.1.198:0              Route   2      0          0`,
  },
};

const lab = useLab();

beforeAll(async () => {
  await installOurCommands(lab());
  // Only with this module has a namespace a tunl0.
  expect((await lab().run(['/run/modprobe', 'ipip'])).code).toBe(0);
});

interface Played {
  readonly runs: readonly CommandResult[];
  readonly rules: string;
}

/** Plays a scenario on a director of its own, which has two network cards and no address. */
async function play({ script, runs = [[]] }: Scenario, path: string): Promise<Played> {
  await using director: Namespace = await lab().namespace('director');
  const cards = ['eth0', 'eth1'].map(
    (card) => `ip link add ${card} type dummy && ip link set ${card} up`,
  );
  expect((await director.run(['sh', '-c', cards.join(' && ')])).code).toBe(0);
  const results: CommandResult[] = [];
  for (const words of runs) {
    const argv = ['sh', join(import.meta.dirname, 'scenarios', script), ...words];
    results.push(await director.run(argv, { env: { PATH: path }, deadlineMs: PATIENCE_MS }));
  }
  return { runs: results, rules: (await director.genuine(['-Sn'])).stdout };
}

describe('a script shows and leaves the same with ours as with the genuine program', () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(name, async () => {
      const genuine = await play(scenario, PATHS.genuine);
      const shown = genuine.runs.map(({ stdout }) => stdout).join('');
      expect(shown.replaceAll(/ +$/gm, '').trim()).toBe(scenario.shown.trim());
      expect(await play(scenario, PATHS.ours)).toEqual(genuine);
    });
  }
});
