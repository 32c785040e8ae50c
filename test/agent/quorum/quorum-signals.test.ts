import { describe, expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { quorumSignals, QuorumSignals } from '../../../src/agent/quorum/quorum-signals.js';
import type { QuorumSystem } from '../../../src/agent/quorum/quorum-system.js';
import { parseState } from '../../../src/state/file/parse.js';

const TEXT = `services:
  - service: tcp:192.0.2.1:80
    announce: {interface: dummy0}
    trackFile: /run/web
  - service: tcp:192.0.2.1:443
    announce: {interface: dummy0}
  - service: tcp:192.0.2.2:80`;

function scene(text = TEXT) {
  let { services } = readAgentConfig(parseState(text));
  const met = new Map(services.map(({ key }) => [key, true]));
  const calls: string[] = [];
  const said: string[] = [];
  const state = { failure: undefined as Error | undefined };
  const late = new Set<string>();
  /** Services whose next quorum is waited for again. */
  const forgotten = new Set<string>();
  const done = (call: string) => {
    if (state.failure !== undefined) return Promise.reject(state.failure);
    calls.push(call);
    return Promise.resolve();
  };
  const system: QuorumSystem = {
    writeFile: (path, content) => done(`${path} ${content.trim()}`),
    setAddress: (device, address, isThere) => done(`${address} ${device} ${isThere}`),
  };
  const signals = new QuorumSignals({
    system,
    wanted: () =>
      quorumSignals(services, (key) => {
        const isQuorumMet = met.get(key);
        return isQuorumMet === undefined ? undefined : { isQuorumMet };
      }),
    readiness: {
      isReady: (service) => !late.has(service),
      forget: (service) => forgotten.add(service),
    },
    tableIsWritten: () => {
      calls.push('table');
      return Promise.resolve();
    },
    tell: ({ reason = '' }) => said.push(reason),
  });
  const updated = async () => {
    signals.update();
    await signals.settled();
    return calls.splice(0);
  };
  const use = (other: string) => {
    ({ services } = readAgentConfig(parseState(other)));
  };
  return { signals, met, late, forgotten, updated, calls, said, state, use };
}

describe('the quorum of a service', () => {
  test('is in its file and on its interface, and written when it changes alone', async () => {
    const { met, updated } = scene();
    expect(await updated()).toEqual(['table', '/run/web 0', '192.0.2.1 dummy0 true']);
    expect(await updated()).toEqual([]);
    met.set('tcp:192.0.2.1:80', false);
    expect(await updated()).toEqual(['/run/web 1', '192.0.2.1 dummy0 false']);
    met.set('tcp:192.0.2.1:80', true);
    expect(await updated()).toEqual(['table', '/run/web 0', '192.0.2.1 dummy0 true']);
  });

  test('holds an address that several services have only when all of them hold', async () => {
    const { met, updated } = scene();
    await updated();
    met.set('tcp:192.0.2.1:443', false);
    expect(await updated()).toEqual(['192.0.2.1 dummy0 false']);
  });

  test('is waited for again when it was met for a moment and never shown', async () => {
    const { met, late, forgotten, updated } = scene();
    const web = 'tcp:192.0.2.1:80';
    met.set(web, false);
    await updated();
    met.set(web, true);
    late.add(web);
    forgotten.clear();
    expect(await updated()).toEqual([]);
    expect(forgotten).not.toContain(web);
    met.set(web, false);
    expect(await updated()).toEqual([]);
    expect(forgotten).toContain(web);
  });

  test('is shown as met when all of its services are ready, and as lost at once', async () => {
    const { signals, met, late, updated } = scene();
    late.add('tcp:192.0.2.1:443');
    expect(await updated()).toEqual(['table', '/run/web 0']);
    expect(signals.waitsFor('tcp:192.0.2.1:443')).toBe(true);
    late.clear();
    expect(await updated()).toEqual(['table', '192.0.2.1 dummy0 true']);
    expect(signals.waitsFor('tcp:192.0.2.1:443')).toBe(false);
    late.add('tcp:192.0.2.1:443');
    expect(await updated()).toEqual([]);
    met.set('tcp:192.0.2.1:443', false);
    expect(await updated()).toEqual(['192.0.2.1 dummy0 false']);
  });

  test('is not shown before anything is decided', async () => {
    const { met, updated } = scene();
    met.clear();
    expect(await updated()).toEqual([]);
  });

  test('is shown again at each look: somebody may have changed it', async () => {
    const { signals, updated, calls } = scene();
    await updated();
    signals.refresh();
    await signals.settled();
    expect(calls).toEqual(['table', '/run/web 0', '192.0.2.1 dummy0 true']);
  });

  test('that leaves the file takes its address with it, and leaves its file', async () => {
    const { updated, use } = scene();
    await updated();
    use('services: []');
    expect(await updated()).toEqual(['192.0.2.1 dummy0 false']);
    expect(await updated()).toEqual([]);
  });

  test('counts as lost for others when the services are taken out at the end', async () => {
    const { signals, updated, calls } = scene();
    await updated();
    await signals.withdraw();
    expect(calls).toEqual(['/run/web 1', '192.0.2.1 dummy0 false']);
  });

  test('is tried again where it could not be shown, and that is said once', async () => {
    const { signals, updated, said, state, calls } = scene();
    state.failure = new Error('there is no interface dummy0');
    expect(await updated()).toEqual(['table']);
    expect(await updated()).toEqual(['table']);
    expect(said).toEqual([
      'trackFile /run/web: there is no interface dummy0',
      'announce: there is no interface dummy0',
    ]);
    state.failure = undefined;
    signals.refresh();
    await signals.settled();
    expect(calls).toEqual(['table', '/run/web 0', '192.0.2.1 dummy0 true']);
  });
});
