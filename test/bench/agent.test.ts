import { expect, test } from 'vitest';
import { agentFile, keepalivedFile, USUAL, verdictMs } from '../../bench/agent-files.js';
import { onTimePercent } from '../../bench/phase.js';
import { cpuMsIn, megabytesIn } from '../../bench/usage.js';
import { readAgentConfig } from '../../src/agent/config/read-config.js';
import { parseState } from '../../src/state/file/parse.js';

/** What the row `agent` counts with. */

const onTime = (times: Readonly<Record<number, readonly number[]>>, servers: number): number => {
  const arrivals = Object.entries(times).flatMap(([address, all]) =>
    all.map((atMs) => ({ address: Number(address), atMs })),
  );
  return onTimePercent(arrivals, servers, 1000, 3000, 200);
};

test('checks that keep their phase are on time, whatever it is', () => {
  expect(onTime({ 1: [100, 1100, 2100], 2: [950, 1960, 2940] }, 2)).toBe(100);
});

test('one that comes late is not, though the next one is again', () => {
  expect(onTime({ 1: [100, 1350, 2100] }, 1)).toBeCloseTo(66.67);
});

test('the first may be the late one', () => {
  expect(onTime({ 1: [400, 1100, 2100] }, 1)).toBeCloseTo(66.67);
});

test('checks that do not come are late: one of three, and those of a server that nobody asks', () => {
  expect(onTime({ 1: [100, 2100] }, 1)).toBeCloseTo(66.67);
  expect(onTime({ 1: [100, 1100, 2100] }, 2)).toBe(50);
});

test('processor time and memory are read from /proc, whatever a process calls itself', () => {
  const stat = `7 (a) b (c) S 1 7 7 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 1 0 99`;
  expect(cpuMsIn(stat)).toBe(2000);
  expect(megabytesIn('VmHWM:\t  1000000 kB\nVmRSS:\t    1000 kB\n', 'VmRSS')).toBe(1.024);
});

const FARMS = [
  { port: 8001, servers: 1, each: 1 },
  { port: 8002, servers: 3, each: 2 },
];

test('the file of the agent has the services and servers that were asked for, with that rhythm', () => {
  const { services } = readAgentConfig(parseState(agentFile(FARMS, USUAL)));
  expect(services.map(({ key, servers }) => [key, servers.map((one) => one.key)])).toEqual([
    ['tcp:10.1.0.0:80', ['127.1.0.0:8001']],
    ['tcp:10.1.0.1:80', ['127.1.0.1:8002', '127.1.0.2:8002']],
    ['tcp:10.1.0.2:80', ['127.1.0.3:8002']],
  ]);
  const rules = services[0]?.servers[0]?.checks[0]?.rules;
  expect(rules).toMatchObject({ intervalMs: 2000, fastIntervalMs: 1000, fall: 3 });
  expect(verdictMs(USUAL)).toBe(4000);
});

test('that of keepalived has the same', () => {
  const text = keepalivedFile(FARMS, USUAL);
  expect(text.match(/virtual_server \S+ \d+/g)).toEqual([
    ...['virtual_server 10.1.0.0 80', 'virtual_server 10.1.0.1 80', 'virtual_server 10.1.0.2 80'],
  ]);
  expect(text.match(/real_server \S+ \d+/g)).toHaveLength(4);
  expect(text).toMatch(/delay_loop 2\n[^]*retry 2\n\s*delay_before_retry 1\n/);
});
