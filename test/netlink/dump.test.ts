import { afterEach, describe, expect, test, vi } from 'vitest';
import { commands } from '../../src/ipvs/wire/constants.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { Request } from '../../src/netlink/connection.js';
import type { Message } from '../../src/netlink/message.js';
import { collect, entriesOf, gate } from '../support/async.js';
import {
  ack,
  done,
  FAMILY_ID,
  fakeKernel,
  message,
  nextDatagram,
  refuse,
  SendFailure,
} from '../../src/testing/fake-kernel.js';
import type { Answer, FakeRequest, Reply } from '../../src/testing/fake-kernel.js';

const ask = (command: keyof typeof commands): Request => ({
  type: FAMILY_ID,
  write: (writer) => {
    writer.raw(Uint8Array.of(commands[command], 1, 0, 0));
  },
});
const number = ({ view, start }: Message) => view.getUint8(start);
const entry = (request: FakeRequest, value: number) => message(request, FAMILY_ID, [value]);
const code = (name: string): unknown => expect.objectContaining({ code: name });

function connect(answer: Answer) {
  const kernel = fakeKernel(answer);
  const connection = new NetlinkConnection(kernel);
  const dump = (command: keyof typeof commands = 'GET_SERVICE') =>
    entriesOf(connection.dump(ask(command), number));
  return { kernel, connection, dump };
}

/** The kernel: a second dump beside one that runs is EBUSY. */
function oneAtATime(replies: (request: FakeRequest) => Iterable<Reply>): Answer {
  let running = false;
  return function* (request) {
    if (running) {
      yield refuse(request, 'EBUSY');
      return;
    }
    running = true;
    yield* replies(request);
    yield nextDatagram.then(() => {
      running = false;
    });
    yield done(request);
  };
}

afterEach(() => {
  vi.useRealTimers();
});

test('gives the entries of all datagrams up to the end', async () => {
  const { dump, kernel } = connect((request) => [
    entry(request, 1),
    entry(request, 2),
    nextDatagram,
    entry(request, 3),
    nextDatagram,
    done(request),
  ]);
  expect(await collect(dump())).toEqual([1, 2, 3]);
  expect(kernel.requests.map(({ isDump, wantsAck }) => [isDump, wantsAck])).toEqual([
    [true, false],
  ]);
  expect(kernel.keepsAlive).toBe(false);
});

test('an empty dump gives nothing', async () => {
  const { dump } = connect((request) => [done(request)]);
  expect(await collect(dump())).toEqual([]);
});

test.each([
  ['in its end', (request: FakeRequest) => [entry(request, 1), done(request, 'EINTR')]],
  ['in place of it', (request: FakeRequest) => [entry(request, 1), refuse(request, 'EINTR')]],
])('an error of the kernel %s comes behind the entries before it', async (_name, answer) => {
  const { dump } = connect(answer);
  const seen: number[] = [];
  const walk = async () => {
    for await (const one of dump()) seen.push(one);
  };
  await expect(walk()).rejects.toMatchObject({ operation: 'dump', code: 'EINTR' });
  expect(seen).toEqual([1]);
});

test('a second dump waits for the first to end', async () => {
  const first = gate();
  const { dump, kernel } = connect((request) =>
    request.command === 'GET_SERVICE'
      ? [entry(request, 1), first.opened, done(request)]
      : [entry(request, 2), done(request)],
  );
  const services = collect(dump());
  const servers = collect(dump('GET_DEST'));
  await vi.waitFor(() => {
    expect(kernel.requests).toHaveLength(1);
  });
  first.open();
  expect(await Promise.all([services, servers])).toEqual([[1], [2]]);
});

test('within a loop over a dump another may run', async () => {
  const { dump, connection } = connect((request) =>
    request.isDump ? [entry(request, 1), entry(request, 2), done(request)] : [ack(request)],
  );
  const seen: number[][] = [];
  for await (const outer of dump()) {
    seen.push([outer, ...(await collect(dump('GET_DEST')))]);
    await connection.execute(ask('ZERO'));
  }
  expect(seen).toEqual([
    [1, 1, 2],
    [2, 1, 2],
  ]);
});

