import { expect, test } from 'vitest';
import { buildNatNetwork } from '../../lab/network.js';
import { ask, serve } from '../../lab/peers.js';
import { finding, findingsOf, fix } from '../../support/doctor.js';
import { useLab } from '../../support/director.js';

const lab = useLab();

test('forwarding-off: the doctor finds NAT without forwarding, and its fix turns it on', async () => {
  await using network = await buildNatNetwork(lab(), { realServers: 1 });
  const { client, director, virtual } = network;
  const [realServer] = network.realServers;
  if (realServer === undefined) throw new Error('a real server');
  await serve(realServer.namespace, { name: 'rs1', tcp: [80] });
  const service = `${virtual.ipv4}:80`;
  await director.ipvsadm(['-A', '-t', service, '-s', 'rr']);
  await director.ipvsadm(['-a', '-t', service, '-r', realServer.addresses.ipv4, '-m']);
  expect(await findingsOf(director)).toEqual([]);
  await director.run(['sh', '-c', 'echo 0 >/proc/sys/net/ipv4/ip_forward']);
  const where = { host: virtual.ipv4, port: 80 };
  expect(await ask(client, { ...where, deadlineMs: 1000 })).toEqual(['failed: timeout']);
  const found = await finding(director, 'forwarding-off');
  expect(found).toMatchObject({
    severity: 'error',
    occurrences: [
      { evidence: 'net.ipv4.ip_forward = 0', fix: ['sysctl -w net.ipv4.ip_forward=1'] },
    ],
  });
  if (found !== undefined) await fix(director, found);
  expect(await finding(director, 'forwarding-off')).toBeUndefined();
  expect(await ask(client, where)).toEqual(['rs1']);
});
