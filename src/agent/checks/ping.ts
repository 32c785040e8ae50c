import { numberOf } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import { startCommand } from '../../host/run-command.js';
import type { CommandResult } from '../../host/run-command.js';
import type { Host } from '../../host/host.js';
import { installedProgram } from '../../host/installed-program.js';
import { readSysctl } from '../../host/sysctl.js';
import type { CheckTarget } from '../config/config.js';
import { CheckError } from './check-type.js';
import type { CheckType, Probe, ProbeOutcome } from './check-type.js';
import { endText } from './command-end.js';
import { failed, failing, noAnswer, passing, timedProbe } from './probe-timer.js';

/**
 * Sends echo requests by the program ping of iputils. Node has no ICMP sockets; the program takes one that needs no
 * privilege where the kernel allows that, else a raw one, for which it needs CAP_NET_RAW.
 */
export const ping: CheckType = {
  name: 'ping',
  summary: 'an echo reply',
  prepare: (target, settings) => {
    const program = installedProgram('ping');
    if (program === undefined) {
      throw new CheckError('the program ping is not installed: apt install iputils-ping');
    }
    return pingProbe(program, target, numberOf(settings['count']));
  },
};

/** A probe by a program that is called as ping is. */
export function pingProbe(program: string, target: CheckTarget, count = 1): Probe {
  const { timeoutMs } = target;
  // Its output is read: it must not be translated.
  const command = {
    words: [program, ...wordsFor(target, count)],
    environment: { LC_ALL: 'C' },
  };
  return timedProbe(timeoutMs, (settle) => {
    const running = startCommand(command, (result) => {
      settle(outcomeOf(result, timeoutMs));
    });
    return {
      release: () => {
        running.kill();
      },
      // One reply is enough, though the program waits for the others.
      onTimeout: () => (hasReply(running.stdout) ? REPLIED : failing(noAnswer(timeoutMs))),
    };
  });
}

const REPLIED = passing('echo reply');
/** The least that ping grants everybody. */
const LEAST_INTERVAL_MS = 200;

function wordsFor({ address, source, timeoutMs }: CheckTarget, count: number): readonly string[] {
  // All requests are sent in the first half of the time.
  const intervalMs = Math.max(LEAST_INTERVAL_MS, Math.floor(timeoutMs / 2 / count));
  return [
    address.family === 'ipv6' ? '-6' : '-4',
    ...['-n', '-c', String(count), '-i', String(intervalMs / 1000)],
    // In whole seconds: older versions take no others. The timeout of the check is kept by itself.
    ...['-W', String(Math.ceil(timeoutMs / 1000))],
    ...(source === undefined ? [] : ['-I', source.toString()]),
    address.toString(),
  ];
}

function hasReply(output: string): boolean {
  return /^\d+ bytes from /m.test(output);
}

/** The exit status of ping when nobody has replied. */
const NO_REPLY = 1;

function outcomeOf({ end, stdout, stderr }: CommandResult, timeoutMs: number): ProbeOutcome {
  const status = end.kind === 'exited' ? end.status : undefined;
  if (status === 0 || hasReply(stdout)) return REPLIED;
  const [, unreachable] = /^From .*?icmp_seq=\d+ (.+)$/m.exec(stdout) ?? [];
  if (end.kind === 'not-started') return failed(end.error, () => `ping: ${endText(end)}`);
  if (unreachable !== undefined) return failing(printable(unreachable).toLowerCase());
  if (status === NO_REPLY) return failing(noAnswer(timeoutMs));
  const [problem = ''] = stderr.split('\n');
  return failing(problem === '' ? `ping: ${endText(end)}` : printable(problem));
}

/** How echo requests are sent on this machine. */
export interface PingMethod {
  /** The path of the program; undefined: there is none. */
  readonly program: string | undefined;
  /** Group ids whose processes need no privilege for it, as the kernel has them; undefined: nobody's. */
  readonly groups: string | undefined;
}

export async function pingMethod(host: Host): Promise<PingMethod> {
  const range = await readSysctl(host, 'net/ipv4/ping_group_range');
  const [first = 1, last = 0] = (range ?? '1 0').split(/\s+/).map(Number);
  return {
    program: installedProgram('ping'),
    groups: first <= last ? `${first}-${last}` : undefined,
  };
}
