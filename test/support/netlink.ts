/** What tests of the connection ask and say: requests and replies that carry a number, to tell them apart. */
import { expect } from 'vitest';
import { commands } from '../../src/ipvs/wire/constants.js';
import type { CommandName } from '../../src/ipvs/wire/constants.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { Request } from '../../src/netlink/connection.js';
import { visitMessages } from '../../src/netlink/message.js';
import type { Message } from '../../src/netlink/message.js';
import type { CallOptions } from '../../src/netlink/patience.js';
import { RequestBatch } from '../../src/netlink/request-batch.js';
import { collect, entriesOf } from './async.js';
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
  visitMessages(datagram, (message) => messages.push(message));
  return messages;
}

export const reply = (request: Pick<FakeRequest, 'sequence'>, value: number) =>
  message(request, FAMILY_ID, [...new Uint8Array(Uint32Array.of(value).buffer)]);

/** The number of a reply. */
export const number = ({ view, start }: Message) => view.getUint32(start, true);

export function connect(answer: Answer) {
  const kernel = fakeKernel(answer);
  return { kernel, connection: new NetlinkConnection(kernel) };
}

/** The numbers that a dump gives. */
export const dumped = (
  connection: NetlinkConnection,
  command: CommandName = 'GET_SERVICE',
  options?: CallOptions,
) => entriesOf(connection.dump(ask(command), number, options));

/** An error by its code. */
export const code = (name: string): unknown => expect.objectContaining({ code: name });

type Call = (connection: NetlinkConnection, options?: CallOptions) => Promise<unknown>;

/** Every way to ask the kernel. */
export const calls: readonly (readonly [name: string, call: Call])[] = [
  ['a query', (connection, options) => connection.execute(ask('FLUSH'), options)],
  [
    'a batch',
    (connection, options) => connection.batch(FAMILY_ID, batchOf([ask('FLUSH')]), options),
  ],
  ['a dump', (connection, options) => collect(dumped(connection, 'GET_SERVICE', options))],
];
