import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourCommand } from '../../lab/our-commands.js';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ask, hold, serve, visits } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { addRules, entries, rows, shown } from '../../support/shown.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** A director before its first rule; then one and the same traffic in every view of it. */

const VIP = '172.16.100.1';
/** Two beats of the kernel's, which adds up its counters every 2 seconds, and time to spare. */
const PATIENCE = { timeout: PATIENCE_MS };

const lab = useLab();
let network: Network;

beforeAll(async () => {
  network = await buildNatNetwork(lab());
  await Promise.all(
    network.realServers.map(({ namespace }, index) =>
      serve(namespace, { name: `rs${index + 1}`, tcp: [80] }),
    ),
  );
});
afterAll(() => network.close());

describe('a director that has no rules yet', () => {
  test('S1: lists three lines, and prints its version', async () => {
    const { director } = network;
    expect(await director.ipvsadm(['-Ln'])).toEqual({
      code: 0,
      stdout:
        'IP Virtual Server version 1.2.1 (size=4096)\n' +
        'Prot LocalAddress:Port Scheduler Flags\n' +
        '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n',
      stderr: '',
    });
    expect(await shown(director, '--version')).toMatch(/^ipvsadm v\S+ .*IPVS v\d+\.\d+\.\d+\)\n$/);
  });

  test('S1: shows nothing to who is not root', async () => {
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const program = [...ourCommand('ipvsadm'), '-Ln'];
    expect(await network.director.run([...nobody, ...program])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "Can't initialize ipvs: Permission denied (you must be root)\n" +
        'Are you sure that IP Virtual Server is built in the kernel or as module?\n',
    });
  });
});

/** The lines of a file of the kernel's below /proc/net, cut at blanks. */
async function fileLines(name: string): Promise<string[][]> {
  const { stdout } = await network.director.run(['cat', `/proc/net/${name}`]);
  return stdout.split('\n').map((line) => line.trim().split(/\s+/));
}

/** An address and a port as the files have them: `AC106401`, `0050`. */
function endpoint(address = '', port = ''): string {
  const bytes = address.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? [];
  return `${bytes.join('.')}:${parseInt(port, 16)}`;
}

/** The figures of a listing, a row each: those of the service, then those of its real servers. */
async function figures(line: string): Promise<number[][]> {
  const listed = await rows(network.director, line);
  return listed.map((row) =>
    row
      .replace(/^.*:80\s+/, '')
      .split(/\s+/)
      .map(Number),
  );
}

/** The totals of the whole director, and its rates, as /proc/net/ip_vs_stats has them. */
async function wholeDirector() {
  const lines = (await fileLines('ip_vs_stats')).map((words) =>
    words.map((word) => parseInt(word, 16)),
  );
  return { totals: lines[2], rates: lines[5] };
}

