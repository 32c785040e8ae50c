import { expect, test } from 'vitest';
import { defenceAlways, sloppyTcp } from '../../../src/doctor/checks/defence.js';
import { evidence, runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';
import type { PresetService } from '../../../src/testing/presets.js';

test('defences that begin by themselves, or that no client feels, are well', async () => {
  for (const value of [0, 1, 2]) {
    const settings = { 'net/ipv4/vs/drop_packet': value, 'net/ipv4/vs/drop_entry': value };
    expect(await runCheck(defenceAlways, { settings })).toEqual([]);
  }
  expect(await runCheck(defenceAlways, { settings: { 'net/ipv4/vs/secure_tcp': 3 } })).toEqual([]);
  expect(await runCheck(defenceAlways, {})).toEqual([]);
});

const settings = { 'net/ipv4/vs/sloppy_tcp': 1 };
const destinations = [{ destination: { address: '10.0.0.11', port: 0 } }];
const marked = (firewallMark: number, scheduler: string): PresetService => ({
  service: { firewallMark },
  settings: { scheduler },
  destinations,
});

test('sloppy TCP is reported once, with the first service', async () => {
  const services = [marked(1, 'sh'), marked(2, 'rr'), marked(3, 'wlc')];
  expect(await evidence(sloppyTcp, { settings, services })).toEqual([
    'net.ipv4.vs.sloppy_tcp = 1, no sync daemon, mark:2 by rr and 1 more',
  ]);
});

test.each<[string, Known]>([
  ['off', { settings: { 'net/ipv4/vs/sloppy_tcp': 0 }, services: [marked(1, 'rr')] }],
  ['unknown to the kernel', { services: [marked(1, 'rr')] }],
  ['beside hashes', { settings, services: [marked(1, 'sh'), marked(2, 'mh')] }],
  [
    'beside a sync daemon',
    { settings, services: [marked(1, 'rr')], daemons: [{ state: 'backup', interface: 'eth0' }] },
  ],
  [
    'beside UDP',
    {
      settings,
      services: [{ service: { protocol: 'udp', address: '192.0.2.1', port: 53 }, destinations }],
    },
  ],
])('sloppy TCP is well %s', async (_, known) => {
  expect(await runCheck(sloppyTcp, known)).toEqual([]);
});
