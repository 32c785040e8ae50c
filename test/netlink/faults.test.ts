/** What a call comes to when the kernel or the socket misbehaves: it settles, says so, and disturbs no other. */
import { describe, expect, test, vi } from 'vitest';
import { collect } from '../../src/common/collect.js';
import {
  ack,
  done,
  FAMILY_ID,
  message,
  nextDatagram,
  refuse,
  SendFailure,
} from '../../src/testing/fake-kernel.js';
import type { Answer, ErrnoName, FakeRequest } from '../../src/testing/fake-kernel.js';
import {
  ask,
  calls,
  code,
  connect,
  dumped,
  execute,
  many,
  markOf,
  number,
  query,
  reply,
} from '../support/netlink.js';

/** How a kernel answers that has nothing to complain of. */
const well: Answer = (request) =>
  request.isDump ? [reply(request, 1), done(request)] : [ack(request)];

/** Answers the first request in one way, and all others well. */
function firstOf(answer: Answer, count = 1): Answer {
  let left = count;
  return (request) => {
    if (left === 0) return well(request);
    left -= 1;
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
      const { connection } = connect(
        firstOf(() => {
          throw new SendFailure(errno);
        }),
      );
      await expect(call(connection)).rejects.toMatchObject({ operation: 'send', code: errno });
      await call(connection);
    });

    test('of the kernel ends a query, and not the next', async () => {
      const { connection } = connect(firstOf((request) => [refuse(request, errno)]));
      const facts = { operation: 'request', code: errno };
      await expect(execute(connection, ask('FLUSH'))).rejects.toMatchObject(facts);
      await execute(connection, ask('FLUSH'));
    });

    test('of the kernel is reported for the request of the batch that it belongs to', async () => {
      const { connection } = connect((request) => [
        markOf(request) === 1 ? refuse(request, errno) : ack(request),
      ]);
      expect(await connection.batch(FAMILY_ID, many(3))).toEqual([
        { index: 1, error: code(errno) },
      ]);
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
        // A dump that is refused because another is unread is asked for once more.
        const requests = errno === 'EBUSY' && entries.length === 0 ? 2 : 1;
        const { connection } = connect(firstOf(answer, requests));
        const seen: number[] = [];
        const dump = take(dumped(connection), seen);
        await expect(dump).rejects.toMatchObject({ operation: 'dump', code: errno });
        expect(seen).toEqual(entries);
        expect(await collect(dumped(connection))).toEqual([1]);
      },
    );
  },
);

test('a dump that the kernel refuses because another is unread is asked for again, and succeeds', async () => {
  const { connection } = connect(firstOf((request) => [refuse(request, 'EBUSY')]));
  expect(await collect(dumped(connection))).toEqual([1]);
});

describe.each(['ENOBUFS', 'EMSGSIZE'] satisfies ErrnoName[])('replies lost with %s', (errno) => {
  const lost = { socketError: errno };
  const facts = { operation: 'receive', code: errno };

  test('behind the data of a query leave its outcome unknown; its late ACK is read with it', async () => {
    const { connection } = connect(firstOf((request) => [reply(request, 1), lost, ack(request)]));
    await expect(query(connection, ask('GET_INFO'), number)).rejects.toMatchObject(facts);
    await execute(connection, ask('FLUSH'));
  });

  test('within a dump end it behind the entries before; the rest is no part of the next', async () => {
    const { connection } = connect(
      firstOf((request) => [
        reply(request, 7),
        lost,
        reply(request, 8),
        nextDatagram,
        done(request),
      ]),
    );
    const seen: number[] = [];
    const dump = take(dumped(connection), seen);
    await expect(dump).rejects.toMatchObject(facts);
    expect(seen).toEqual([7]);
    expect(await collect(dumped(connection, 'GET_DEST'))).toEqual([1]);
  });

  test('within a batch leave its outcome unknown: no more is sent, and late errors disturb nobody', async () => {
    let late: FakeRequest[] = [];
    const { connection, kernel } = connect((request) => {
      if (markOf(request) === 300) return [lost];
      const before = late.map((one) => refuse(one, 'EEXIST'));
      late = [];
      return [...before, ack(request)];
    });
    const onProgress = vi.fn();
    const batch = connection.batch(FAMILY_ID, many(600), { onProgress });
    await expect(batch).rejects.toMatchObject(facts);
    expect(kernel.datagrams).toEqual([256, 256]);
    expect(onProgress.mock.calls).toEqual([[256]]);
    late = [...kernel.requests];
    expect(await connection.batch(FAMILY_ID, many(2))).toEqual([]);
  });
});

describe('what is not for a call', () => {
  /** Another's status, nobody's, and a message without a meaning. */
  const noise = (request: FakeRequest) => [
    refuse({ ...request, sequence: request.sequence + 1000 }, 'EPERM'),
    done({ ...request, sequence: 0 }, 'EPERM'),
    nextDatagram,
    message(request, 1, []),
  ];

  test('is not taken for a reply to a dump', async () => {
    const { connection } = connect((request) => [
      ...noise(request),
      reply(request, 1),
      ...noise(request),
      reply(request, 2),
      done(request),
      ...noise(request),
    ]);
    expect(await collect(dumped(connection))).toEqual([1, 2]);
  });

  test('is not taken for a reply to a batch', async () => {
    const { connection } = connect((request) => [
      ...noise(request),
      markOf(request) === 1 ? refuse(request, 'EEXIST') : ack(request),
      ...noise(request),
    ]);
    expect(await connection.batch(FAMILY_ID, many(300))).toEqual([
      { index: 1, error: code('EEXIST') },
    ]);
  });
});

test('what comes behind the end of a dump is no part of it', async () => {
  const { connection } = connect((request) => [
    reply(request, 1),
    done(request),
    nextDatagram,
    reply(request, 9),
    done(request, 'EINTR'),
  ]);
  expect(await collect(dumped(connection))).toEqual([1]);
});
