import { expect, test } from 'vitest';
import { moduleMissing, noRules } from '../../../src/doctor/checks/kernel.js';
import { runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import { fakeIp } from '../../support/fake-ip.js';

const run = fakeIp({});
const realServer = fakeIp({ links: [{ name: 'lo', addresses: ['192.0.2.1/32'] }] });
const unloaded = (known: Known) => runCheck(moduleMissing, { ...known, hasIpvs: false });

test('a machine without IPVS should have it, unless it is a real server or meant to be one', async () => {
  expect(await unloaded({ run })).toHaveLength(1);
  expect(await unloaded({ run: realServer })).toEqual([]);
  expect(await unloaded({ run, virtualAddresses: ['192.0.2.1'] })).toEqual([]);
  expect(await runCheck(moduleMissing, { run })).toEqual([]);
});

test('no rules are none of a real server, of a director with rules, or of one that takes in connections', async () => {
  expect(await runCheck(noRules, { run: realServer })).toEqual([]);
  expect(await runCheck(noRules, { run, virtualAddresses: ['192.0.2.1'] })).toEqual([]);
  expect(await runCheck(noRules, { run, services: [{ service: { firewallMark: 1 } }] })).toEqual(
    [],
  );
  const daemons = [{ state: 'backup', interface: 'eth0' }] as const;
  expect(await runCheck(noRules, { run, daemons })).toEqual([]);
});

test('rules of the system are named, if the file says anything', async () => {
  const withFile = async (text: string) => {
    const files = { '/etc/ipvsadm.rules': text };
    const [occurrence] = await runCheck(noRules, { run, files, role: 'director' });
    return occurrence?.fix;
  };
  expect(await withFile('-A -f 1\n')).toEqual(['ipvsadm-restore < /etc/ipvsadm.rules']);
  expect(await withFile('# empty, as it is installed\n')).toEqual(['ipvs director up FILE']);
});

test('an empty table is a finding only where a rules file or --role says that the machine is a director', async () => {
  expect(await runCheck(noRules, { run })).toEqual([]);
  expect(await runCheck(noRules, { run, role: 'realserver' })).toEqual([]);
  expect(await runCheck(noRules, { run, role: 'director' })).toHaveLength(1);
  const files = { '/etc/ipvsadm.rules': '-A -f 1\n' };
  expect(await runCheck(noRules, { run, files })).toHaveLength(1);
  expect(await runCheck(noRules, { run, files, role: 'realserver' })).toEqual([]);
  expect(await unloaded({ run, role: 'realserver' })).toEqual([]);
});
