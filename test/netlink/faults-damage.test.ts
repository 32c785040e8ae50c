/** Datagrams that are not what the kernel said: cut short at any byte, changed in any byte, or nothing but bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NLMSG_ERROR } from '../../src/netlink/constants.js';
import { NetlinkError } from '../../src/netlink/errors.js';
import {
  ack,
  done,
  FAMILY_ID,
  message,
  nextDatagram,
  refuse,
} from '../../src/testing/fake-kernel.js';
import type { FakeRequest, Reply } from '../../src/testing/fake-kernel.js';
import { captured } from '../support/fixtures.js';
import {
  ask,
  calls,
  code,
  connect,
  execute,
  many,
  number,
  query,
  reply,
} from '../support/netlink.js';

/** What a real kernel said of six services, without the end. */
const services = (request: Pick<FakeRequest, 'sequence'>): Uint8Array[] => {
  const dump = captured('list').find((exchange) => exchange.repliesTo(request).length === 8);
  const replies = (dump?.repliesTo(request) ?? []) as Uint8Array[];
  return replies.slice(0, -1);
};

const together = (messages: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(messages));

/** Where messages of a datagram begin, but for the first: a datagram that is cut there is a whole one. */
function boundaries(messages: readonly Uint8Array[]): number[] {
  let at = 0;
  return messages.map(({ length }) => (at += length));
}

/** Every length of a datagram at which one of its messages is cut short. */
function cuts(messages: readonly Uint8Array[]): number[] {
  const whole = boundaries(messages);
  const lengths = Array.from({ length: together(messages).length }, (_, length) => length);
  return lengths.filter((length) => length > 0 && !whole.includes(length));
}

/** A kernel whose every word is cut to a length; what was cut off is lost, and `behind` it come the next datagrams. */
function cutting(
  say: (request: FakeRequest) => Uint8Array[],
  behind: (request: FakeRequest) => Reply[] = () => [],
) {
  const cut = { length: 0 };
  return {
    cut,
    ...connect((request) => [
      together(say(request)).subarray(0, cut.length),
      nextDatagram,
      ...behind(request),
    ]),
  };
}

const dump = { ...ask('GET_SERVICE'), isDump: true };
const some = { sequence: 1, bytes: new Uint8Array(24) } as FakeRequest;

describe('cut short at any byte', () => {
  test('the reply to a query, or its ACK, is EBADMSG', async () => {
    const say = (request: FakeRequest) => [reply(request, 1), ack({ ...request, wantsAck: true })];
    const { cut, connection } = cutting(say);
    for (cut.length of cuts(say(some))) {
      const asked = query(connection, ask('GET_INFO'), number);
      await expect(asked, `${cut.length} bytes`).rejects.toThrow(code('EBADMSG'));
    }
  });

  test('a refusal is EBADMSG, not what it says', async () => {
    const say = (request: FakeRequest) => [refuse(request, 'EEXIST')];
    const { cut, connection } = cutting(say);
    for (cut.length of cuts([refuse({ ...some, bytes: new Uint8Array(28) }, 'EEXIST')])) {
      const query = execute(connection, ask('FLUSH'));
      await expect(query, `${cut.length} bytes`).rejects.toThrow(code('EBADMSG'));
    }
  });

  test('the refusals of a batch are EBADMSG: its outcome is unknown', async () => {
    const say = (request: FakeRequest) => [refuse(request, 'EEXIST')];
    const { cut, connection } = cutting(say);
    for (cut.length of cuts([refuse({ ...some, bytes: new Uint8Array(28) }, 'EEXIST')])) {
      const batch = connection.batch(FAMILY_ID, many(3));
      await expect(batch, `${cut.length} bytes`).rejects.toThrow(code('EBADMSG'));
    }
  });

  test('a dump gives the entries that are whole, and then EBADMSG', async () => {
    const { cut, connection } = cutting(services, (request) => [done(request)]);
    const ends = boundaries(services(some));
    for (cut.length of cuts(services(some)).filter((length) => length % 7 === 0)) {
      const { pieces, error } = await connection.request(dump, () => 1);
      expect(error, `${cut.length} bytes`).toEqual(code('EBADMSG'));
      expect(pieces.flat()).toHaveLength(ends.filter((end) => end < cut.length).length);
    }
  });

  test.each([0, 1, 2, 3])('a status of %i bytes is no success', async (length) => {
    const { connection } = connect((request) => [
      message(request, NLMSG_ERROR, [239, 255, 255, 255].slice(0, length)),
    ]);
    await expect(execute(connection, ask('FLUSH'))).rejects.toThrow(code('EBADMSG'));
  });
});

/** A kernel that answers each call with a datagram of any bytes; then the next calls go well. */
async function survive(datagram: Uint8Array, codes: readonly string[]): Promise<void> {
  for (const [, call] of calls) {
    let harm = true;
    const { connection } = connect((request) => {
      if (!harm) return request.isDump ? [reply(request, 1), done(request)] : [ack(request)];
      harm = false;
      return [datagram];
    });
    const [outcome] = await Promise.allSettled([call(connection)]);
    if (outcome.status === 'rejected') {
      expect(outcome.reason).toBeInstanceOf(NetlinkError);
      const { code: reported } = outcome.reason as NetlinkError;
      if (codes.length > 0) expect(codes).toContain(reported);
    }
    for (const [, other] of calls) await other(connection);
  }
}

describe('of any bytes', () => {
  test('a datagram fails those that wait with EBADMSG at most, and disturbs no later call', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        survive(bytes, ['EBADMSG', 'ENODATA']),
      ),
    );
  });

  test('a message for one that waits settles it, whatever it says, and disturbs no later call', async () => {
    const body = fc.array(fc.nat(255), { minLength: 4, maxLength: 24 });
    const types = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.nat(65_535));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), types, body), { maxLength: 5 }),
        (messages) =>
          survive(
            together(
              messages.map(([sequence, type, content]) => message({ sequence }, type, content)),
            ),
            [],
          ),
      ),
    );
  });
});

/** Changes of a datagram: a byte set, a piece cut out, a piece twice. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(3000), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(3000), value: fc.nat(100) }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat(3000), value: fc.nat(100) }),
);

function damaged(
  datagram: Uint8Array,
  { kind, at, value }: { kind: 'set' | 'cut' | 'double'; at: number; value: number },
): Uint8Array {
  const place = at % Math.max(datagram.length, 1);
  if (kind === 'set') {
    const copy = datagram.slice();
    copy[place] = value;
    return copy;
  }
  const behind = kind === 'cut' ? place + value : Math.max(place - value, 0);
  return together([datagram.subarray(0, place), datagram.subarray(behind)]);
}

test('a dump that is damaged anyhow ends, and disturbs no later call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (changes) => {
      let harm = true;
      const { connection } = connect((request) => {
        if (!harm) return request.isDump ? [reply(request, 1), done(request)] : [ack(request)];
        harm = false;
        const said = changes.reduce(damaged, together(services(request)));
        return [said, nextDatagram, done(request)];
      });
      const [outcome] = await Promise.allSettled([
        connection.request(dump, ({ start, end }) => end - start),
      ]);
      if (outcome.status === 'rejected') throw outcome.reason;
      if (outcome.value.error !== undefined)
        expect(outcome.value.error).toBeInstanceOf(NetlinkError);
      for (const [, call] of calls) await call(connection);
    }),
  );
});
