import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ack,
  done,
  FAMILY_ID,
  message,
  nextDatagram,
  refuse,
  SendFailure,
} from '../../src/testing/fake-kernel.js';
import type { Answer, FakeRequest, Reply } from '../../src/testing/fake-kernel.js';
import { collect, gate } from '../support/async.js';
import {
  ask,
  batchOf,
  calls,
  code,
  connect,
  dumped,
  markOf,
  number,
  reply,
} from '../support/netlink.js';

const nothing = (): Reply[] => [];

describe('a query', () => {
  test('gives the replies before its ACK', async () => {
    const { connection } = connect((request) => [
      reply(request, 1),
      nextDatagram,
      reply(request, 2),
      ack(request),
    ]);
    expect(await connection.query(ask('GET_INFO'), number)).toEqual([1, 2]);
  });

  test('rejects with the errno of the kernel', async () => {
    const { connection } = connect((request) => [refuse(request, 'EEXIST')]);
    await expect(connection.execute(ask('NEW_SERVICE'))).rejects.toMatchObject({
      name: 'NetlinkError',
      operation: 'request',
      errno: 17,
    });
  });

  test('that the socket does not take rejects with the errno of the socket', async () => {
    const { connection, kernel } = connect(() => {
      throw new SendFailure('EPERM');
    });
    await expect(connection.execute(ask('FLUSH'))).rejects.toMatchObject({
      operation: 'send',
      code: 'EPERM',
    });
    expect(kernel.keepsAlive).toBe(false);
  });

  test('with a value that has no place on the wire sends nothing', async () => {
    const { connection, kernel } = connect((request) => [ack(request)]);
    const bad = {
      type: FAMILY_ID,
      write: () => {
        throw new RangeError('port');
      },
    };
    await expect(connection.execute(bad)).rejects.toThrow(RangeError);
    await connection.execute(ask('FLUSH'));
    expect(kernel.requests).toHaveLength(1);
  });

  test('whose reply cannot be read rejects, and the next one is not confused', async () => {
    const { connection } = connect((request) => [reply(request, markOf(request)), ack(request)]);
    const unreadable = connection.query(ask('GET_INFO'), () => {
      throw new RangeError('unreadable');
    });
    await expect(unreadable).rejects.toThrow('unreadable');
    expect(await connection.query(ask('GET_INFO', 5), number)).toEqual([5]);
  });

  test('passes NOOP messages over', async () => {
    const { connection } = connect((request) => [message(request, 1, [0, 0, 0, 0]), ack(request)]);
    expect(await connection.query(ask('GET_INFO'), number)).toEqual([]);
  });

  test('never mixes with others, in whatever order the kernel answers', async () => {
    const later = gate();
    const { connection } = connect((request) =>
      markOf(request) % 2 === 0
        ? [later.opened, reply(request, markOf(request)), ack(request)]
        : [reply(request, markOf(request)), ack(request)],
    );
    const calls = Array.from({ length: 100 }, (_, mark) =>
      connection.query(ask('GET_INFO', mark), number),
    );
    expect(await calls[99]).toEqual([99]);
    later.open();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 100 }, (_, mark) => [mark]));
  });

  test('ignores replies to nobody, and those of a foreign sequence number', async () => {
    const { connection } = connect((request) => [
      reply({ sequence: 0 }, 1),
      reply({ sequence: request.sequence + 1 }, 2),
      ack({ ...request, sequence: request.sequence + 1 }),
      reply(request, 3),
      ack(request),
    ]);
    expect(await connection.query(ask('GET_INFO'), number)).toEqual([3]);
  });

  test('believes the kernel alone: what another port sends is ignored', async () => {
    const { connection } = connect((request) => [
      { port: 4711, datagram: refuse(request, 'EPERM') },
      { port: 4711, datagram: Uint8Array.of(1) },
      reply(request, 3),
      ack(request),
    ]);
    expect(await connection.query(ask('GET_INFO'), number)).toEqual([3]);
  });
});

describe.each([
  [
    'a datagram cut short',
    (request: FakeRequest) => [reply(request, 1).subarray(0, 18)],
    'EBADMSG',
  ],
  ['raw bytes', () => [Uint8Array.of(1, 2, 3)], 'EBADMSG'],
  ['lost replies', () => [{ socketError: 'ENOBUFS' }], 'ENOBUFS'],
  ['a datagram longer than the buffer', () => [{ socketError: 'EMSGSIZE' }], 'EMSGSIZE'],
] satisfies [string, Answer, string][])('%s', (_name, misbehave, expected) => {
  let first = true;
  const { connection, kernel } = connect((request) => {
    if (!first) return request.isDump ? [reply(request, 1), done(request)] : [ack(request)];
    first = false;
    return request.isDump
      ? [...misbehave(request), Promise.resolve(), done(request)]
      : misbehave(request);
  });
  beforeEach(() => {
    first = true;
  });

  test('fails a query that waits, and not the next', async () => {
    await expect(connection.execute(ask('FLUSH'))).rejects.toThrow(code(expected));
    await connection.execute(ask('FLUSH'));
    expect(kernel.keepsAlive).toBe(false);
  });

  test('fails a dump that waits, and not the next', async () => {
    await expect(collect(dumped(connection))).rejects.toThrow(code(expected));
    expect(await collect(dumped(connection))).toEqual([1]);
  });

  test('fails a batch that waits, and not the next', async () => {
    await expect(connection.batch(FAMILY_ID, batchOf([ask('FLUSH')]))).rejects.toThrow(
      code(expected),
    );
    expect(await connection.batch(FAMILY_ID, batchOf([ask('FLUSH')]))).toEqual([]);
  });
});

