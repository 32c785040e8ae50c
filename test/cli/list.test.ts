/** What `ipvs list` shows, of a kernel with a table of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatRecords } from '../../src/state/records.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import type { PresetService } from '../../src/testing/presets.js';
import { fakeMachine } from '../support/fake-machine.js';
import { ipvs } from '../support/ipvs-command.js';

const counted = {
  connections: 12_345n,
  incomingPackets: 99_999n,
  outgoingPackets: 1_000_000n,
  incomingBytes: 2n ** 60n,
  outgoingBytes: 0n,
  rates: { connectionsPerSecond: 5, incomingBytesPerSecond: 1_500 },
};
const services: readonly PresetService[] = [
  { service: 'mark:7', settings: { scheduler: 'rr' } },
  {
    service: 'tcp:192.0.2.10:80',
    settings: { scheduler: 'wrr' },
    statistics: counted,
    destinations: [
      {
        destination: '10.0.0.10:8080',
        settings: { forwardingMethod: 'nat', weight: 1, upperThreshold: 5, lowerThreshold: 2 },
        activeConnections: 4,
        inactiveConnections: 1,
      },
      {
        destination: '10.0.0.9:8080',
        settings: { forwardingMethod: 'nat', weight: 3 },
        activeConnections: 7,
        statistics: counted,
      },
    ],
  },
  {
    service: 'udp:192.0.2.9:53',
    settings: { scheduler: 'sh', onePacket: true, schedulerFlags: [1] },
    destinations: [
      { destination: '10.0.0.9:53', settings: { forwardingMethod: 'dr', weight: 0 } },
      {
        destination: '10.0.1.7:53',
        settings: { forwardingMethod: 'dr', weight: 0 },
        activeConnections: 2,
      },
    ],
  },
  {
    service: 'tcp:[2001:db8::1]:443',
    settings: { scheduler: 'wlc', persistence: { timeoutSeconds: 600, prefixLength: 64 } },
    destinations: [
      {
        destination: '[2001:db8::2]:443',
        settings: { forwardingMethod: 'tun', tunnel: { type: 'gue', port: 6080 } },
        persistentConnections: 2,
      },
    ],
  },
];

/** Runs the command on a machine whose records give a service a name. */
async function list(words: string, presets = services) {
  const state = mkdtempSync(join(tmpdir(), 'ipvs-list-'));
  onTestFinished(() => {
    rmSync(state, { recursive: true });
  });
  const named = new Map([['tcp:192.0.2.10:80', { name: 'web' }]]);
  writeFileSync(join(state, 'table.json'), formatRecords({ services: named, drained: new Map() }));
  const kernel = tableKernel({ services: presets });
  const given = words === '' ? [] : words.split(' ');
  return ipvs(['list', ...given], { kernel, state, host: fakeMachine({}) });
}

describe('x', () => {
  test('y', async () => {
    for (const w of [
      '',
      '--stats',
      '-o wide',
      '--json',
      '--down',
      '--columns service,server,weight,scheduler,share',
      '-o yaml mark:7',
      'mark:9 10.0.0.9:8080 --exact --rates',
      'web --no-servers',
      '10.0.0.9',
      'x:y',
      '--sort weight:desc',
      '--columns q',
    ]) {
      const o = await list(w);
      console.log(`== ${w} (${o.status})\n${o.stdout}${o.stderr}`);
    }
    expect(1).toBe(1);
  });
});
