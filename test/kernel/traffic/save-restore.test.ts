import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourCommand } from '../../lab/our-commands.js';
import type { CommandResult } from '../../lab/lab.js';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ask, askByDatagram, hold, release, say, serve, tally } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { addRules, rows, shown } from '../../support/shown.js';

/** A table is saved, cleared and restored, by hand and as a service of the system, while clients ask. */

const VIP = '172.16.100.1';
const VIP6 = '2001:db8:100::1';
const CLOSED = 'failed: ECONNREFUSED';
const EVEN = { rs1: 2, rs2: 2 };

const lab = useLab();
let network: Network;

/** Every kind of service and of real server, in the order in which they are saved. */
const RULES = `-A -t 172.16.100.1:80 -s rr
-a -t 172.16.100.1:80 -r 192.168.10.11:8080 -m -w 1
-a -t 172.16.100.1:80 -r 192.168.10.12:80 -m -w 1
-A -t 172.16.100.1:81 -s rr -p 600
-a -t 172.16.100.1:81 -r 192.168.10.11:80 -m -w 1
-a -t 172.16.100.1:81 -r 192.168.10.12:80 -m -w 1
-A -t 172.16.100.1:82 -s sh -b sh-fallback,sh-port
-a -t 172.16.100.1:82 -r 192.168.10.11:82 -i -w 1 --tun-type ipip
-a -t 172.16.100.1:82 -r 192.168.10.12:82 -i -w 0 --tun-type gue --tun-port 6080 --tun-nocsum
-a -t 172.16.100.1:82 -r 192.168.10.13:82 -i -w 2 --tun-type gre --tun-csum
-A -t 172.16.100.2:0 -s wlc -p 60
-a -t 172.16.100.2:0 -r 192.168.10.11:0 -g -w 1
-A -u 172.16.100.1:53 -s rr
-a -u 172.16.100.1:53 -r 192.168.10.11:53 -m -w 1
-a -u 172.16.100.1:53 -r 192.168.10.12:53 -m -w 1
-A -u 172.16.100.1:54 -s rr -o
-A -u 172.16.100.1:5060 -s wlc -p 60 --pe sip
-A --sctp-service 172.16.100.1:99 -s mh -b mh-fallback,mh-port
-A -t [2001:db8:100::1]:80 -s rr
-a -t [2001:db8:100::1]:80 -r [2001:db8:10::11]:80 -m -w 1
-a -t [2001:db8:100::1]:80 -r [2001:db8:10::12]:80 -m -w 1
-A -t [2001:db8:100::1]:81 -s wlc -p 30 -M 64
-A -f 7 -6 -s wlc
-a -f 7 -6 -r [2001:db8:10::11]:0 -g -w 3
-A -f 8 -s rr -p 600 -M 255.255.255.0
-a -f 8 -r 192.168.10.11:0 -m -w 1
-a -f 8 -r 192.168.10.12:0 -m -w 1
`;

const requests = (times: number, port: number, host = VIP) =>
  ask(network.client, { host, port, times });

/** A client's traffic to everything in the table that has some. */
async function expectTraffic(persistent: string | undefined): Promise<void> {
  expect(Object.keys(EVEN)).toContain(persistent);
  expect(tally(await requests(4, 80))).toEqual(EVEN);
  expect(tally(await requests(4, 80, VIP6))).toEqual(EVEN);
  const datagrams = await askByDatagram(network.client, { host: VIP, port: 53, times: 4 });
  expect(tally(datagrams)).toEqual(EVEN);
  expect(await requests(3, 81)).toEqual([persistent, persistent, persistent]);
}

const saved = () => shown(network.director, '-Sn');

beforeAll(async () => {
  network = await buildNatNetwork(lab());
  const { director, realServers } = network;
  expect((await lab().run(['/run/modprobe', 'ip_vs_pe_sip'])).code).toBe(0);
  const marking = `iptables-legacy -t mangle -A PREROUTING -d ${VIP} -p tcp --dport 8080 -j MARK --set-mark 8`;
  expect((await director.run(['sh', '-c', marking])).code).toBe(0);
  await Promise.all(
    realServers.map(({ namespace }, index) =>
      serve(namespace, { name: `rs${index + 1}`, tcp: [80, 8080], udp: [53] }),
    ),
  );
});
afterAll(() => network.close());

/** The program `ipvsadm-restore`, or another, fed with rules. */
const restore = (
  stdin: string,
  program: 'ipvsadm' | 'ipvsadm-restore' = 'ipvsadm-restore',
): Promise<CommandResult> =>
  network.director.ipvsadm(program === 'ipvsadm' ? ['-R'] : [], { stdin, program });
const SILENT: CommandResult = { code: 0, stdout: '', stderr: '' };