test('lost replies fail all that waits', async () => {
  const { connection, kernel } = connect(nothing);
  const calls = [connection.execute(ask('FLUSH')), connection.execute(ask('ZERO'))];
  kernel.say({ socketError: 'ENOBUFS' });
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes).toEqual([
    { status: 'rejected', reason: code('ENOBUFS') },
    { status: 'rejected', reason: code('ENOBUFS') },
  ]);
});

describe('the process', () => {
  test('is kept alive while a call waits, and no longer', async () => {
    const later = gate();
    const { connection, kernel } = connect((request) => [later.opened, ack(request)]);
    expect(kernel.keepsAlive).toBe(false);
    const calls = [connection.execute(ask('FLUSH')), connection.execute(ask('ZERO'))];
    expect(kernel.keepsAlive).toBe(true);
    later.open();
    await Promise.all(calls);
    expect(kernel.keepsAlive).toBe(false);
  });
});

describe('close', () => {
  test('ends every call that waits with ECANCELED', async () => {
    const { connection, kernel } = connect(nothing);
    const calls = [
      connection.execute(ask('FLUSH')),
      connection.batch(FAMILY_ID, batchOf([ask('ZERO')])),
      collect(dumped(connection)),
      collect(dumped(connection, 'GET_DEST')),
    ];
    await vi.waitFor(() => {
      expect(kernel.requests).toHaveLength(3);
    });
    connection.close();
    connection.close();
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toEqual({ status: 'rejected', reason: code('ECANCELED') });
    }
    expect(kernel.closed).toBe(true);
  });

  test('makes everything after it reject', async () => {
    const { connection, kernel } = connect((request) => [ack(request)]);
    connection.close();
    await expect(connection.execute(ask('FLUSH'))).rejects.toThrow(code('ECANCELED'));
    await expect(connection.batch(FAMILY_ID, batchOf([ask('ZERO')]))).rejects.toThrow(
      code('ECANCELED'),
    );
    const entries = collect(dumped(connection));
    await expect(entries).rejects.toThrow(code('ECANCELED'));
    expect(kernel.requests).toEqual([]);
  });
});

describe('patience', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each(calls)('%s waits ten seconds for the kernel, and no longer', async (_name, call) => {
    const { connection } = connect(nothing);
    const outcome = expect(call(connection, {})).rejects.toThrow('no reply within 10000 ms');
    await vi.advanceTimersByTimeAsync(9_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
  });

  test.each(calls)('%s has a deadline of its own', async (_name, call) => {
    const { connection } = connect(nothing);
    const outcome = expect(call(connection, { deadlineMs: 5 })).rejects.toThrow(code('ETIMEDOUT'));
    await vi.advanceTimersByTimeAsync(5);
    await outcome;
  });

  test.each(calls)('%s ends when its signal is aborted, with the reason', async (_name, call) => {
    const { connection } = connect(nothing);
    const controller = new AbortController();
    const outcome = expect(call(connection, { signal: controller.signal })).rejects.toThrow(
      'enough',
    );
    await vi.advanceTimersByTimeAsync(1);
    controller.abort(new Error('enough'));
    await outcome;
  });

  test.each(calls)('%s with an aborted signal sends nothing', async (_name, call) => {
    const { connection, kernel } = connect(nothing);
    const outcome = call(connection, { signal: AbortSignal.abort('no error') });
    await expect(outcome).rejects.toBe('no error');
    expect(kernel.requests).toEqual([]);
  });

  test.each([Number.POSITIVE_INFINITY, 2 ** 31])(
    'a deadline of %d is a long one',
    async (deadlineMs) => {
      const later = gate();
      const { connection } = connect((request) => [later.opened, ack(request)]);
      const call = connection.execute(ask('FLUSH'), { deadlineMs });
      await vi.advanceTimersByTimeAsync(3_600_000);
      later.open();
      await call;
    },
  );

  test('each word of the kernel starts the deadline anew', async () => {
    const later = gate();
    const { connection } = connect((request) => [reply(request, 1), later.opened, ack(request)]);
    const call = connection.query(ask('GET_INFO'), number, { deadlineMs: 10 });
    await vi.advanceTimersByTimeAsync(9);
    later.open();
    expect(await call).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a late answer to a call that was given up disturbs nobody', async () => {
    const later = gate();
    const { connection } = connect((request) =>
      markOf(request) === 1 ? [later.opened, ack(request)] : [reply(request, 2), ack(request)],
    );
    const given = expect(connection.execute(ask('FLUSH', 1), { deadlineMs: 1 })).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(1);
    await given;
    later.open();
    expect(await connection.query(ask('GET_INFO', 2), number)).toEqual([2]);
  });
});
