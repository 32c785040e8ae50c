/** Dumps of a table that changes meanwhile, and dumps that are not what the kernel said. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatServiceId, IpvsClient, IpvsError } from '../../../src/index.js';
import type { ServiceEntry } from '../../../src/index.js';
import { collect } from '../../../src/common/collect.js';
import {
  ack,
  data,
  done,
  fakeKernel,
  message,
  nextDatagram,
  refuse,
} from '../../../src/testing/fake-kernel.js';
import type { Answer, FakeRequest } from '../../../src/testing/fake-kernel.js';
import { captured } from '../../support/fixtures.js';
import { sockets } from '../../support/netlink.js';

const mark = (request: FakeRequest, FWMARK: number) =>
  data(request, 'NEW_SERVICE', { SERVICE: { AF: 2, FWMARK, SCHED_NAME: 'rr' } });
const server = (request: FakeRequest, PORT: number) =>
  data(request, 'NEW_DEST', { DEST: { ADDR_FAMILY: 2, ADDR: new Uint8Array(16), PORT } });

async function speak(answer: Answer) {
  const kernel = fakeKernel(answer);
  return { kernel, client: await IpvsClient.open({ socket: kernel }) };
}

const shown = (table: readonly ServiceEntry[]) =>
  table.map(({ service, destinations }) => [
    formatServiceId(service.id),
    destinations.map(({ id }) => id.port),
  ]);

describe('a table that changes while it is walked', () => {
  test('has each entry once, even if the kernel repeats it in other datagrams', async () => {
    const { client, kernel } = await speak((request) =>
      request.command === 'GET_SERVICE'
        ? [
            mark(request, 1),
            mark(request, 2),
            nextDatagram,
            mark(request, 2),
            message(request, 1, []),
            mark(request, 1),
            mark(request, 3),
            done(request),
          ]
        : [
            server(request, 1),
            nextDatagram,
            server(request, 1),
            server(request, 2),
            nextDatagram,
            done(request),
          ],
    );
    expect(shown(await collect(client.table()))).toEqual([
      ['mark:1', [1, 2]],
      ['mark:2', [1, 2]],
      ['mark:3', [1, 2]],
    ]);
    // What comes in more than one piece is asked for twice: of each service, and the services themselves.
    expect(kernel.requests).toHaveLength(8);
  });

  test('that comes in one piece is asked for once', async () => {
    const { client, kernel } = await speak((request) =>
      request.command === 'GET_SERVICE'
        ? [mark(request, 1), mark(request, 2), nextDatagram, done(request)]
        : [server(request, 1), nextDatagram, done(request)],
    );
    expect(shown(await collect(client.table()))).toHaveLength(2);
    expect(kernel.requests).toHaveLength(3);
  });

  describe.each(sockets)('and is read %s', (_name, socketTo) => {
    test('has also what a deletion between two pieces has hidden', async () => {
      let walks = 0;
      const kernel = fakeKernel((request) => {
        walks += 1;
        // The first is deleted after it was reported: each moves up, and the fourth is where the third was reported.
        return walks === 1
          ? [
              mark(request, 1),
              mark(request, 2),
              mark(request, 3),
              nextDatagram,
              mark(request, 5),
              done(request),
            ]
          : [
              mark(request, 2),
              mark(request, 3),
              nextDatagram,
              mark(request, 4),
              mark(request, 5),
              done(request),
            ];
      });
      const client = await IpvsClient.open({ socket: socketTo(kernel) });
      const found = await collect(client.services());
      expect(found.map(({ id }) => formatServiceId(id))).toEqual(
        [1, 2, 3, 5, 4].map((number) => `mark:${number}`),
      );
      expect(walks).toBe(2);
    });

    test('is given once where nothing has changed', async () => {
      const kernel = fakeKernel((request) => [
        ...Array.from({ length: 50 }, (_, index) => mark(request, index + 1)),
        nextDatagram,
        ...Array.from({ length: 50 }, (_, index) => mark(request, index + 51)),
        done(request),
      ]);
      const client = await IpvsClient.open({ socket: socketTo(kernel) });
      const found = await collect(client.services({ statistics: false }));
      expect(found.map(({ id }) => 'firewallMark' in id && id.firewallMark)).toEqual(
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
    });
  });

  test('has no service that is deleted while the table is read', async () => {
    const { client } = await speak((request) => {
      const gone = request.attributes.SERVICE?.FWMARK === 1;
      if (request.command === 'GET_SERVICE' && request.isDump) {
        return [mark(request, 1), nextDatagram, mark(request, 4), done(request)];
      }
      if (request.command === 'GET_SERVICE') {
        return gone ? [refuse(request, 'ESRCH')] : [mark(request, 4), ack(request)];
      }
      // The kernel has no error for a service that is not there: it has no real servers.
      return [done(request)];
    });
    expect(shown(await collect(client.table()))).toEqual([['mark:4', []]]);
  });

  test('fails with what the kernel says of a service without real servers, if that is not ESRCH', async () => {
    const { client } = await speak((request) => {
      if (!request.isDump) return [refuse(request, 'EPERM')];
      return request.command === 'GET_SERVICE'
        ? [mark(request, 1), done(request)]
        : [done(request)];
    });
    await expect(collect(client.table())).rejects.toMatchObject({
      operation: 'service',
      code: 'EPERM',
    });
  });
});

/** What a real kernel said of its six services, without the end. */
const services = captured('list')
  .map((exchange) => exchange.repliesTo({ sequence: 1 }) as Uint8Array[])
  .find((replies) => replies.length === 8)
  ?.slice(0, -1);

