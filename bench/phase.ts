/** Whether checks come when they are due, as the servers see it. */
import type { Arrival } from './servers.js';

/**
 * The share of checks that came at most so late, in percent, of those that were due. What is due is not told to anybody: a
 * server's checks have a phase, and the earliest of them, seen from their interval, is the one that was least late. A check
 * that did not come, or came a whole interval late, is a late one.
 * @param servers how many are checked.
 * @param durationMs for how long arrivals were noted.
 */
export function onTimePercent(
  arrivals: readonly Arrival[],
  servers: number,
  intervalMs: number,
  durationMs: number,
  mostLateMs: number,
): number {
  const byServer = new Map<number, number[]>();
  for (const { address, atMs } of arrivals) {
    const times = byServer.get(address);
    if (times === undefined) byServer.set(address, [atMs]);
    else times.push(atMs);
  }
  const due = Math.floor(durationMs / intervalMs);
  let onTime = 0;
  for (const times of byServer.values()) {
    const late = latenesses(times, intervalMs).filter((one) => one <= mostLateMs);
    onTime += Math.min(late.length, due);
  }
  return (100 * onTime) / (servers * due);
}

/** How much later each came than the one that was earliest in its interval. */
function latenesses(times: readonly number[], intervalMs: number): number[] {
  const [first = 0] = times;
  const offsets = times.map((time) => {
    const intervals = Math.round((time - first) / intervalMs);
    return time - first - intervals * intervalMs;
  });
  const earliest = Math.min(...offsets);
  return offsets.map((offset) => offset - earliest);
}
