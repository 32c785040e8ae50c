/** What a call comes to when the kernel or the socket misbehaves: it settles, says so, and disturbs no other. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { collect, gate } from '../support/async.js';
import {
  ack,
  done,
  FAMILY_ID,
  message,
  nextDatagram,
  refuse,
  SendFailure,
} from '../../src/testing/fake-kernel.js';
import type { Answer, ErrnoName, FakeKernel, FakeRequest } from '../../src/testing/fake-kernel.js';
import {
  ask,
  calls,
  code,
  connect,
  dumped,
  many,
  markOf,
  number,
  reply,
} from '../support/netlink.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What holds when every call is settled: nothing keeps the process. */
function expectNothingLeft(kernel: FakeKernel): void {
  expect(kernel.keepsAlive).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
}

/** How a kernel answers that has nothing to complain of. */
const well: Answer = (request) =>
  request.isDump ? [reply(request, 1), done(request)] : [ack(request)];

/** Answers the first request in one way, and all others well. */
function firstOf(answer: Answer): Answer {
  let first = true;
  return (request) => {
    if (!first) return well(request);
    first = false;
    return answer(request);
  };
}

/** Takes entries until the dump ends; what ends it is thrown. */
async function take(entries: AsyncIterable<number>, seen: number[]): Promise<void> {
  for await (const one of entries) seen.push(one);
}

describe.each(['EAGAIN', 'EBUSY', 'ENOBUFS', 'ECONNREFUSED'] satisfies ErrnoName[])(
  '%s',
  (errno) => {
    test.each(calls)('of the socket, which takes nothing, ends %s', async (_name, call) => {
      const { connection, kernel } = connect(
        firstOf(() => {
          throw new SendFailure(errno);
        }),
      );
      await expect(call(connection)).rejects.toMatchObject({ operation: 'send', code: errno });
      expectNothingLeft(kernel);
      await call(connection);
      expectNothingLeft(kernel);
    });

    test('of the kernel ends a query, and not the next', async () => {
      const { connection, kernel } = connect(firstOf((request) => [refuse(request, errno)]));
      const facts = { operation: 'request', code: errno };
      await expect(connection.execute(ask('FLUSH'))).rejects.toMatchObject(facts);
      await connection.execute(ask('FLUSH'));
      expectNothingLeft(kernel);
    });

    test('of the kernel is told of the request of a batch that it is about', async () => {
      const { connection, kernel } = connect((request) => [
        markOf(request) === 1 ? refuse(request, errno) : ack(request),
      ]);
      expect(await connection.batch(FAMILY_ID, many(3))).toEqual([
        { index: 1, error: code(errno) },
      ]);
      expectNothingLeft(kernel);
    });

    test.each([
      ['in place of a dump', (request: FakeRequest) => [refuse(request, errno)], []],
      [
        'at the end of one',
        (request: FakeRequest) => [reply(request, 7), done(request, errno)],
        [7],
      ],
    ])(
      '%s ends it, behind the entries before, and not the next',
      async (_name, answer, entries) => {
        const { connection, kernel } = connect(firstOf(answer));
        const seen: number[] = [];
        const dump = take(dumped(connection), seen);
        await expect(dump).rejects.toMatchObject({ operation: 'dump', code: errno });
        expect(seen).toEqual(entries);
        expect(await collect(dumped(connection))).toEqual([1]);
        expectNothingLeft(kernel);
      },
    );
  },
);

describe.each(['ENOBUFS', 'EMSGSIZE'] satisfies ErrnoName[])('replies lost with %s', (errno) => {
  const lost = { socketError: errno };
  const facts = { operation: 'receive', code: errno };

  test('behind the data of a query leave its outcome unknown; a late ACK disturbs nobody', async () => {
    const held: FakeRequest[] = [];
    const { connection, kernel } = connect(
      firstOf((request) => {
        held.push(request);
        return [reply(request, 1), lost];
      }),
    );
    await expect(connection.query(ask('GET_INFO'), number)).rejects.toMatchObject(facts);
    const next = connection.execute(ask('FLUSH'));
    for (const request of held) kernel.say(ack(request));
    await next;
    expectNothingLeft(kernel);
  });

  test('within a dump end it behind the entries before; the rest is no part of the next', async () => {
    const rest = gate();
    const { connection, kernel } = connect(
      firstOf((request) => [
        reply(request, 7),
        lost,
        rest.opened,
        reply(request, 8),
        nextDatagram,
        done(request),
      ]),
    );
    const seen: number[] = [];
    const dump = take(dumped(connection), seen);
    await expect(dump).rejects.toMatchObject(facts);
    expect(seen).toEqual([7]);
    const next = collect(dumped(connection, 'GET_DEST'));
    expect(kernel.requests).toHaveLength(1);
    rest.open();
    expect(await next).toEqual([1]);
    expectNothingLeft(kernel);
  });

  test('within a batch leave its outcome unknown: no more is sent, and late errors disturb nobody', async () => {
    let harm = true;
    const { connection, kernel } = connect((request) =>
      harm && markOf(request) === 300 ? [lost] : harm ? [] : [ack(request)],
    );
    const onProgress = vi.fn();
    const batch = connection.batch(FAMILY_ID, many(600), { onProgress });
    const outcome = expect(batch).rejects.toMatchObject(facts);
    await vi.waitFor(() => {
      expect(kernel.datagrams).toEqual([256]);
    });
    for (const request of kernel.requests) kernel.say(ack(request));
    await outcome;
    expect(kernel.datagrams).toEqual([256, 256]);
    expect(onProgress.mock.calls).toEqual([[256]]);
    harm = false;
    const next = connection.batch(FAMILY_ID, many(2));
    for (const request of kernel.requests) kernel.say(refuse(request, 'EEXIST'));
    expect(await next).toEqual([]);
    expectNothingLeft(kernel);
  });
});

