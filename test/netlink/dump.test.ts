import { describe, expect, test } from 'vitest';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { Message } from '../../src/netlink/message.js';
import { collect } from '../../src/common/collect.js';
import {
  ack,
  done,
  fakeKernel,
  message,
  nextDatagram,
  refuse,
  SendFailure,
} from '../../src/testing/fake-kernel.js';
import type { Answer, FakeRequest } from '../../src/testing/fake-kernel.js';
import { ask, code, dumped, execute, number, query, reply, sockets } from '../support/netlink.js';

const services = { ...ask('GET_SERVICE'), isDump: true };

describe.each(sockets)('a dump from a socket that is read %s', (_name, socketTo) => {
  function connect(answer: Answer) {
    const kernel = fakeKernel(answer);
    return { kernel, connection: new NetlinkConnection(socketTo(kernel)) };
  }

  test('gives a piece for each datagram that has entries, up to the end', async () => {
    const { connection, kernel } = connect((request) => [
      reply(request, 1),
      reply(request, 2),
      nextDatagram,
      reply(request, 3),
      nextDatagram,
      done(request),
    ]);
    expect(await connection.request(services, number)).toEqual({
      pieces: [[1, 2], [3]],
      error: undefined,
    });
    expect(kernel.requests.map(({ isDump, wantsAck }) => [isDump, wantsAck])).toEqual([
      [true, false],
    ]);
  });

  test('of nothing gives nothing', async () => {
    const { connection } = connect((request) => [done(request)]);
    expect(await connection.request(services, number)).toEqual({ pieces: [], error: undefined });
  });

  test('passes over what its reader passes over, and NOOP messages', async () => {
    const { connection } = connect((request) => [
      message(request, 1, [0, 0, 0, 0]),
      reply(request, 1),
      reply(request, 2),
      nextDatagram,
      reply(request, 1),
      done(request),
    ]);
    const even = (one: Message) => (number(one) % 2 === 0 ? number(one) : undefined);
    expect((await connection.request(services, even)).pieces).toEqual([[2]]);
  });

  test.each([
    ['in its end', (request: FakeRequest) => [reply(request, 1), done(request, 'EINTR')]],
    ['in place of it', (request: FakeRequest) => [reply(request, 1), refuse(request, 'EINTR')]],
  ])('gives the entries before an error of the kernel %s', async (_name, answer) => {
    const { connection } = connect(answer);
    expect(await connection.request(services, number)).toEqual({
      pieces: [[1]],
      error: expect.objectContaining({ operation: 'dump', code: 'EINTR' }) as Error,
    });
  });

  test('does not mix with many others that are asked for at once', async () => {
    const { connection } = connect((request) => [
      reply(request, request.sequence),
      nextDatagram,
      done(request),
    ]);
    const dumps = await Promise.all(Array.from({ length: 50 }, () => collect(dumped(connection))));
    expect(dumps).toEqual(Array.from({ length: 50 }, (_, index) => [index + 1]));
  });

  test('may be followed by other calls in the loop over its entries', async () => {
    const { connection } = connect((request) =>
      request.isDump ? [reply(request, 1), reply(request, 2), done(request)] : [ack(request)],
    );
    const seen: number[][] = [];
    for await (const outer of dumped(connection)) {
      seen.push([outer, ...(await collect(dumped(connection, 'GET_DEST')))]);
      await execute(connection, ask('ZERO'));
    }
    expect(seen).toEqual([
      [1, 1, 2],
      [2, 1, 2],
    ]);
  });

  test('whose reader fails is read to its end, so that the next one works', async () => {
    const { connection } = connect((request) => [
      reply(request, 1),
      reply(request, 2),
      nextDatagram,
      reply(request, 3),
      nextDatagram,
      done(request),
    ]);
    const seen: number[] = [];
    const failing = (one: Message) => {
      seen.push(number(one));
      throw new RangeError(`unreadable ${number(one)}`);
    };
    const { error } = await connection.request(services, failing);
    expect(error).toEqual(new RangeError('unreadable 1'));
    expect(seen).toEqual([1]);
    expect((await connection.request(services, number)).pieces).toEqual([[1, 2], [3]]);
  });

  test('with a value that has no place on the wire sends nothing, and the next one works', async () => {
    const { connection, kernel } = connect((request) => [done(request)]);
    const write = () => {
      throw new RangeError('port');
    };
    await expect(query(connection, { ...services, write }, number)).rejects.toThrow('port');
    expect(await collect(dumped(connection))).toEqual([]);
    expect(kernel.requests).toHaveLength(1);
  });

  test('that the socket does not take fails, and the next one works', async () => {
    let full = true;
    const { connection } = connect((request) => {
      if (full) throw new SendFailure('ENOBUFS');
      return [reply(request, 1), done(request)];
    });
    await expect(collect(dumped(connection))).rejects.toMatchObject({
      operation: 'send',
      code: 'ENOBUFS',
    });
    full = false;
    expect(await collect(dumped(connection))).toEqual([1]);
  });

  test('whose end is lost is ENODATA behind its entries, and the next one works', async () => {
    let lost = true;
    const { connection } = connect((request) =>
      lost ? [reply(request, 7)] : [reply(request, 1), done(request)],
    );
    expect(await connection.request(services, number)).toEqual({
      pieces: [[7]],
      error: code('ENODATA'),
    });
    lost = false;
    expect(await collect(dumped(connection))).toEqual([1]);
  });
});