test('a loop that is left early lets the dump run out, and the next one wait for that', async () => {
  const rest = gate();
  const { dump, kernel } = connect((request) =>
    request.command === 'GET_SERVICE'
      ? [entry(request, 1), rest.opened, entry(request, 2), done(request)]
      : [entry(request, 3), done(request)],
  );
  for await (const one of dump()) {
    expect(one).toBe(1);
    break;
  }
  const next = collect(dump('GET_DEST'));
  expect(kernel.requests).toHaveLength(1);
  expect(kernel.keepsAlive).toBe(true);
  rest.open();
  expect(await next).toEqual([3]);
  expect(kernel.keepsAlive).toBe(false);
});

test('many dumps at once each get their own entries', async () => {
  const { dump } = connect(
    oneAtATime((request) => [nextDatagram, entry(request, request.sequence)]),
  );
  const dumps = await Promise.all(Array.from({ length: 50 }, () => collect(dump())));
  expect(dumps).toEqual(Array.from({ length: 50 }, (_, index) => [index + 1]));
});

test('entries are kept for a caller that takes them slowly', async () => {
  const taken = gate();
  const { dump } = connect((request) => [
    entry(request, 1),
    nextDatagram,
    entry(request, 2),
    done(request),
    nextDatagram.then(() => {
      taken.open();
    }),
  ]);
  const entries = dump();
  expect((await entries.next()).value).toBe(1);
  await taken.opened;
  expect((await entries.next()).value).toBe(2);
  expect((await entries.next()).done).toBe(true);
});

test('an entry that cannot be read fails the dump; the next one waits for its end', async () => {
  const { connection, dump } = connect(oneAtATime((request) => [entry(request, 1), nextDatagram]));
  const unreadable = connection.dump(ask('GET_SERVICE'), () => {
    throw new RangeError('unreadable');
  });
  await expect(collect(unreadable)).rejects.toThrow('unreadable');
  expect(await collect(dump())).toEqual([1]);
});

test('a request that cannot be written sends nothing; the next dump runs', async () => {
  const { connection, dump, kernel } = connect((request) => [done(request)]);
  const bad = {
    type: FAMILY_ID,
    write: () => {
      throw new RangeError('port');
    },
  };
  await expect(collect(connection.dump(bad, number))).rejects.toThrow('port');
  expect(await collect(dump())).toEqual([]);
  expect(kernel.requests).toHaveLength(1);
});

test('a dump that the socket does not take fails; the next one runs', async () => {
  let full = true;
  const { dump, kernel } = connect((request) => {
    if (full) throw new SendFailure('ENOBUFS');
    return [entry(request, 1), done(request)];
  });
  await expect(collect(dump())).rejects.toMatchObject({ operation: 'send', code: 'ENOBUFS' });
  expect(kernel.keepsAlive).toBe(false);
  full = false;
  expect(await collect(dump())).toEqual([1]);
});

describe('a dump whose end was lost', () => {
  test('does not hold up later ones for ever', async () => {
    vi.useFakeTimers();
    let lost = true;
    const { dump, kernel } = connect((request) => {
      if (!lost) return [entry(request, 1), done(request)];
      lost = false;
      return [{ socketError: 'EMSGSIZE' }];
    });
    await expect(collect(dump())).rejects.toThrow(code('EMSGSIZE'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await collect(dump())).toEqual([1]);
    expect(kernel.keepsAlive).toBe(false);
  });
});

test('a dump that waits for its turn and is given up is never sent', async () => {
  const first = gate();
  const { dump, connection, kernel } = connect((request) => [first.opened, done(request)]);
  const running = collect(dump());
  const controller = new AbortController();
  const waiting = connection.dump(ask('GET_DEST'), number, { signal: controller.signal });
  const outcome = expect(collect(waiting)).rejects.toMatchObject({ name: 'AbortError' });
  controller.abort();
  await outcome;
  first.open();
  expect(await running).toEqual([]);
  expect(await collect(dump('GET_DAEMON'))).toEqual([]);
  expect(kernel.requests.map(({ command }) => command)).toEqual(['GET_SERVICE', 'GET_DAEMON']);
});
