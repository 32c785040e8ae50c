/** What tests of the connection ask and say: requests and replies that carry a number, to tell them apart. */
import { expect } from 'vitest';
import { commands } from '../../src/ipvs/wire/constants.js';
import type { CommandName } from '../../src/ipvs/wire/constants.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { CallOptions, Request } from '../../src/netlink/connection.js';
import { visitMessages } from '../../src/netlink/message.js';
import type { Message } from '../../src/netlink/message.js';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { RequestBatch } from '../../src/netlink/request-batch.js';
import { collect } from '../../src/common/collect.js';
import { readByEvents } from './event-socket.js';
import { FAMILY_ID, fakeKernel, message } from '../../src/testing/fake-kernel.js';
import type { Answer, FakeRequest } from '../../src/testing/fake-kernel.js';

export function ask(command: CommandName, mark = 0): Request {
  return {
    type: FAMILY_ID,
    write: (writer) => {
      writer.u8(commands[command]);
      writer.u8(1);
      writer.u16(0);
      writer.u16(8);
      writer.u16(4);
      writer.u32(mark);
    },
  };
}

/** The number of a request. */
export const markOf = ({ attributes }: FakeRequest) => attributes.TIMEOUT_TCP ?? 0;

/** Requests that are sent together. */
export function batchOf(requests: readonly Request[]): RequestBatch {
  const batch = new RequestBatch();
  for (const { write } of requests) batch.add(write);
  return batch;
}

/** So many requests, numbered from 0. */
export const many = (count: number): RequestBatch =>
  batchOf(Array.from({ length: count }, (_, mark) => ask('SET_CONFIG', mark)));

/** The messages of a datagram. */
export function messagesOf(datagram: Uint8Array): Message[] {
  const messages: Message[] = [];
  visitMessages(datagram, (message) => messages.push({ ...message }));
  return messages;
}

export const reply = (request: Pick<FakeRequest, 'sequence'>, value: number) =>
  message(request, FAMILY_ID, [...new Uint8Array(Uint32Array.of(value).buffer)]);

/** The number of a reply. */
export const number = ({ view, start }: Message) => view.getUint32(start, true);

/** How a socket to a kernel is read. */
type Reading = (kernel: OpenNetlinkSocket) => OpenNetlinkSocket;

const atOnce: Reading = (kernel) => kernel;

/** Every way to read a socket. */
export const sockets: readonly (readonly [name: string, socketTo: Reading])[] = [
  ['at once', atOnce],
  ['by the event loop', readByEvents],
];

export function connect(answer: Answer, socketTo = atOnce) {
  const kernel = fakeKernel(answer);
  return { kernel, connection: new NetlinkConnection(socketTo(kernel)) };
}

/** What was read of the replies to a request; what went wrong is thrown. */
export async function query<T>(
  connection: NetlinkConnection,
  request: Request,
  read: (message: Message) => T | undefined,
  options?: CallOptions,
): Promise<T[]> {
  const { pieces, error } = await connection.request(request, read, options);
  if (error !== undefined) throw error;
  return pieces.flat();
}

/** Sends a request that has no reply but its ACK. */
export async function execute(
  connection: NetlinkConnection,
  request: Request,
  options?: CallOptions,
): Promise<void> {
  await query(connection, request, () => undefined, options);
}

/** The numbers that a dump gives, and then what went wrong. */
export async function* dumped(
  connection: NetlinkConnection,
  command: CommandName = 'GET_SERVICE',
  options?: CallOptions,
): AsyncGenerator<number, void, undefined> {
  const request = { ...ask(command), isDump: true };
  const { pieces, error } = await connection.request(request, number, options);
  yield* pieces.flat();
  if (error !== undefined) throw error;
}

/** An error by its code. */
export const code = (name: string): unknown => expect.objectContaining({ code: name });

type Call = (connection: NetlinkConnection, options?: CallOptions) => Promise<unknown>;

/** Every way to ask the kernel. */
export const calls: readonly (readonly [name: string, call: Call])[] = [
  ['a query', (connection, options) => execute(connection, ask('FLUSH'), options)],
  [
    'a batch',
    (connection, options) => connection.batch(FAMILY_ID, batchOf([ask('FLUSH')]), options),
  ],
  ['a dump', (connection, options) => collect(dumped(connection, 'GET_SERVICE', options))],
];
