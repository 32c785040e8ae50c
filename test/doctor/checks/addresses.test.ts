import { expect, test } from 'vitest';
import {
  virtualAddressMissing,
  virtualAddressPrefix,
} from '../../../src/doctor/checks/addresses.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';

const services = [
  { service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } },
  { service: { protocol: 'udp', address: '192.0.2.1', port: 53 } },
  { service: { firewallMark: 1 } },
] as const;
const eth0 = { name: 'eth0', addresses: ['192.0.2.11/24'] };
const away = fakeIp({ links: [eth0], resolvedRoutes: { '192.0.2.1': 'eth0' } });

test('a missing address is reported once, however many services it has', async () => {
  expect(await runCheck(virtualAddressMissing, { services, run: away })).toEqual([
    {
      evidence: '192.0.2.1 is not on this machine, and tcp:192.0.2.1:80 needs it',
      fix: ['ip address add 192.0.2.1/32 dev eth0'],
    },
  ]);
});

test('an address without a route is put on the first interface of a wire', async () => {
  const links = [
    { name: 'lo', addresses: ['127.0.0.1/8'] },
    { ...eth0, name: 'bond0' },
  ];
  const found = await runCheck(virtualAddressMissing, { services, run: fakeIp({ links }) });
  expect(found[0]?.fix).toEqual(['ip address add 192.0.2.1/32 dev bond0']);
});

test('nothing is found where a route makes it local, also by the mark of packets', async () => {
  const local = fakeIp({ resolvedRoutes: { '192.0.2.1': 'local' } });
  expect(await runCheck(virtualAddressMissing, { services, run: local })).toEqual([]);
  const resolvedRoutes = { '192.0.2.1': 'eth0', '192.0.2.1 mark 0x1': 'local' };
  const byMark = fakeIp({ links: [eth0], resolvedRoutes, marks: ['0x1/0xff'] });
  expect(await runCheck(virtualAddressMissing, { services, run: byMark })).toEqual([]);
});

test('a director that stands by has no address', async () => {
  const daemons = [{ state: 'backup', interface: 'eth0' }] as const;
  expect(await runCheck(virtualAddressMissing, { services, run: away, daemons })).toEqual([]);
  const mover = {
    files: { '/proc/7/comm': 'keepalived\n' },
    links: { '/proc/self/ns/net': 'net:[1]', '/proc/7/ns/net': 'net:[1]' },
  };
  expect(await runCheck(virtualAddressMissing, { services, run: away, ...mover })).toEqual([]);
  const elsewhere = { ...mover.links, '/proc/7/ns/net': 'net:[2]' };
  expect(
    await evidence(virtualAddressMissing, { services, run: away, ...mover, links: elsewhere }),
  ).toHaveLength(1);
});

test('what is meant by --vip is looked for on a director that stands by too, and on a real server', async () => {
  const virtualAddresses = ['192.0.2.9', '2001:db8::9'];
  const settings = { 'net/ipv4/conf/all/arp_ignore': 0, 'net/ipv4/conf/all/arp_announce': 2 };
  expect(await runCheck(virtualAddressMissing, { run: away, virtualAddresses, settings })).toEqual([
    {
      evidence: '192.0.2.9 is not on this machine, and --vip names it',
      fix: ['sysctl -w net.ipv4.conf.all.arp_ignore=1', 'ip address add 192.0.2.9/32 dev lo'],
    },
    {
      evidence: '2001:db8::9 is not on this machine, and --vip names it',
      fix: ['ip address add 2001:db8::9/128 dev lo preferred_lft 0 nodad'],
    },
  ]);
});

test('an address that is kept on an interface that is down needs the interface', async () => {
  const links = [{ name: 'dummy0', addresses: ['2001:db8::9/128'], down: true }];
  const virtualAddresses = ['2001:db8::9'];
  const found = await runCheck(virtualAddressMissing, { run: fakeIp({ links }), virtualAddresses });
  expect(found[0]?.fix).toEqual(['ip link set dummy0 up']);
});

test('a net on lo is a fault where it covers a wire or a gateway, or where its address was named', async () => {
  const lo = { name: 'lo', addresses: ['127.0.0.1/8', '192.0.2.1/24'] };
  const covering = fakeIp({ links: [lo, eth0] });
  expect(await runCheck(virtualAddressPrefix, { run: covering })).toEqual([
    {
      evidence: '192.0.2.1/24 dev lo, which covers 192.0.2.11/24 dev eth0',
      fix: ['ip address del 192.0.2.1/24 dev lo', 'ip address add 192.0.2.1/32 dev lo'],
    },
  ]);
  // A whole net that is virtual, for transparent proxies.
  const apart = fakeIp({ links: [{ name: 'lo', addresses: ['198.51.100.1/24'] }, eth0] });
  expect(await runCheck(virtualAddressPrefix, { run: apart })).toEqual([]);
  const virtualAddresses = ['198.51.100.1'];
  expect(await evidence(virtualAddressPrefix, { run: apart, virtualAddresses })).toEqual([
    '198.51.100.1/24 dev lo',
  ]);
});