describe('silence', () => {
  const enough = new Error('enough');
  const givingUp = [
    ['ends with ETIMEDOUT at the deadline', { abort: false }, code('ETIMEDOUT')],
    ['ends with the reason of a signal', { abort: true }, enough],
  ] as const;

  test.each(givingUp)('in the middle of a dump %s', async (_name, { abort }, expected) => {
    const rest = gate();
    const { connection, kernel } = connect(
      firstOf((request) => [reply(request, 7), rest.opened, reply(request, 8), done(request)]),
    );
    const controller = new AbortController();
    const options = { deadlineMs: abort ? 1000 : 5, signal: controller.signal };
    const seen: number[] = [];
    const dump = take(dumped(connection, 'GET_SERVICE', options), seen);
    const outcome = expect(dump).rejects.toThrow(expected);
    // Behind a first word a deadline may be 20 ms longer.
    await vi.advanceTimersByTimeAsync(25);
    if (abort) controller.abort(enough);
    await outcome;
    expect(seen).toEqual([7]);
    const next = collect(dumped(connection, 'GET_DEST'));
    rest.open();
    expect(await next).toEqual([1]);
    expectNothingLeft(kernel);
  });

  test.each(givingUp)('behind a group of a batch %s', async (_name, { abort }, expected) => {
    const { connection, kernel } = connect((request) =>
      markOf(request) < 256 ? [ack(request)] : [],
    );
    const controller = new AbortController();
    const options = { deadlineMs: abort ? 1000 : 5, signal: controller.signal };
    const outcome = expect(connection.batch(FAMILY_ID, many(600), options)).rejects.toThrow(
      expected,
    );
    await vi.advanceTimersByTimeAsync(5);
    if (abort) controller.abort(enough);
    await outcome;
    expect(kernel.datagrams).toEqual([256, 256]);
    expectNothingLeft(kernel);
    expect(await connection.batch(FAMILY_ID, many(2))).toEqual([]);
  });

  test('after a dump that nobody wants any more keeps the process ten seconds at most', async () => {
    const { connection, kernel } = connect((request) => [reply(request, 7)]);
    for await (const one of dumped(connection)) {
      expect(one).toBe(7);
      break;
    }
    await vi.advanceTimersByTimeAsync(10_000);
    expectNothingLeft(kernel);
  });

  test('of a dump whose end was lost does not cost the next one its deadline', async () => {
    const later = gate();
    const { connection } = connect((request) =>
      request.command === 'GET_SERVICE'
        ? [{ socketError: 'EMSGSIZE' }]
        : [later.opened, reply(request, 1), done(request)],
    );
    const lost = collect(dumped(connection));
    await expect(lost).rejects.toThrow(code('EMSGSIZE'));
    const next = Promise.allSettled([collect(dumped(connection, 'GET_DEST'))]);
    await vi.advanceTimersByTimeAsync(10_001);
    later.open();
    expect(await next).toEqual([{ status: 'fulfilled', value: [1] }]);
  });
});

describe('what is not for a call', () => {
  /** Another's status, another process's word, nothing, and a message without a meaning. */
  const noise = (request: FakeRequest) => [
    refuse({ ...request, sequence: request.sequence + 1000 }, 'EPERM'),
    done({ ...request, sequence: 0 }, 'EPERM'),
    { port: 4711, datagram: refuse(request, 'EPERM') },
    { port: 4711, datagram: done(request, 'EPERM') },
    { port: 4711, datagram: Uint8Array.of(1, 2, 3) },
    { port: 0, datagram: new Uint8Array() },
    message(request, 1, []),
  ];

  test('is not told to a dump', async () => {
    const { connection, kernel } = connect((request) => [
      ...noise(request),
      reply(request, 1),
      ...noise(request),
      reply(request, 2),
      done(request),
      ...noise(request),
    ]);
    expect(await collect(dumped(connection))).toEqual([1, 2]);
    expectNothingLeft(kernel);
  });

  test('is not told to a batch', async () => {
    const { connection, kernel } = connect((request) => [
      ...noise(request),
      markOf(request) === 1 ? refuse(request, 'EEXIST') : ack(request),
      ...noise(request),
    ]);
    expect(await connection.batch(FAMILY_ID, many(300))).toEqual([
      { index: 1, error: code('EEXIST') },
    ]);
    expectNothingLeft(kernel);
  });
});

test('what comes behind the end of a dump is no part of it', async () => {
  const { connection, kernel } = connect((request) => [
    reply(request, 1),
    done(request),
    nextDatagram,
    reply(request, 9),
    done(request, 'EINTR'),
  ]);
  expect(await collect(dumped(connection))).toEqual([1]);
  expectNothingLeft(kernel);
});