describe('saved and restored', () => {
  test('S10: every kind of service comes back, traffic flows again, and who kept quiet keeps its connection', async () => {
    const { client, director } = network;
    await addRules(director, RULES.trimEnd().split('\n'));
    const save = await director.ipvsadm(['-n'], { program: 'ipvsadm-save' });
    expect(save).toEqual({ ...SILENT, stdout: RULES });
    const [persistent] = await requests(1, 81);
    const [marked] = await requests(1, 8080);
    expect(Object.keys(EVEN)).toContain(marked);
    await expectTraffic(persistent);
    const [talker, quiet] = await hold(client, { host: VIP, port: 80, times: 2 });

    await shown(director, '-C');
    expect([await saved(), await rows(director, '-Ln')]).toEqual(['', []]);
    expect(await requests(1, 80)).toEqual([CLOSED]);
    expect(await requests(1, 81)).toEqual([CLOSED]);
    // What comes is for the director itself now.
    expect(await say(client, talker?.id ?? -1, 'there?')).toBe('failed: ECONNRESET');

    expect(await restore(RULES)).toEqual(SILENT);
    expect(await saved()).toBe(RULES);
    await expectTraffic(persistent);
    expect(await requests(3, 8080)).toEqual([marked, marked, marked]);
    expect(await say(client, quiet?.id ?? -1, 'there?')).toBe(`${quiet?.answer} there?`);
    await release(client);
  });

  test('S10: a restore while a client asks refuses it for a moment at most', async () => {
    const asking = requests(150, 80);
    for (let times = 0; times < 3; times++) expect(await restore(RULES)).toEqual(SILENT);
    const counts = tally(await asking);
    expect(
      Object.keys(counts)
        .filter((answer) => answer !== CLOSED)
        .sort(),
    ).toEqual(['rs1', 'rs2']);
    expect(tally(await requests(4, 80))).toEqual(EVEN);
  });

  test('S10: -R adds to what is there, ipvsadm-restore replaces it, comments and all', async () => {
    const existing = await restore(RULES, 'ipvsadm');
    expect([existing.code, await saved()]).toEqual([255, RULES]);
    expect(existing.stderr).toContain('Service already exists');
    expect(existing.stderr).toContain('Destination already exists');
    const few = `-A -t ${VIP}:80 -s rr\n-a -t ${VIP}:80 -r 192.168.10.12:80 -m -w 1\n`;
    expect(await restore(`# one is enough\n${few}`)).toEqual(SILENT);
    expect(await saved()).toBe(few);
    expect(await requests(3, 80)).toEqual(['rs2', 'rs2', 'rs2']);
    expect(await requests(1, 81)).toEqual([CLOSED]);
  });

  test('S10: thresholds come back too, which the genuine program does not save', async () => {
    const { director } = network;
    await shown(director, `-e -t ${VIP}:80 -r 192.168.10.12:80 -m -w 1 -x 2000 -y 1000`);
    const text = await saved();
    expect((await director.genuine(['-Sn'])).stdout).toBe(text.replace(' -x 2000 -y 1000', ''));
    expect(await restore(text)).toEqual(SILENT);
    const [, server] = await rows(director, `-Ln -t ${VIP}:80 --thresholds`);
    expect(server).toMatch(/^ {2}-> 192\.168\.10\.12:80 +2000 +1000 /);
    expect(await requests(1, 80)).toEqual(['rs2']);
  });

  test('S10: ipvsadm-restore of an empty file empties the table', async () => {
    expect(await restore('')).toEqual(SILENT);
    expect(await saved()).toBe('');
    expect(await requests(1, 80)).toEqual([CLOSED]);
  });
});

describe('as a service of the system', () => {
  const service = (...words: readonly string[]) => {
    return network.director.run([...ourCommand('ipvs'), 'service', ...words]);
  };
  const write = async (name: string, text: string): Promise<string> => {
    const file = `/run/tmp/${network.director.name}-${name}`;
    const argv = ['sh', '-c', 'cat >"$1"', 'sh', file];
    expect(await network.director.run(argv, { stdin: text })).toEqual(SILENT);
    return file;
  };

  test('S11: after its start clients are served, and neither a missing nor an empty file takes that away', async () => {
    const { director } = network;
    await shown(director, '-C');
    const file = await write('rules', RULES);
    expect(await requests(1, 80)).toEqual([CLOSED]);
    expect(await service('start', '-f', file)).toEqual({
      ...SILENT,
      stdout: `${file}: virtual services: 12, real servers: 15, changes: 27\n`,
    });
    expect(await saved()).toBe(RULES);
    const [persistent] = await requests(1, 81);
    await expectTraffic(persistent);

    const missing = await service('start', '-f', `${file}.missing`);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toBe(`Cannot read ${file}.missing: No such file or directory\n`);
    const empty = await write('empty', '');
    expect((await service('start', '-f', empty)).stderr).toBe(
      `Warning: ${empty} has no virtual services. The table was left as it is; to delete all of it: ipvsadm -C\n`,
    );
    expect(await saved()).toBe(RULES);
    await expectTraffic(persistent);
  });

  test('S11: what was typed is there after a save, a stop and a start', async () => {
    const { director } = network;
    const file = await write('typed', '');
    await shown(director, '-C');
    await addRules(director, [`-A -t ${VIP}:80 -s rr`, `-a -t ${VIP}:80 -r 192.168.10.11 -m`]);
    const typed = await saved();
    expect((await service('save', '-f', file)).code).toBe(0);
    expect((await service('stop')).code).toBe(0);
    expect([await saved(), ...(await requests(1, 80))]).toEqual(['', CLOSED]);
    expect((await service('start', '-f', file)).code).toBe(0);
    expect(await saved()).toBe(typed);
    expect(await requests(2, 80)).toEqual(['rs1', 'rs1']);
  });
});
