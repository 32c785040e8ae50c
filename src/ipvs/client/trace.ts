import { channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { Observer } from '../../netlink/connection.js';
import {
  GENL_ID_CTRL,
  NLM_F_DUMP,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
} from '../../netlink/constants.js';
import { errnoName } from '../../netlink/errors.js';
import { toGeneric } from '../../netlink/genetlink.js';
import { statusOf } from '../../netlink/message.js';
import type { Message } from '../../netlink/message.js';
import { commands } from '../wire/constants.js';
import { command as commandTable, info as infoTable } from '../wire/schema.js';

/** A message to or from the kernel, as the channels `ipvs:request` and `ipvs:reply` carry it. docs/tracing.md has more. */
export interface TracedMessage {
  /** A reply has that of its request. */
  readonly sequence: number;
  /** `NEW_SERVICE`; for messages that are no commands, `ACK`, `ERROR` or `DONE`. */
  readonly name: string;
  /** Of a request: whether every entry is asked for. */
  readonly isDump?: boolean | undefined;
  /** Of `ERROR` and `DONE`: `ESRCH`; undefined when all went well. */
  readonly code?: string | undefined;
  /** By their names in the kernel's header, without the prefix. Undefined when they cannot be read. */
  readonly attributes?: object | undefined;
}

/** Bun's function does not say whether it is on. There, it is asked to write when somebody listens: src/main.ts does. */
const log: ((format: string, text: string) => void) & { readonly enabled?: boolean } =
  debuglog('ipvs');
const channels = { request: channel('ipvs:request'), reply: channel('ipvs:reply') } as const;

/** The tracer for a new exchange; undefined while nobody listens. */
export function tracer(): Observer | undefined {
  const { request, reply } = channels;
  return log.enabled === true || request.hasSubscribers || reply.hasSubscribers ? trace : undefined;
}

const trace: Observer = (direction, message) => {
  const traced = describe(direction, message);
  channels[direction].publish(traced);
  if (log.enabled !== false) log('%s', lineOf(direction, traced));
};

function describe(direction: 'request' | 'reply', message: Message): TracedMessage {
  const { type, sequence, flags } = message;
  if (type === NLMSG_NOOP) return { sequence, name: 'NOOP' };
  try {
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const errno = statusOf(message);
      if (errno === 0) return { sequence, name: type === NLMSG_DONE ? 'DONE' : 'ACK' };
      return { sequence, name: type === NLMSG_DONE ? 'DONE' : 'ERROR', code: errnoName(errno) };
    }
    const isDump = direction === 'request' ? (flags & NLM_F_DUMP) === NLM_F_DUMP : undefined;
    return { sequence, isDump, ...contentOf(message) };
  } catch {
    // The call that reads it reports the damage.
    return { sequence, name: 'malformed' };
  }
}

function contentOf(message: Message): Pick<TracedMessage, 'name' | 'attributes'> {
  const { command, view, start, end } = toGeneric(message);
  if (message.type === GENL_ID_CTRL) {
    return { name: command === 1 ? 'CTRL_CMD_NEWFAMILY' : 'CTRL_CMD_GETFAMILY' };
  }
  const [name] = Object.entries(commands).find(([, number]) => number === command) ?? [];
  const table = command === commands.SET_INFO ? infoTable : commandTable;
  return { name: name ?? `command ${command}`, attributes: table.read(view, start, end) };
}

function lineOf(direction: string, { sequence, name, isDump, code, attributes }: TracedMessage) {
  const words = [direction, sequence, name, isDump === true ? 'dump' : undefined, code];
  const values = attributes === undefined ? undefined : JSON.stringify(attributes, shown);
  const line = [...words, values].filter((word) => word !== undefined).join(' ');
  // Control characters that JSON does not escape.
  return line.replaceAll(/[\x7f-\x9f\u2028\u2029]/g, (one) => {
    return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Counters, which JSON has no numbers for, as text; bytes in hexadecimal digits. */
function shown(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
