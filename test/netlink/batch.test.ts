import { describe, expect, test, vi } from 'vitest';
import { commands } from '../../src/ipvs/constants.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { Request } from '../../src/netlink/connection.js';
import { ack, FAMILY_ID, fakeKernel, refuse } from '../support/fake-kernel.js';
import type { Answer, FakeRequest } from '../support/fake-kernel.js';

const accept: Answer = (request) => [ack(request)];

function requests(count: number): Request[] {
  return Array.from({ length: count }, (_, mark) => ({
    type: FAMILY_ID,
    write: (writer) => {
      writer.raw(Uint8Array.of(commands.SET_CONFIG, 1, 0, 0, 8, 0, 4, 0));
      writer.u32(mark);
    },
  }));
}

const placeOf = ({ attributes }: FakeRequest) => attributes.TIMEOUT_TCP ?? -1;

function connect(answer: Answer) {
  const kernel = fakeKernel(answer);
  return { kernel, connection: new NetlinkConnection(kernel) };
}

test('of nothing sends nothing', async () => {
  const { connection, kernel } = connect(accept);
  expect(await connection.batch([])).toEqual([]);
  expect(kernel.datagrams).toEqual([]);
});

test.each([
  [1, [1]],
  [256, [256]],
  [257, [256, 1]],
  [600, [256, 256, 88]],
])('of %i goes in few datagrams, and asks for an ACK at the end of each', async (count, sizes) => {
  const { connection, kernel } = connect(accept);
  expect(await connection.batch(requests(count))).toEqual([]);
  expect(kernel.datagrams).toEqual(sizes);
  expect(kernel.requests.map(placeOf)).toEqual(Array.from({ length: count }, (_, place) => place));
  const asked = kernel.requests.filter(({ wantsAck }) => wantsAck).map(placeOf);
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((a, b) => a + b) - 1);
  expect(asked).toEqual(ends);
});

test('says which were refused, over all groups, and applies the rest', async () => {
  const refused = new Set([0, 7, 255, 256, 511, 512, 599]);
  const { connection } = connect((request) =>
    refused.has(placeOf(request)) ? [refuse(request, 'EEXIST')] : [ack(request)],
  );
  const refusals = await connection.batch(requests(600));
  expect(refusals.map(({ index }) => index)).toEqual([...refused]);
  for (const { error } of refusals) expect(error).toMatchObject({ code: 'EEXIST' });
});

test('may be refused as a whole', async () => {
  const { connection } = connect((request) => [refuse(request, 'EPERM')]);
  expect(await connection.batch(requests(1000))).toHaveLength(1000);
});

test('with a value that has no place on the wire sends nothing', async () => {
  const { connection, kernel } = connect(accept);
  const all = requests(600);
  all[400] = {
    type: FAMILY_ID,
    write: () => {
      throw new RangeError('port');
    },
  };
  await expect(connection.batch(all)).rejects.toThrow(RangeError);
  expect(kernel.requests).toEqual([]);
});

test('tells after each group how far it is', async () => {
  const { connection } = connect(accept);
  const onProgress = vi.fn();
  await connection.batch(requests(600), { onProgress });
  expect(onProgress.mock.calls).toEqual([[256], [512], [600]]);
});

describe('that is aborted', () => {
  test('sends no further group', async () => {
    const { connection, kernel } = connect(accept);
    const controller = new AbortController();
    const batch = connection.batch(requests(600), {
      signal: controller.signal,
      onProgress: () => {
        controller.abort(new Error('enough'));
      },
    });
    await expect(batch).rejects.toThrow('enough');
    expect(kernel.datagrams).toEqual([256]);
  });
});

test('that is closed meanwhile rejects', async () => {
  const { connection } = connect(accept);
  const batch = connection.batch(requests(600), {
    onProgress: () => {
      connection.close();
    },
  });
  await expect(batch).rejects.toMatchObject({ code: 'ECANCELED' });
});

test('does not mix with another that runs beside it', async () => {
  const { connection } = connect((request) =>
    placeOf(request) === 3 ? [refuse(request, 'ESRCH')] : [ack(request)],
  );
  const sizes = [300, 2, 600, 4];
  const outcomes = await Promise.all(sizes.map((size) => connection.batch(requests(size))));
  expect(outcomes.map((refusals) => refusals.map(({ index }) => index))).toEqual([
    [3],
    [],
    [3],
    [3],
  ]);
});
