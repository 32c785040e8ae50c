/** Dumps that are read at once, without the event loop. */
import { describe, expect, test } from 'vitest';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { Message } from '../../src/netlink/message.js';
import { collect, gate } from '../support/async.js';
import { directKernel } from '../support/direct-socket.js';
import {
  ack,
  done,
  fakeKernel,
  message,
  nextDatagram,
  refuse,
  SendFailure,
} from '../../src/testing/fake-kernel.js';
import type { Answer, ErrnoName, FakeRequest } from '../../src/testing/fake-kernel.js';
import { ask, code, dumped, markOf, number, reply } from '../support/netlink.js';

const services = ask('GET_SERVICE');

function connect(answer: Answer, available?: boolean) {
  const kernel = fakeKernel(answer);
  const direct = directKernel(kernel, available);
  return { kernel, direct, connection: new NetlinkConnection(direct.open) };
}

/** Answers the first request in one way, and all others with one entry. */
function firstOf(answer: Answer): Answer {
  let first = true;
  return (request) => {
    if (!first) return request.isDump ? [reply(request, 1), done(request)] : [ack(request)];
    first = false;
    return answer(request);
  };
}

test('gives a piece for each datagram up to the end', () => {
  const { connection, direct, kernel } = connect((request) => [
    reply(request, 1),
    reply(request, 2),
    nextDatagram,
    reply(request, 3),
    nextDatagram,
    done(request),
  ]);
  expect(connection.dumpNow(services, number)).toEqual([[1, 2], [3]]);
  expect(kernel.requests.map(({ isDump, wantsAck }) => [isDump, wantsAck])).toEqual([
    [true, false],
  ]);
  expect([direct.sent, kernel.keepsAlive]).toEqual([1, false]);
});

test('of nothing gives nothing', () => {
  const { connection } = connect((request) => [done(request)]);
  expect(connection.dumpNow(services, number)).toEqual([]);
});

test('passes over what its reader passes over', () => {
  const { connection } = connect((request) => [
    reply(request, 1),
    reply(request, 2),
    nextDatagram,
    reply(request, 1),
    done(request),
  ]);
  const even = (one: Message) => (number(one) % 2 === 0 ? number(one) : undefined);
  expect(connection.dumpNow(services, even)).toEqual([[2]]);
});

test('one after the other finds the socket once', () => {
  const { connection, direct } = connect((request) => [reply(request, 1), done(request)]);
  for (let count = 0; count < 3; count += 1) {
    expect(connection.dumpNow(services, number)).toEqual([[1]]);
  }
  expect([direct.asked, direct.sent]).toEqual([1, 3]);
});

describe('cannot be had', () => {
  test('where the system does not show the socket, which is asked once', () => {
    const { connection, direct } = connect((request) => [done(request)], false);
    expect(connection.dumpNow(services, number)).toBeUndefined();
    expect(connection.dumpNow(services, number)).toBeUndefined();
    expect([direct.asked, direct.sent]).toEqual([1, 0]);
  });

  test('from a socket that knows no such use', () => {
    const connection = new NetlinkConnection(fakeKernel((request) => [done(request)]));
    expect(connection.dumpNow(services, number)).toBeUndefined();
  });

  test('while another dump runs, or is given up and not at its end', async () => {
    const rest = gate();
    const { connection, direct } = connect(
      firstOf((request) => [reply(request, 7), rest.opened, done(request)]),
    );
    for await (const one of dumped(connection)) {
      expect(one).toBe(7);
      expect(connection.dumpNow(services, number)).toBeUndefined();
      break;
    }
    expect(connection.dumpNow(services, number)).toBeUndefined();
    expect(direct.sent).toBe(0);
    rest.open();
    expect(await collect(dumped(connection))).toEqual([1]);
    expect(connection.dumpNow(services, number)).toEqual([[1]]);
  });

  test('from a connection that is closed: ECANCELED', () => {
    const { connection, direct } = connect((request) => [done(request)]);
    connection.close();
    expect(() => connection.dumpNow(services, number)).toThrow(code('ECANCELED'));
    expect(direct.sent).toBe(0);
  });
});

