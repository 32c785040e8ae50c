import { codeOf } from '../../common/error-code.js';
import { printable } from '../../common/printable.js';
import { systemErrorText } from '../../common/system-errors.js';

/** More of what a server says is of no use to anybody. */
const MOST_SHOWN = 60;

/** What a server sent, or a pattern, as a reason shows it: short, in one line, without control characters. */
export function quoted(text: string): string {
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
  return printable(JSON.stringify(cut));
}

/** Shorter than what the system says, or more to the point. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'no answer, the connection timed out',
  EADDRNOTAVAIL: 'there is no address or no port here to ask from',
};

/** Whether the other end has reset the connection. Node says the same of one that is closed early, without a system call. */
export const isReset = (error: unknown): boolean =>
  codeOf(error) === 'ECONNRESET' && error instanceof Error && 'syscall' in error;

/** Errors of this machine, for which no server is to blame. */
const OWN_FAULTS = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN', 'EADDRINUSE'];

/** Whether it is this machine that could not ask. */
export const isOwnFault = (error: unknown): boolean => OWN_FAULTS.includes(codeOf(error));

/** Why a connection failed. */
export function connectionReason(error: unknown): string {
  const known = reasons[codeOf(error)];
  if (known !== undefined) return known;
  if (!(error instanceof Error)) return printable(String(error));
  if (!('errno' in error) || typeof error.errno !== 'number') return printable(error.message);
  const text = systemErrorText(Math.abs(error.errno));
  return text.charAt(0).toLowerCase() + text.slice(1);
}
