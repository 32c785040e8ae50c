/**
 * Thousands of servers that one agent checks, on this machine itself: in the lab, each system call takes several times as
 * long. The kernel's table is one in the agent's memory, whose time and place count as the agent's.
 */
import { writeFile } from 'node:fs/promises';
import { agentFile, USUAL, verdictMs, type Farm, type Rhythm } from '../../agent-files.js';
import { withScratch } from '../../host.js';
import { onTimePercent } from '../../phase.js';
import type { Result } from '../../result.js';
import type { Row } from '../../row.js';
import { RunningAgent } from '../../running-agent.js';
import { Servers } from '../../servers.js';
import { coresBetween, memoryOf, usageOf } from '../../usage.js';

const MIB = 2 ** 20 / 1e6;
const MOST_LATE_MS = 200;
const SERVICE_SIZE = 100;
/** The servers of the second one die. */
const PORTS = [19_001, 19_002] as const;
/** What may pass after the verdict until the last one is out. */
const OUT_MS = 3000;

interface Size {
  readonly servers: number;
  readonly rhythm: Rhythm;
  readonly mostCores: number;
  readonly mostMB: number;
  /** Whether to say how many come on time, and to let half of them die. */
  readonly isWhole: boolean;
}

const SIZES: readonly Size[] = [
  { servers: 5000, rhythm: USUAL, mostCores: 0.5, mostMB: 200 * MIB, isWhole: true },
  {
    servers: 50_000,
    rhythm: { ...USUAL, intervalMs: 10_000 },
    mostCores: 1,
    mostMB: 600 * MIB,
    isWhole: false,
  },
];

export const manyServers: Row = {
  name: 'agent',
  about: 'an agent that checks 5,000 servers, of which half die, and one with 50,000',
  async run(bench) {
    return withScratch(async (scratch) => {
      const program = await scratch.compile('servers');
      const results: Result[] = [];
      for (const [index, size] of SIZES.entries()) {
        bench.step(`${size.servers.toLocaleString('en')} servers`);
        const name = `${index}.yaml`;
        await writeFile(scratch.path(name), agentFile(farmsOf(size), size.rhythm));
        const servers = await Servers.open(program, PORTS);
        const agent = await RunningAgent.start(scratch, name);
        try {
          results.push(...(await measured(agent, servers, size)));
        } finally {
          await agent.end();
          servers.end();
        }
      }
      return results;
    });
  },
};

const farmsOf = ({ servers }: Size): Farm[] =>
  PORTS.map((port) => ({ port, servers: servers / PORTS.length, each: SERVICE_SIZE }));

async function measured(agent: RunningAgent, servers: Servers, size: Size): Promise<Result[]> {
  const { servers: count, rhythm, mostCores, mostMB, isWhole } = size;
  const each = `${count.toLocaleString('en')} servers, tcp, every ${rhythm.intervalMs / 1000} s`;
  await agent.hasUp(count);
  await servers.arrivals(rhythm.intervalMs);
  const before = usageOf([agent.pid]);
  const durationMs = 10 * rhythm.intervalMs;
  const arrivals = await servers.arrivals(durationMs);
  const cores = coresBetween(before, usageOf([agent.pid]));
  const onTime = onTimePercent(arrivals, count, rhythm.intervalMs, durationMs, MOST_LATE_MS);
  const results: Result[] = [
    {
      ...{ what: `CPU of the agent, ${each}`, unit: 'cores', ours: [cores] },
      target: { kind: 'below', atMost: mostCores },
    },
    {
      ...{ what: `memory of it at most, ${each}`, unit: 'MB', ours: [memoryOf(agent.pid).peakMB] },
      target: { kind: 'below', atMost: mostMB },
    },
    {
      ...{ what: `checks within ${MOST_LATE_MS} ms of their time, ${each}`, unit: '%' },
      ours: [onTime],
      target: isWhole ? { kind: 'above', atLeast: 99 } : undefined,
    },
  ];
  return isWhole ? [...results, ...(await halfDead(agent, servers, size))] : results;
}

async function halfDead(
  agent: RunningAgent,
  servers: Servers,
  { servers: count, rhythm }: Size,
): Promise<Result[]> {
  const dead = count / 2;
  agent.forgetBatches();
  const diedMs = await servers.close(PORTS[1]);
  const batches = await agent.batchesOf(dead);
  const what = `${dead.toLocaleString('en')} of ${count.toLocaleString('en')} servers die at once`;
  return [
    {
      ...{ what: `${what}: until all are out`, unit: 'ms' },
      ours: [Math.max(...batches.map(({ atMs }) => atMs)) - diedMs],
      target: { kind: 'below', atMost: verdictMs(rhythm) + OUT_MS },
    },
    { what: `${what}: datagrams to the kernel`, unit: 'batches', ours: [batches.length] },
  ];
}
