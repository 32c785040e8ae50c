import type { Host } from '../../host/host.js';
import type { Clock } from './clock.js';

/** What systemd wants to know, sd_notify(3). */
export interface Notifier {
  ready(): void;
  reloading(): void;
  stopping(): void;
  close(): void;
}

export interface NotifyOptions {
  readonly host: Host;
  readonly clock: Clock;
  /** Undefined: nobody wants to know. */
  readonly socket: string | undefined;
  readonly watchdogMs: number | undefined;
}

/** Node has no datagram sockets of the file system, which systemd listens at: its own program sends. */
export function notifier({ host, clock, socket, watchdogMs }: NotifyOptions): Notifier {
  let callOff: (() => void) | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const send = (...states: string[]): void => {
    if (socket === undefined) return;
    const environment = { NOTIFY_SOCKET: socket };
    // One after the other: of two processes, `ready` may overtake `reloading`, and systemd would wait for it.
    last = last
      .then(() => host.run('systemd-notify', states, undefined, environment))
      // Where that fails, it does not keep the agent from its work.
      .catch(() => undefined);
  };
  const beat = (): void => {
    if (watchdogMs === undefined || socket === undefined) return;
    callOff = clock.at(clock.monotonicMs() + watchdogMs / 2, () => {
      send('WATCHDOG=1');
      beat();
    });
  };
  beat();
  return {
    ready: () => {
      send('READY=1', 'STATUS=checking');
    },
    reloading: () => {
      send('RELOADING=1', `MONOTONIC_USEC=${Math.round(clock.monotonicMs() * 1000)}`);
    },
    stopping: () => {
      send('STOPPING=1');
    },
    close: () => callOff?.(),
  };
}
