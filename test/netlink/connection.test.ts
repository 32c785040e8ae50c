import { beforeEach, describe, expect, test } from 'vitest';
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
import { collect } from '../../src/common/collect.js';
import {
  ask,
  batchOf,
  calls,
  code,
  connect,
  dumped,
  execute,
  markOf,
  number,
  query,
  reply,
  sockets,
} from '../support/netlink.js';

const nothing = (): Reply[] => [];

/** A dump of so many datagrams, of one entry each. */
const long =
  (count: number): Answer =>
  (request) => [
    ...Array.from({ length: count }, (_, index) => [reply(request, index), nextDatagram]).flat(),
    done(request),
  ];
const wellOrLong: Answer = (request) =>
  request.isDump ? long(200)(request) : [reply(request, markOf(request)), ack(request)];

describe.each(sockets)('a query to a socket that is read %s', (_name, socketTo) => {
  test('gives the replies before its ACK', async () => {
    const { connection } = connect(
      (request) => [reply(request, 1), nextDatagram, reply(request, 2), ack(request)],
      socketTo,
    );
    expect(await query(connection, ask('GET_INFO'), number)).toEqual([1, 2]);
  });

  test('rejects with the errno of the kernel', async () => {
    const { connection } = connect((request) => [refuse(request, 'EEXIST')], socketTo);
    await expect(execute(connection, ask('NEW_SERVICE'))).rejects.toMatchObject({
      name: 'NetlinkError',
      operation: 'request',
      errno: 17,
    });
  });

  test('that the socket does not take rejects with the errno of the socket', async () => {
    const { connection } = connect(() => {
      throw new SendFailure('EPERM');
    }, socketTo);
    await expect(execute(connection, ask('FLUSH'))).rejects.toMatchObject({
      operation: 'send',
      code: 'EPERM',
    });
  });

  test('with a value that has no place on the wire sends nothing', async () => {
    const { connection, kernel } = connect((request) => [ack(request)], socketTo);
    const bad = {
      type: FAMILY_ID,
      write: () => {
        throw new RangeError('port');
      },
    };
    await expect(execute(connection, bad)).rejects.toThrow(RangeError);
    await execute(connection, ask('FLUSH'));
    expect(kernel.requests).toHaveLength(1);
  });

  test('whose reply cannot be read rejects, and the next one is not confused', async () => {
    const { connection } = connect(
      (request) => [reply(request, markOf(request)), ack(request)],
      socketTo,
    );
    const unreadable = query(connection, ask('GET_INFO'), () => {
      throw new RangeError('unreadable');
    });
    await expect(unreadable).rejects.toThrow('unreadable');
    expect(await query(connection, ask('GET_INFO', 5), number)).toEqual([5]);
  });

  test('passes NOOP messages over', async () => {
    const { connection } = connect(
      (request) => [message(request, 1, [0, 0, 0, 0]), ack(request)],
      socketTo,
    );
    expect(await query(connection, ask('GET_INFO'), number)).toEqual([]);
  });

  test('never mixes with others that are made at once, and they are sent in their order', async () => {
    const { connection, kernel } = connect(
      (request) => [reply(request, markOf(request)), ack(request)],
      socketTo,
    );
    const all = Array.from({ length: 100 }, (_, mark) => [mark]);
    const made = all.map(([mark]) => query(connection, ask('GET_INFO', mark), number));
    expect(await Promise.all(made)).toEqual(all);
    expect(kernel.requests.map(markOf)).toEqual(all.flat());
  });

  test('ignores replies to nobody, and those of a foreign sequence number', async () => {
    const { connection } = connect(
      (request) => [
        reply({ sequence: 0 }, 1),
        reply({ sequence: request.sequence + 1 }, 2),
        ack({ ...request, sequence: request.sequence + 1 }),
        refuse({ ...request, sequence: request.sequence - 1 }, 'EPERM'),
        reply(request, 3),
        ack(request),
      ],
      socketTo,
    );
    expect(await query(connection, ask('GET_INFO'), number)).toEqual([3]);
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
  ['no reply', nothing, 'ENODATA'],
] satisfies [string, Answer, string][])('%s', (_name, misbehave, expected) => {
  let first = true;
  const { connection } = connect((request) => {
    if (!first) return request.isDump ? [reply(request, 1), done(request)] : [ack(request)];
    first = false;
    return request.isDump && expected !== 'ENODATA'
      ? [...misbehave(request), nextDatagram, done(request)]
      : misbehave(request);
  });
  beforeEach(() => {
    first = true;
  });

  test('fails a query, and not the next', async () => {
    await expect(execute(connection, ask('FLUSH'))).rejects.toThrow(code(expected));
    await execute(connection, ask('FLUSH'));
  });

  test('fails a dump, and not the next', async () => {
    await expect(collect(dumped(connection))).rejects.toThrow(code(expected));
    expect(await collect(dumped(connection))).toEqual([1]);
  });

  test('fails a batch, and not the next', async () => {
    await expect(connection.batch(FAMILY_ID, batchOf([ask('FLUSH')]))).rejects.toThrow(
      code(expected),
    );
    expect(await connection.batch(FAMILY_ID, batchOf([ask('FLUSH')]))).toEqual([]);
  });
});

describe.each(sockets)('a kernel that says nothing, to a socket read %s', (_name, socketTo) => {
  test.each(calls)('fails %s at once', async (_name, call) => {
    const { connection } = connect(nothing, socketTo);
    await expect(call(connection)).rejects.toMatchObject({ operation: 'receive', code: 'ENODATA' });
  });
});

/** How often the event loop runs while something is done. */
async function roundsDuring(work: () => Promise<void>): Promise<number> {
  let rounds = 0;
  const count = () => {
    rounds += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await work();
  clearImmediate(timer);
  return rounds;
}

describe('a long dump', () => {
  test('lets the event loop run meanwhile', async () => {
    const { connection } = connect(wellOrLong);
    const rounds = await roundsDuring(async () => {
      expect(await collect(dumped(connection))).toHaveLength(200);
    });
    expect(rounds).toBeGreaterThanOrEqual(5);
  });

  test.each(sockets)('read %s holds up calls behind it, which keep their order', async (...row) => {
    const { connection, kernel } = connect(wellOrLong, row[1]);
    await Promise.all([
      collect(dumped(connection)),
      query(connection, ask('GET_INFO', 1), number),
      collect(dumped(connection, 'GET_DEST')),
      query(connection, ask('GET_INFO', 2), number),
    ]);
    expect(kernel.requests.map(({ command }) => command)).toEqual([
      'GET_SERVICE',
      'GET_INFO',
      'GET_DEST',
      'GET_INFO',
    ]);
  });

  test.each(sockets)('read %s ends with the reason of its signal', async (...row) => {
    const { connection } = connect(wellOrLong, row[1]);
    const controller = new AbortController();
    const dump = collect(dumped(connection, 'GET_SERVICE', { signal: controller.signal }));
    controller.abort('shutdown');
    await expect(dump).rejects.toBe('shutdown');
    // Its rest is not in the way of the next.
    expect(await collect(dumped(connection))).toHaveLength(200);
  });
});

describe('many short exchanges', () => {
  test('let the event loop run now and then', async () => {
    const { connection } = connect(wellOrLong);
    const rounds = await roundsDuring(async () => {
      for (let mark = 0; mark < 320; mark += 1) await execute(connection, ask('GET_INFO', mark));
    });
    expect(rounds).toBeGreaterThanOrEqual(5);
  });
});

describe('close', () => {
  test.each(sockets)('ends every call that has not ended with ECANCELED (%s)', async (...row) => {
    const { connection, kernel } = connect(wellOrLong, row[1]);
    const open = [
      collect(dumped(connection)),
      execute(connection, ask('FLUSH')),
      connection.batch(FAMILY_ID, batchOf([ask('ZERO')])),
      collect(dumped(connection, 'GET_DEST')),
    ];
    connection.close();
    connection.close();
    for (const outcome of await Promise.allSettled(open)) {
      expect(outcome).toEqual({ status: 'rejected', reason: code('ECANCELED') });
    }
    expect(kernel.requests).toHaveLength(1);
    expect(kernel.closed).toBe(true);
  });

  test.each(calls)('makes %s after it reject, and sends nothing', async (_name, call) => {
    const { connection, kernel } = connect(wellOrLong);
    connection.close();
    await expect(call(connection)).rejects.toThrow(code('ECANCELED'));
    expect(kernel.requests).toEqual([]);
  });
});

test.each(calls)('%s with an aborted signal sends nothing', async (_name, call) => {
  const { connection, kernel } = connect(wellOrLong);
  const outcome = call(connection, { signal: AbortSignal.abort('no error') });
  await expect(outcome).rejects.toBe('no error');
  expect(kernel.requests).toEqual([]);
});
