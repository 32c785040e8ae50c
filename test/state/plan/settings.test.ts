/** Timeouts and daemons of a state file beside those of the kernel. */
import { describe, expect, test } from 'vitest';
import type { SyncDaemon } from '../../../src/ipvs/model/daemon.js';
import { planSettings } from '../../../src/state/plan/settings.js';
import type { WantedSettings } from '../../../src/state/plan/settings.js';

const running: SyncDaemon = {
  state: 'master',
  interface: 'eth1',
  syncId: 1,
  maximumLength: 1472,
  group: undefined,
  port: 8848,
  ttl: 1,
};
const current = {
  timeouts: { tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300 },
  syncDaemons: [running],
};
const steps = (wanted: Partial<WantedSettings>) =>
  planSettings(current, { timeouts: undefined, syncDaemons: undefined, ...wanted });

test('what a file does not name is left as it is', () => {
  expect(steps({})).toEqual([]);
});

test('of the timeouts only those change that differ', () => {
  expect(steps({ timeouts: { tcpSeconds: 900 } })).toEqual([]);
  expect(steps({ timeouts: { tcpSeconds: 60, udpSeconds: 300 } })).toMatchObject([
    { action: 'change', from: { tcpSeconds: 900 }, to: { tcpSeconds: 60 } },
  ]);
});

describe('a daemon', () => {
  test('that runs as it should is left alone; what a file leaves out is whatever it is', () => {
    const syncDaemons = [{ state: 'master', interface: 'eth1', syncId: 1 }] as const;
    expect(steps({ syncDaemons })).toEqual([]);
  });

  test('of other settings is stopped and started, and brought back so', () => {
    const syncDaemons = [{ state: 'master', interface: 'eth1', syncId: 2 }] as const;
    const [step] = steps({ syncDaemons });
    expect(step?.requests.map(({ type }) => type)).toEqual(['stopSyncDaemon', 'startSyncDaemon']);
    expect(step?.undo.at(-1)).toEqual({ type: 'startSyncDaemon', daemon: running });
  });

  test('that is not in the list is stopped', () => {
    expect(steps({ syncDaemons: [] })).toMatchObject([{ action: 'remove', setting: 'syncDaemon' }]);
  });
});
