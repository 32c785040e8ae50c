import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  acceptVirtualAddress,
  buildFlatNetwork,
  countAnswers,
  perform,
  serveName,
  type Network,
} from '../../lab/network.js';
import { useLab } from '../../support/director.js';
import { SOON, connections, type } from '../../support/forwarding.js';
import { shown } from '../../support/shown.js';

/** The director is a real server itself. */

const lab = useLab();
let network: Network;

beforeAll(async () => {
  network = await buildFlatNetwork(lab(), { realServers: 1 });
  const [realServer] = network.realServers;
  if (realServer === undefined) throw new Error('a real server was asked for');
  await acceptVirtualAddress(realServer.namespace, network.virtual);
  for (const port of [80, 81, 82]) {
    await serveName(realServer.namespace, { name: 'rs1', port });
    await serveName(network.director, { name: 'sorry', port });
  }
  await serveName(network.director, { name: 'mapped', port: 8080 });
});

afterAll(async () => {
  await network.close();
});

const HEADING = `Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
`;

test('S47: a sorry server on 127.0.0.1 answers in the name of the service, until a real server is back', async () => {
  const { client, director } = network;
  const service = '192.168.1.200:80';
  await type(director, `-A -t ${service} -s wlc\n-a -t ${service} -r 127.0.0.1 -g`);
  expect(await shown(director, `-Ln -t ${service}`)).toBe(`${HEADING}TCP  ${service} wlc
  -> 127.0.0.1:80                 Route   1      0          0
`);
  expect(await countAnswers(client, `http://${service}/`, 2)).toEqual(new Map([['sorry', 2]]));
  // The director sees the answers too, since they are its own.
  await expect
    .poll(() => connections(director, service), SOON)
    .toEqual(Array(2).fill('TIME_WAIT 192.168.1.101 -> 127.0.0.1:80'));
  await type(
    director,
    `-a -t ${service} -r 192.168.1.191 -g
    -d -t ${service} -r 127.0.0.1`,
  );
  expect(await countAnswers(client, `http://${service}/`, 2)).toEqual(new Map([['rs1', 2]]));
  await expect.poll(() => shown(director, `-Ln -t ${service}`), SOON)
    .toBe(`${HEADING}TCP  ${service} wlc
  -> 192.168.1.191:80             Route   1      0          2
`);
});

test('S47: a sorry server that listens on 127.0.0.1 alone is not found', async () => {
  const { client, director } = network;
  const service = '192.168.1.200:84';
  await perform(director, 'busybox httpd -p 127.0.0.1:84 -h /run/www >/dev/null 2>&1');
  await type(director, `-A -t ${service} -s wlc\n-a -t ${service} -r 127.0.0.1 -g`);
  // It is asked for the virtual address.
  expect(await countAnswers(client, `http://${service}/`, 1)).toEqual(
    new Map([['failed: ECONNREFUSED', 1]]),
  );
});

test('S47: nothing is masqueraded to 127.0.0.1', async () => {
  const { client, director } = network;
  const service = '192.168.1.200:81';
  await type(director, `-A -t ${service} -s wlc\n-a -t ${service} -r 127.0.0.1 -m`);
  expect(await shown(director, `-Ln -t ${service}`)).toBe(`${HEADING}TCP  ${service} wlc
  -> 127.0.0.1:81                 Masq    1      0          0
`);
  expect(await countAnswers(client, `http://${service}/`, 1, 2000)).toEqual(
    new Map([['failed: timeout', 1]]),
  );
});

test('S14: a local real server, by its own address, is as good as another, by every method and in both families', async () => {
  const { client, director } = network;
  const sites = [
    { service: '192.168.1.200', local: '192.168.1.190', remote: '192.168.1.191' },
    { service: '[2001:db8:1::200]', local: '[2001:db8:1::190]', remote: '[2001:db8:1::191]' },
  ];
  for (const { service, local, remote } of sites) {
    const at = `${service}:82`;
    for (const method of ['-g', '-i', '-m']) {
      await type(
        director,
        `-A -t ${at} -s rr
        -a -t ${at} -r ${remote}:82 -g
        -a -t ${at} -r ${local}:82 ${method}`,
      );
      const answers = await countAnswers(client, `http://${at}/`, 4);
      expect({ at, method, ...Object.fromEntries(answers) }).toEqual({
        at,
        method,
        rs1: 2,
        sorry: 2,
      });
      await type(director, `-D -t ${at}`);
    }
  }
});

test('S14: a local real server may have another port, by masquerading', async () => {
  const { client, director } = network;
  const service = '192.168.1.200:83';
  await type(director, `-A -t ${service} -s rr\n-a -t ${service} -r 192.168.1.190:8080 -m`);
  expect(await countAnswers(client, `http://${service}/`, 1)).toEqual(new Map([['mapped', 1]]));
  await expect
    .poll(() => connections(director, service), SOON)
    .toEqual(['TIME_WAIT 192.168.1.101 -> 192.168.1.190:8080']);
  // Nothing is forwarded: all of it is the director's own.
  expect(await perform(director, 'cat /proc/sys/net/ipv4/ip_forward')).toBe('0\n');
});