/** A message for a request, which says that it is as long as it is. */
function relabelled(bytes: Uint8Array, { sequence }: FakeRequest): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(0, copy.length, true);
  view.setUint32(8, sequence, true);
  return copy;
}

/** A message that is cut, where the length of the nest in it agrees: what is missing is not to be seen by lengths. */
function agreeing(bytes: Uint8Array, length: number): Uint8Array {
  const copy = bytes.slice(0, length);
  if (length >= NEST + 4) new DataView(copy.buffer).setUint16(NEST, length - NEST, true);
  return copy;
}

/** Where the nest of the service begins in a reply. */
const NEST = 20;

describe('the reply with a service', () => {
  const whole = services?.[0] ?? new Uint8Array();
  const lengths = Array.from({ length: whole.length - NEST }, (_, length) => length + NEST);

  async function readCut(cut: (bytes: Uint8Array, length: number) => Uint8Array, length: number) {
    const { client } = await speak((request) => [
      relabelled(cut(whole, length), request),
      nextDatagram,
      done(request),
    ]);
    const [outcome] = await Promise.allSettled([collect(client.services())]);
    // The end of the dump is behind what fails it.
    await collect(client.services()).catch(() => []);
    return outcome;
  }

  test('is EBADMSG when it is cut at any byte of the service', async () => {
    expect(whole.length).toBeGreaterThan(300);
    for (const length of lengths) {
      const outcome = await readCut((bytes) => bytes.slice(0, length), length);
      // With less than the header of an attribute there is no service in it.
      if (length < NEST + 4) expect(outcome).toEqual({ status: 'fulfilled', value: [] });
      else expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EBADMSG' } });
    }
  });

  test('is EBADMSG, or has what is left, when its lengths hide the cut', async () => {
    const { client } = await speak((request) => [relabelled(whole, request), done(request)]);
    const truth = (await collect(client.services())).map(({ id }) => formatServiceId(id));
    expect(truth).toEqual(['udp:192.0.2.1:5060']);
    for (const length of lengths) {
      const outcome = await readCut(agreeing, length);
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ name: 'IpvsError', code: 'EBADMSG' });
        continue;
      }
      const reported = outcome.value.map(({ id }) => formatServiceId(id));
      expect([[], ['udp:0.0.0.0:0'], ['udp:192.0.2.1:0'], truth]).toContainEqual(reported);
    }
  });
});

test('a dump with any damaged bytes is read, or fails with an error of this library', async () => {
  const original = Buffer.concat(services ?? []);
  const change = fc.record({ at: fc.nat(original.length - 1), value: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      let harm = true;
      const { client } = await speak((request) => {
        if (!request.isDump) return [ack(request)];
        if (!harm) return [mark(request, 1), done(request)];
        harm = false;
        const all = (services ?? []).map((one) => relabelled(one, request));
        const said = new Uint8Array(Buffer.concat(all));
        for (const { at, value } of changes) said[at] = value;
        return [said, nextDatagram, done(request)];
      });
      const [outcome] = await Promise.allSettled([collect(client.services())]);
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(IpvsError);
      expect(await collect(client.services())).toHaveLength(1);
    }),
    // A reply that was damaged into an end: the real end is still unread.
    { examples: [[[{ at: 4, value: 2 }]]] },
  );
});
