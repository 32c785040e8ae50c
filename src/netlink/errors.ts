import { constants } from 'node:os';

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  // Several names may share a number (EAGAIN, EWOULDBLOCK): the first is the usual one.
  if (!names.has(number)) names.set(number, name);
}
// Names the kernel answers with that Node's table lacks.
names.set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP');
names.set(constants.errno.EAGAIN, 'EAGAIN');

/** The name of an error number: `17` is `EEXIST`. A number without a name is `E` and the number. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `E${errno}`;
}

/** What was being done when a {@link NetlinkError} arose. */
export type NetlinkOperation =
  'open' | 'send' | 'receive' | 'request' | 'dump' | 'decode' | 'close';

/** The kernel refused a request, or the socket failed. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly operation: NetlinkOperation;
  /** The error number, positive: 17 for EEXIST. */
  readonly errno: number;
  /** The name of {@link errno}: `EEXIST`. */
  readonly code: string;

  constructor(operation: NetlinkOperation, errno: number, detail?: string) {
    const code = errnoName(errno);
    super(`netlink ${operation}: ${code}${detail === undefined ? '' : ` (${detail})`}`);
    this.operation = operation;
    this.errno = errno;
    this.code = code;
  }
}

/** A reply that is not what the protocol promises: cut short, or a length that points outside of it. */
export function malformed(detail: string): NetlinkError {
  return new NetlinkError('decode', constants.errno.EBADMSG, detail);
}
