/** What processes that go on use of the machine, as /proc tells it. */
import { readFileSync } from 'node:fs';

/** The processor time that processes have had together. */
export interface Usage {
  readonly atMs: number;
  readonly cpuMs: number;
}

/** Clock ticks of a second in /proc, on every processor that Node runs on. */
const TICKS = 100;
/** utime and stime, counted from the field behind the name, which may hold anything. */
const [USER, SYSTEM] = [11, 12] as const;

export function usageOf(pids: readonly number[]): Usage {
  const all = pids.map((pid) => cpuMsIn(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  return { atMs: performance.now(), cpuMs: all.reduce((sum, one) => sum + one, 0) };
}

/** @param stat what /proc/PID/stat holds. */
export function cpuMsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[USER]) + Number(fields[SYSTEM])) * 1000) / TICKS;
}

/** How many processors were busy with it, on average. */
export function coresBetween(before: Usage, after: Usage): number {
  return (after.cpuMs - before.cpuMs) / (after.atMs - before.atMs);
}

/** The memory of a process, now and at most, in megabytes. */
export function memoryOf(pid: number): { readonly nowMB: number; readonly peakMB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { nowMB: megabytesIn(status, 'VmRSS'), peakMB: megabytesIn(status, 'VmHWM') };
}

/** @param status what /proc/PID/status holds. */
export function megabytesIn(status: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}
