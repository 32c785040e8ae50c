import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { projectFolder } from '../../lab/project.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, type } from '../../support/forwarding.js';

/** FTP names addresses in its control connection: by masquerading it takes the module ip_vs_ftp, which reads along. */

const lab = useLab();
let network: Network;

/** A port that the module does not look at. */
const UNWATCHED = 2121;

beforeAll(async () => {
  expect((await lab().run(['/run/modprobe', 'ip_vs_ftp'])).code).toBe(0);
  network = await buildNatNetwork(lab(), { realServers: 1 });
  const [realServer] = network.realServers;
  if (realServer === undefined) throw new Error('a real server was asked for');
  const server = join(projectFolder, 'test/lab/guest/ftp.ts');
  await realServer.namespace.call(server, 'serveFile', 'a file of rs1\n', [21, UNWATCHED]);
  for (const port of [21, UNWATCHED])
    await type(
      network.director,
      `-A -t 172.16.100.1:${port} -s rr
      -a -t 172.16.100.1:${port} -r 192.168.10.11 -m
      -A -t [2001:db8:100::1]:${port} -s rr
      -a -t [2001:db8:100::1]:${port} -r [2001:db8:10::11]:${port} -m`,
    );
});

afterAll(async () => {
  await network.close();
});

interface Transfer {
  /** curl's exit status. */
  readonly code: number;
  readonly file: string;
  /** What it said and heard on the control connection. */
  readonly control: string;
}

async function transfer(url: string, words: readonly string[]): Promise<Transfer> {
  const argv = ['curl', '-gsv', '-m', '10', '--no-ftp-skip-pasv-ip', ...words, url];
  const { code, stdout, stderr } = await network.client.run(argv);
  const control = stderr.replaceAll('\r', '').replaceAll(/^[^<>].*\n/gm, '');
  return { code, file: stdout, control };
}

const resolvedRoutes = {
  passive: ['172.16.100.1', ['--disable-epsv'], /^< 227 .*\(172,16,100,1,\d+,\d+\)/m],
  'extended passive': ['172.16.100.1', [], /^< 229 .*\(\|\|\|\d+\|\)/m],
  active: [
    '172.16.100.1',
    ['--disable-eprt', '--ftp-port', '-'],
    /^> PORT 172,16,100,10,\d+,\d+$/m,
  ],
  'passive IPv6': ['[2001:db8:100::1]', [], /^< 229 .*\(\|\|\|\d+\|\)/m],
  'active IPv6': [
    '[2001:db8:100::1]',
    ['--ftp-port', '-'],
    /^> EPRT \|2\|2001:db8:100::10\|\d+\|$/m,
  ],
} as const;

for (const [name, [host, words, said]] of Object.entries(resolvedRoutes)) {
  test(`S45: ${name} transfers pass a director with ip_vs_ftp`, async () => {
    const { code, file, control } = await transfer(`ftp://${host}/file`, words);
    expect({ code, file, control }).toMatchObject({ code: 0, file: 'a file of rs1\n' });
    expect(control).toMatch(said);
    expect(control).toMatch(/^< 226 that is all$/m);
    expect(control).not.toMatch(/192,168,10/);
  });

  test(`S45: ${name} transfers do not pass it on a port that ip_vs_ftp does not look at`, async () => {
    const url = `ftp://${host}:${UNWATCHED}/file`;
    const { code, file, control } = await transfer(url, [...words, '-m', '5']);
    expect(code).not.toBe(0);
    expect(file).toBe('');
    // The control connection itself is fine.
    expect(control).toMatch(/^< 230 welcome$/m);
    if (name === 'passive') expect(control).toMatch(/^< 227 .*\(192,168,10,11,/m);
  });
}

test('S45: the data connection is listed beside the control connection', async () => {
  const { director } = network;
  const { code, control } = await transfer('ftp://172.16.100.1/file', ['--disable-epsv']);
  expect(code).toBe(0);
  const [, high, low] = /\(172,16,100,1,(\d+),(\d+)\)/.exec(control) ?? [];
  const port = Number(high) * 256 + Number(low);
  await expect
    .poll(() => connections(director, `172.16.100.1:${port}`), SOON)
    .toEqual([`TIME_WAIT 172.16.100.10 -> 192.168.10.11:${port}`]);
});
