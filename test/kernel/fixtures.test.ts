/**
 * Captures the fixtures again, from the genuine program on the lab's kernel (needs Debian's package `strace`):
 *
 *     IPVS_CAPTURE=1 npx vitest run --project kernel fixtures
 *
 * Services come in another order each time: the kernel's hash table is seeded. Each of {@link RUNS} is one run of the program, in this order in one namespace; its name is the key in
 * test/fixtures/genuine.json.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { useNamespace } from '../support/director.js';
import { readTrace } from './fixtures/strace.js';
import type { Exchange } from './fixtures/strace.js';

const director = useNamespace();

const WEB = '-t 192.0.2.1:80';
const DNS6 = '-u [2001:db8::1]:53';

const RUNS: Readonly<Record<string, string>> = {
  tcp: `-A ${WEB} -s rr`,
  refused: `-A ${WEB} -s rr`,
  persistentIpv6: `-A ${DNS6} -s wlc -p 600 -M 64`,
  sip: '-A -u 192.0.2.1:5060 -s rr -p 60 -M 255.255.255.0 --pe sip',
  onePacket: '-A -u 192.0.2.1:53 -s wrr -o',
  sctp: '-A --sctp-service 192.0.2.1:36412 -s sed',
  mark: '-A -f 4294967295 -s sh -b sh-fallback,sh-port',
  markIpv6: '-A -f 7 -6 -s mh -p 360',
  nat: `-a ${WEB} -r 10.0.0.2:8080 -m -w 3 -x 100 -y 50`,
  dr: `-a ${WEB} -r 10.0.0.3 -g -w 2147483647`,
  ipip: `-a ${WEB} -r 10.0.0.4 -i`,
  gue: `-a ${WEB} -r 10.0.0.5 -i --tun-type gue --tun-port 6080 --tun-remcsum`,
  gre: `-a ${WEB} -r 10.0.0.6 -i --tun-type gre --tun-csum`,
  tunnelToIpv6: `-a ${WEB} -r [2001:db8::6]:80 -i`,
  ipv6: `-a ${DNS6} -r [2001:db8::7]:53 -m -w 0`,
  editService: `-E ${WEB} -s wrr -p 90`,
  editServer: `-e ${WEB} -r 10.0.0.2:8080 -m -w 4`,
  list: '-Ln',
  zeroOne: `-Z ${WEB}`,
  zeroAll: '-Z',
  deleteServer: `-d ${WEB} -r 10.0.0.3:80`,
  deleteService: `-D ${WEB}`,
  setTimeouts: '--set 600 60 30',
  timeouts: '-L --timeout',
  startMaster:
    '--start-daemon master --mcast-interface eth0 --syncid 7 --sync-maxlen 1200 --mcast-group 239.1.2.3 --mcast-port 9000 --mcast-ttl 2',
  startBackup: '--start-daemon backup --mcast-interface eth0',
  daemons: '-L --daemon',
  stopMaster: '--stop-daemon master',
  clear: '-C',
};

async function capture(command: string): Promise<Exchange[]> {
  const strace = ['strace', '-f', '-e', 'trace=sendmsg,recvmsg', '-e', 'read=all'];
  const argv = [...strace, '-e', 'write=all', '/sbin/ipvsadm', ...command.split(' ')];
  const { stderr } = await director().run(argv);
  return readTrace(stderr);
}

const CONTROLLER = 0x10;
const typeOf = (message: string) => Buffer.from(message, 'hex').readUInt16LE(4);

const file = join(import.meta.dirname, '../fixtures/genuine.json');

async function captureAll(): Promise<void> {
  const setUp =
    'ip link add eth0 type dummy && ip addr add 192.0.2.9/24 dev eth0 && ip link set eth0 up';
  expect((await director().run(['sh', '-c', setUp])).code).toBe(0);
  const captured: Record<string, { command: string; exchanges: Exchange[] }> = {};
  for (const [name, command] of Object.entries(RUNS)) {
    const exchanges = await capture(command);
    const family = exchanges.find(({ request }) => typeOf(request) === CONTROLLER);
    if (family !== undefined) captured['family'] ??= { command, exchanges: [family] };
    const ours = exchanges.filter(({ request }) => typeOf(request) !== CONTROLLER);
    captured[name] = { command, exchanges: ours };
  }
  await writeFile(
    file,
    await format(JSON.stringify(captured), { parser: 'json', printWidth: 100 }),
  );
  expect(Object.keys(captured)).toHaveLength(Object.keys(RUNS).length + 1);
}

async function compareNames(): Promise<void> {
  const stored = JSON.parse(await readFile(file, 'utf8')) as Record<string, { command: string }>;
  const { family, ...runs } = stored;
  expect(family?.command).toBe(RUNS['tcp']);
  const commands = Object.entries(runs).map(([name, { command }]) => [name, command]);
  expect(Object.fromEntries(commands)).toEqual(RUNS);
}

if (process.env['IPVS_CAPTURE'] === undefined) {
  test('the fixtures are of these runs', compareNames);
} else {
  test('captures the fixtures', captureAll);
}