describe('four connections that are open', () => {
  /** How the real servers know the clients, `ADDRESS:PORT`. */
  const clients: [string[], string[]] = [[], []];

  beforeAll(async () => {
    const { client, director, realServers } = network;
    await addRules(director, [
      `-A -t ${VIP}:80 -s rr`,
      `-a -t ${VIP}:80 -r 192.168.10.11 -m`,
      `-a -t ${VIP}:80 -r 192.168.10.12 -m`,
    ]);
    await shown(director, '--set 600 60 200');
    await hold(client, { host: VIP, port: 80, times: 4 });
    for (const [index, { namespace }] of realServers.entries()) {
      const came = (await visits(namespace)).map((visit) => visit.replace(' ', ':'));
      clients[index === 0 ? 0 : 1].push(...came);
    }
  });

  test('S56: are active in the list and in /proc/net/ip_vs', async () => {
    expect(await rows(network.director, '-Ln')).toEqual([
      `TCP  ${VIP}:80 rr`,
      '  -> 192.168.10.11:80             Masq    1      2          0',
      '  -> 192.168.10.12:80             Masq    1      2          0',
    ]);
    const servers = (await fileLines('ip_vs')).filter(([arrow]) => arrow === '->').slice(1);
    expect(servers.sort()).toEqual([
      ['->', 'C0A80A0B:0050', 'Masq', '1', '2', '0'],
      ['->', 'C0A80A0C:0050', 'Masq', '1', '2', '0'],
    ]);
  });

  test('S56: are entries of -Lnc, of /proc/net/ip_vs_conn and of ip_vs_conn_sync', async () => {
    const servers = ['192.168.10.11:80', '192.168.10.12:80'];
    const expected = servers.flatMap((server, index) =>
      (clients[index] ?? []).map((client) => [client, `${VIP}:80`, server, 'ESTABLISHED']),
    );
    expect(clients.map(({ length }) => length)).toEqual([2, 2]);
    const listed = await entries(network.director, `${VIP}:80`);
    expect(listed.map(({ row }) => row)).toEqual(
      expected
        .map(([client = '', virtual, server, state]) => {
          return `TCP mm:ss  ${state} ${client.padEnd(18)} ${virtual}    ${server}`;
        })
        .sort(),
    );
    for (const file of ['ip_vs_conn', 'ip_vs_conn_sync']) {
      const found = (await fileLines(file)).filter(([protocol]) => protocol === 'TCP');
      const shownThere = found.map(([, ip, port, toIp, toPort, rip, rport, state]) => [
        endpoint(ip, port),
        endpoint(toIp, toPort),
        endpoint(rip, rport),
        state,
      ]);
      expect(shownThere.sort()).toEqual(expected.sort());
    }
  });

  test('S56: have the time that was set', async () => {
    const { director } = network;
    expect(await shown(director, '-L --timeout')).toBe('Timeout (tcp tcpfin udp): 600 60 200\n');
    for (const { secondsLeft } of await entries(director, `${VIP}:80`)) {
      expect(secondsLeft).toBeLessThanOrEqual(600);
      expect(secondsLeft).toBeGreaterThan(200);
    }
  });

  test('S56: are counted in --stats and in /proc/net/ip_vs_stats, the same packets and bytes', async () => {
    const counted = async () => {
      const [service = [], ...servers] = await figures('-Ln --stats --exact');
      const sums = service.map((_, at) => servers.reduce((sum, own) => sum + (own[at] ?? 0), 0));
      const { totals } = await wholeDirector();
      const perCpu = (await fileLines('ip_vs_stats_percpu')).find(([cpu]) => cpu === '~');
      const files = [totals, perCpu?.slice(1).map((word) => parseInt(word, 16))];
      const views = new Set([service, sums, ...files].map(String));
      return { views: views.size, connections: [service, ...servers].map(([first]) => first) };
    };
    await expect.poll(counted, PATIENCE).toEqual({ views: 1, connections: [4, 2, 2] });
    const [[, , outPackets, , outBytes] = []] = await figures('-Ln --stats');
    expect(outPackets).toBeGreaterThan(0);
    expect(outBytes).toBeGreaterThan(0);
  });

  test('S56: make the same rates in --rate and in /proc/net/ip_vs_stats', async () => {
    const agreed = async () => {
      // More of them, for rates fade.
      await hold(network.client, { host: VIP, port: 80, times: 4 });
      const [service = []] = await figures('-Ln --rate');
      const { rates } = await wholeDirector();
      return service.every((rate) => rate > 0) && String(service) === String(rates);
    };
    await expect.poll(agreed, PATIENCE).toBe(true);
  });
});

test('S56: the kernel logs a service that no real server can serve', async () => {
  const { client, director } = network;
  await addRules(director, [`-A -t ${VIP}:5656 -s rr`]);
  const reported = async () => {
    expect(await ask(client, { host: VIP, port: 5656 })).toEqual(['failed: ECONNREFUSED']);
    return (await lab().run(['sh', '-c', 'dmesg | grep IPVS:'])).stdout;
  };
  // Again, since the kernel keeps quiet when it has said much.
  const words = `IPVS: rr: TCP ${VIP}:5656 - no destination available\n`;
  await expect.poll(reported, PATIENCE).toContain(words);
});