describe('an error', () => {
  test.each([
    ['at the end', (request: FakeRequest) => [reply(request, 7), done(request, 'EINTR')]],
    ['in place of a dump', (request: FakeRequest) => [refuse(request, 'EINTR')]],
  ])('of the kernel %s is told, and the next dump works', (_name, answer) => {
    const { connection } = connect(firstOf(answer));
    expect(() => connection.dumpNow(services, number)).toThrow(
      expect.objectContaining({ operation: 'dump', code: 'EINTR' }),
    );
    expect(connection.dumpNow(services, number)).toEqual([[1]]);
  });

  test('of the reader is told when the dump was read to its end, and the next dump works', () => {
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
    expect(() => connection.dumpNow(services, failing)).toThrow('unreadable 1');
    expect(seen).toEqual([1]);
    expect(connection.dumpNow(services, number)).toEqual([[1, 2], [3]]);
  });

  test('of a value that has no place on the wire sends nothing', () => {
    const { connection, direct } = connect(
      firstOf((request) => [reply(request, 1), done(request)]),
    );
    const write = () => {
      throw new RangeError('port');
    };
    expect(() => connection.dumpNow({ ...services, write }, number)).toThrow('port');
    expect(direct.sent).toBe(0);
    expect(connection.dumpNow(services, number)).toEqual([[1]]);
  });

  test('of the socket, which takes nothing, is told, and the next dump works', () => {
    const { connection } = connect(
      firstOf(() => {
        throw new SendFailure('ENOBUFS');
      }),
    );
    expect(() => connection.dumpNow(services, number)).toThrow(
      expect.objectContaining({ operation: 'send', code: 'ENOBUFS' }),
    );
    expect(connection.dumpNow(services, number)).toEqual([[1]]);
  });

  test('that no answer is there is told', () => {
    const { connection } = connect(firstOf((request) => [reply(request, 1)]));
    expect(() => connection.dumpNow(services, number)).toThrow(code('EAGAIN'));
  });

  describe.each(['EMSGSIZE', 'ENOBUFS'] satisfies ErrnoName[])('%s in receiving', (errno) => {
    const lossy = (request: FakeRequest) => [
      reply(request, 7),
      { socketError: errno },
      reply(request, 8),
      nextDatagram,
      done(request),
    ];

    test('is told', () => {
      const { connection } = connect(lossy);
      expect(() => connection.dumpNow(services, number)).toThrow(
        expect.objectContaining({ operation: 'receive', code: errno }),
      );
    });

    test('leaves nothing behind that would hold up the next dump', () => {
      const { connection } = connect(firstOf(lossy));
      expect(() => connection.dumpNow(services, number)).toThrow(code(errno));
      expect(connection.dumpNow(services, number)).toEqual([[1]]);
    });
  });

  test('in a datagram that is cut short is EBADMSG, and holds up no other dump', () => {
    const { connection } = connect(
      firstOf((request) => [reply(request, 7).subarray(0, 18), nextDatagram, done(request)]),
    );
    expect(() => connection.dumpNow(services, number)).toThrow(code('EBADMSG'));
    expect(connection.dumpNow(services, number)).toEqual([[1]]);
  });
});

test('hands what answers other calls to them', async () => {
  let held: FakeRequest | undefined;
  const { connection, kernel } = connect((request) => {
    if (!request.isDump) {
      held = request;
      return [];
    }
    const between =
      held === undefined
        ? []
        : [reply(held, 5), refuse({ ...held, sequence: 4711 }, 'EPERM'), ack(held)];
    return [reply(request, 1), ...between, reply(request, 2), done(request)];
  });
  const query = connection.query(ask('GET_INFO', 9), number);
  await Promise.resolve();
  expect(kernel.requests.map(markOf)).toEqual([9]);
  expect(connection.dumpNow(services, number)).toEqual([[1, 2]]);
  expect(await query).toEqual([5]);
  expect(kernel.keepsAlive).toBe(false);
});

test('passes NOOP messages over', () => {
  const { connection } = connect((request) => [
    message(request, 1, [0, 0, 0, 0]),
    reply(request, 1),
    done(request),
  ]);
  expect(connection.dumpNow(services, number)).toEqual([[1]]);
});

test('ignores what is meant for nobody', () => {
  const { connection } = connect((request) => [
    reply({ sequence: request.sequence + 1000 }, 8),
    done({ ...request, sequence: 0 }, 'EPERM'),
    reply(request, 1),
    done(request),
  ]);
  expect(connection.dumpNow(services, number)).toEqual([[1]]);
});
