import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { DaemonProcess } from './io.js';
import { boundHeap } from './main-heap.js';

const MILLISECONDS = 1000;
const MICROSECONDS = 1000;
const NANOSECONDS = 1_000_000;

/** What a program that stays needs of its process. */
export function daemonProcess(): DaemonProcess {
  const offsetMs = clockOffsetMs();
  boundHeap();
  const { NOTIFY_SOCKET, WATCHDOG_USEC, STATE_DIRECTORY } = process.env;
  const watchdogMs = Number(WATCHDOG_USEC ?? 0) / MICROSECONDS;
  return {
    pid: process.pid,
    monotonicMs: () => offsetMs + ownMs(),
    bootMs: () => uptime() * 1000,
    notifySocket: NOTIFY_SOCKET,
    watchdogMs: watchdogMs > 0 ? watchdogMs : undefined,
    stateFolder: STATE_DIRECTORY?.split(':')[0],
    signals: (onHangup) => {
      process.on('SIGHUP', onHangup);
      const [end, hurry] = [new AbortController(), new AbortController()];
      const stop = (): void => {
        if (end.signal.aborted) hurry.abort();
        else end.abort();
      };
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop);
      return { ended: end.signal, hurried: hurry.signal };
    },
  };
}

const ownMs = (): number => Number(process.hrtime.bigint()) / NANOSECONDS;

/** Node's clock is the machine's. Bun's begins with the process, and what one agent has written would be of no use to the next. */
const clockOffsetMs = (): number =>
  process.versions['bun'] === undefined ? 0 : Number(readUptime()) * MILLISECONDS - ownMs();

const readUptime = (): string | undefined => readFileSync('/proc/uptime', 'utf8').split(' ')[0];
