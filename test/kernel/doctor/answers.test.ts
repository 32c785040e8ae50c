import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ask, serve } from '../../lab/peers.js';
import { finding, findAndFix } from '../../support/doctor.js';
import { shell } from '../../support/shell.js';
import { useLab } from '../../support/director.js';
import { type } from '../../support/forwarding.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** What NAT needs beside forwarding: answers that come back, and a look into FTP. */

const lab = useLab();
let network: Network;
let virtual: string;
let rs1: string;

beforeAll(async () => {
  network = await buildNatNetwork(lab(), { realServers: 1 });
  virtual = network.virtual.ipv4;
  rs1 = network.realServers[0]?.addresses.ipv4 ?? '';
});

afterAll(async () => {
  await network.close();
  // Modules are one for all namespaces; this one is free once the connections of the namespace are gone.
  await unload('ip_vs_ftp');
});

async function unload(module: string): Promise<void> {
  const line = 'if [ -e "/sys/module/$1" ]; then rmmod "$1"; fi';
  const gone = async () => {
    expect(await lab().run(['sh', '-c', line, 'sh', module])).toMatchObject({ code: 0 });
  };
  await vi.waitFor(gone, { timeout: PATIENCE_MS });
}

function realServer() {
  const [first] = network.realServers;
  if (first === undefined) throw new Error('a real server');
  return first.namespace;
}

test('answers-missing: the default gateway of a real server is not the director, until it is', async () => {
  const { client, director } = network;
  await serve(realServer(), { name: 'rs1', tcp: [80] });
  const service = `-t ${virtual}:80`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  const where = { host: virtual, port: 80 };
  const inVain = (times: number) => ask(client, { ...where, times, deadlineMs: 200 });
  await shell(realServer(), 'ip route del default');
  expect(new Set(await inVain(4))).toEqual(new Set(['failed: timeout']));
  expect(await finding(director, 'answers-missing')).toBeUndefined();
  expect(await inVain(2)).toEqual(['failed: timeout', 'failed: timeout']);
  // The kernel adds up its counters every 2 seconds.
  await expect
    .poll(() => finding(director, 'answers-missing'), { timeout: PATIENCE_MS })
    .toMatchObject({
      severity: 'error',
      occurrences: [
        {
          evidence: expect.stringMatching(
            `^tcp:${virtual}:80: 6 connections to ${rs1}:80 in SYN_RECV, [0-9]+ packets in, 0 out$`,
          ) as string,
          fix: [`On ${rs1}: ip route replace default via 192.168.10.1`],
        },
      ],
    });
  await shell(realServer(), 'ip route replace default via 192.168.10.1');
  expect(await ask(client, { ...where, times: 7 })).toEqual(Array(7).fill('rs1'));
  expect(await finding(director, 'answers-missing')).toBeUndefined();
});

/** A server that speaks just enough FTP for curl, and lets it fetch a greeting from port 10000. */
const FTP_SERVER = String.raw`cat >/run/ftp-server <<'END'
say() { printf '%s\r\n' "$1"; }
say '220 ready'
while read -r word rest; do case "$word" in
USER*) say '331 and the password?';; PASS*) say '230 welcome';; PWD*) say '257 "/"';; TYPE*) say '200 so be it';;
PASV*) say '227 Entering Passive Mode (192,168,10,11,39,16)';;
RETR*) say '150 here it is'; say '226 done';; QUIT*) say '221 bye'; exit;; *) say '500 what?';;
esac; done
END
(socat TCP-LISTEN:21,fork,reuseaddr SYSTEM:'sh /run/ftp-server' &
socat TCP-LISTEN:10000,fork,reuseaddr SYSTEM:'echo hello' &) >/dev/null 2>&1
for port in 21 10000; do until ss -ltn | grep -q ":$port "; do sleep 0.05; done; done`;

test('ftp-module-missing: passive transfers through NAT are refused until the fix is typed', async () => {
  const { client, director } = network;
  await shell(realServer(), FTP_SERVER);
  // Another test may have loaded it.
  await unload('ip_vs_ftp');
  const service = `-t ${virtual}:21`;
  await type(
    director,
    `
    -A ${service} -s rr
    -a ${service} -r ${rs1} -m
  `,
  );
  const fetch = () =>
    client.run([
      'curl',
      '-sS',
      '-m',
      '15',
      '--disable-epsv',
      `ftp://me:secret@${virtual}/greeting`,
    ]);
  expect(await fetch()).toMatchObject({ code: 7, stdout: '' });
  expect(await findAndFix(director, 'ftp-module-missing')).toEqual({
    severity: 'warning',
    occurrences: [
      {
        evidence: `tcp:${virtual}:21: real servers by NAT, and no ftp in /proc/net/ip_vs_app`,
        fix: ['modprobe ip_vs_ftp'],
      },
    ],
  });
  expect(await fetch()).toMatchObject({ code: 0, stdout: 'hello\n' });
});
