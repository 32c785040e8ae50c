import { expect, test } from 'vitest';
import { forwardingOff } from '../../../src/doctor/checks/forwarding.js';
import { evidence } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';

const services = [
  {
    service: { protocol: 'tcp', address: '192.0.2.1', port: 80 },
    destinations: [
      { destination: { address: '10.0.0.11', port: 80 }, settings: { forwardingMethod: 'nat' } },
    ],
  },
] as const;
const run = fakeIp({ resolvedRoutes: { '10.0.0.11': 'eth1' } });

test.each([
  [0, 0, ['net.ipv4.ip_forward = 0']],
  [1, 0, ['net.ipv4.conf.eth1.forwarding = 0']],
  // The interface that replies come in by has a value of its own, and it counts.
  [0, 1, []],
  [1, 1, []],
  [0, undefined, ['net.ipv4.ip_forward = 0']],
  [1, undefined, []],
])('ip_forward %i and forwarding of the interface %s: %j', async (all, own, found) => {
  const settings = {
    'net/ipv4/ip_forward': all,
    ...(own !== undefined && { 'net/ipv4/conf/eth1/forwarding': own }),
  };
  expect(await evidence(forwardingOff, { services, run, settings })).toEqual(found);
});
