import { constants } from 'node:os';
import type { IpvsErrorCode } from '../ipvs/error-text.js';
import { commands, type CommandName } from '../ipvs/wire/constants.js';
import { command as commandTable, info as infoTable } from '../ipvs/wire/schema.js';
import type { CommandAttributes } from '../ipvs/wire/schema.js';
import type { AttributeTable, Declaration, Infer } from '../netlink/attributes.js';
import {
  GENL_ID_CTRL,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../netlink/constants.js';
import { NetlinkError } from '../netlink/errors.js';
import { visitMessages, type Message } from '../netlink/message.js';
import type { NetlinkSocket, OpenNetlinkSocket } from '../netlink/socket.js';
import { MessageWriter } from '../netlink/writer.js';

/** The name of an error in errno.h: `EEXIST`. */
export type ErrnoName = IpvsErrorCode | (string & {});

/** Its number. @throws RangeError when there is no such error. */
export function errnoOf(code: ErrnoName): number {
  const known: Readonly<Record<string, number>> = constants.errno;
  const errno = known[code];
  if (errno === undefined) throw new RangeError(`code: ${code} is not in errno.h`);
  return errno;
}

/** The id that the fake kernel has given to IPVS, as kernels do at their pleasure. */
export const FAMILY_ID = 28;

/** A request as the kernel sees it. */
export interface FakeRequest {
  /** The id of the netlink family. */
  readonly type: number;
  readonly sequence: number;
  /** Without its prefix `IPVS_CMD_`: `NEW_SERVICE`. */
  readonly command: CommandName;
  /** By their names in the kernel's header, without prefix: `SERVICE`, `DEST`. */
  readonly attributes: CommandAttributes;
  /** NLM_F_ACK: success is to be reported too. */
  readonly wantsAck: boolean;
  /** NLM_F_DUMP: all entries are asked for. */
  readonly isDump: boolean;
  /** The whole message. */
  readonly bytes: Uint8Array;
}

/**
 * Bytes are a message, or what a test calls one; those that follow each other travel in one datagram. A socket error comes
 * instead of a datagram.
 */
export type Reply = Uint8Array | typeof nextDatagram | { readonly socketError: ErrnoName };

/** Ends a datagram: what follows travels in the next. */
export const nextDatagram = { nextDatagram: true } as const;

/** What a kernel replies to a request. */
export type Answer = (request: FakeRequest) => Iterable<Reply>;

/** A datagram that the kernel does not take. */
export class SendFailure extends Error {
  readonly errno: number;

  constructor(code: ErrnoName) {
    super(code);
    this.errno = errnoOf(code);
  }
}

/** Opens sockets to the fake kernel, and tells what has become of them. */
export interface FakeKernel extends OpenNetlinkSocket {
  /** What has arrived, without look-ups of the family. */
  readonly requests: FakeRequest[];
  /** How many requests each datagram carried. */
  readonly datagrams: number[];
  /** Whether all are closed. */
  readonly closed: boolean;
  /** How many have been opened. */
  readonly sockets: number;
}

/**
 * A kernel played by a function from a request to its replies, for tests of what a program does when the kernel refuses, or
 * answers oddly. {@link tableKernel} is the one that keeps a table. As the kernel, it answers while it takes a request, walks one
 * dump at a time, and goes on with a dump when it is read.
 * @param answer the replies to each request, in order: {@link data}, {@link info}, {@link done}, {@link ack} and
 * {@link refuse} make them.
 * @param family answers look-ups of the family IPVS. Default: there is one.
 *
 * @example
 * ```ts
 * import { IpvsClient, isIpvsError } from 'ipvs';
 * import { ack, fakeKernel, refuse } from 'ipvs/testing';
 *
 * const kernel = fakeKernel((request) =>
 *   request.command === 'FLUSH' ? [refuse(request, 'EPERM')] : [ack(request)],
 * );
 * await using client = await IpvsClient.open({ socket: kernel });
 * await client.addService('mark:7');
 * const error: unknown = await client.flush().catch((reason: unknown) => reason);
 * console.log(isIpvsError(error) && error.code); // EPERM
 * console.log(kernel.requests.map(({ command }) => command).join()); // NEW_SERVICE,FLUSH
 * ```
 */
export function fakeKernel(answer: Answer, family: Answer = answerFamily): FakeKernel {
  const heard: Heard = { requests: [], datagrams: [] };
  const sockets: { closed: boolean }[] = [];
  const answerTo: Answer = (request) => (request.type === GENL_ID_CTRL ? family : answer)(request);
  const open: OpenNetlinkSocket = () => {
    const state = { closed: false };
    sockets.push(state);
    const { send, receive } = speak(heard, answerTo);
    return { send, receive, close: () => void (state.closed = true) };
  };
  return Object.defineProperties(Object.assign(open, heard), {
    closed: { get: () => sockets.every(({ closed }) => closed) },
    sockets: { get: () => sockets.length },
  }) as FakeKernel;
}

interface Heard {
  readonly requests: FakeRequest[];
  readonly datagrams: number[];
}

function speak(heard: Heard, answerTo: Answer): Pick<NetlinkSocket, 'send' | 'receive'> {
  const queue: (Uint8Array | NetlinkError)[] = [];
  let dumping = false;
  let received = new Uint8Array();
  return {
    send(datagram) {
      const all = requestsOf(datagram, heard);
      const busy = dumping && queue.length > 0;
      dumping = busy || all.some(({ isDump }) => isDump);
      const answerOf = (request: FakeRequest) =>
        busy && request.isDump ? [refuse(request, 'EBUSY')] : answerTo(request);
      try {
        queue.push(...all.flatMap((request) => datagramsOf(answerOf(request))));
      } catch (error) {
        throw error instanceof SendFailure ? new NetlinkError('send', error.errno) : error;
      }
    },
    receive() {
      // The one buffer that all is received in: what a reader has not copied by the next call is lost.
      received.fill(0xee);
      const next = queue.shift();
      if (next instanceof NetlinkError) throw next;
      received = next?.slice() ?? new Uint8Array();
      return next && received;
    },
  };
}

function requestsOf(datagram: Uint8Array, heard: Heard): FakeRequest[] {
  const all: FakeRequest[] = [];
  visitMessages(datagram, (message) => all.push(read(message, datagram)));
  const ours = all.filter(({ type }) => type !== GENL_ID_CTRL);
  if (ours.length > 0) heard.datagrams.push(ours.length);
  heard.requests.push(...ours);
  return all;
}

/** What travels together. */
function datagramsOf(replies: Iterable<Reply>): (Uint8Array | NetlinkError)[] {
  const datagrams: (Uint8Array | NetlinkError)[] = [];
  let together: Uint8Array[] = [];
  const flush = (): void => {
    const datagram = new Uint8Array(Buffer.concat(together));
    together = [];
    if (datagram.length > 0) datagrams.push(datagram);
  };
  for (const reply of replies) {
    if (reply instanceof Uint8Array) {
      together.push(reply);
      continue;
    }
    flush();
    if ('socketError' in reply)
      datagrams.push(new NetlinkError('receive', errnoOf(reply.socketError)));
  }
  flush();
  return datagrams;
}

function read(message: Message, datagram: Uint8Array): FakeRequest {
  const { type, flags, sequence, view, start, end } = message;
  const ours = type !== GENL_ID_CTRL;
  return {
    type,
    sequence,
    command: ours ? commandName(view.getUint8(start)) : 'GET_INFO',
    attributes: ours ? commandTable.read(view, start + 4, end) : {},
    wantsAck: (flags & NLM_F_ACK) !== 0,
    isDump: (flags & NLM_F_DUMP) === NLM_F_DUMP,
    bytes: datagram.slice(start - 16, end),
  };
}

function commandName(number: number): CommandName {
  const known = (Object.keys(commands) as CommandName[]).find((name) => commands[name] === number);
  if (known === undefined) throw new Error(`no command of IPVS has the number ${number}`);
  return known;
}

/** Where a family is found. */
export function answerFamily(request: FakeRequest, id = FAMILY_ID): Reply[] {
  const attribute = [6, 0, 1, 0, id & 0xff, id >> 8, 0, 0];
  return [message(request, GENL_ID_CTRL, [1, 2, 0, 0, ...attribute]), ack(request)];
}

/** Success, when it was asked for: else nothing. */
export function ack(request: FakeRequest): Uint8Array {
  return request.wantsAck ? status(request, 0) : new Uint8Array();
}

/** An error, which the kernel reports unasked, with a copy of the request. */
export function refuse(request: FakeRequest, code: ErrnoName): Uint8Array {
  return status(request, errnoOf(code));
}

function status(request: FakeRequest, errno: number): Uint8Array {
  return message(request, NLMSG_ERROR, [...int32(-errno), ...request.bytes]);
}

/** A reply with attributes of IPVS. */
export function data(request: FakeRequest, command: CommandName, values: CommandAttributes) {
  return body(request, command, commandTable, values);
}

/** The reply to GET_INFO, whose attributes are its own. */
export function info(request: FakeRequest, values: Infer<typeof infoTable>): Uint8Array {
  return body(request, 'SET_INFO', infoTable, values);
}

function body<D extends Declaration>(
  request: FakeRequest,
  command: CommandName,
  table: AttributeTable<D>,
  values: Infer<AttributeTable<D>>,
): Uint8Array {
  const writer = new MessageWriter();
  table.write(writer, values);
  return message(request, FAMILY_ID, [commands[command], 1, 0, 0, ...writer.bytes()]);
}

/** The end of a dump, which may be a bad one. */
export function done(request: FakeRequest, code?: ErrnoName): Uint8Array {
  return message(request, NLMSG_DONE, int32(code === undefined ? 0 : -errnoOf(code)));
}

/** A message of any type and body that answers a request. */
export function message(
  { sequence }: Pick<FakeRequest, 'sequence'>,
  type: number,
  content: readonly number[],
): Uint8Array {
  const writer = new MessageWriter();
  const start = writer.begin({ type, flags: 0, sequence });
  writer.raw(Uint8Array.from(content));
  writer.end(start);
  return writer.bytes().slice();
}

function int32(value: number): number[] {
  return [...new Uint8Array(Int32Array.of(value).buffer)];
}
