import { describe, expect, test, vi } from 'vitest';
import { ack, FAMILY_ID, refuse } from '../../src/testing/fake-kernel.js';
import type { Answer } from '../../src/testing/fake-kernel.js';
import { ask, batchOf, connect, many, markOf } from '../support/netlink.js';

const accept: Answer = (request) => [ack(request)];

test('of nothing sends nothing', async () => {
  const { connection, kernel } = connect(accept);
  expect(await connection.batch(FAMILY_ID, batchOf([]))).toEqual([]);
  expect(kernel.datagrams).toEqual([]);
});

test.each([
  [1, [1]],
  [256, [256]],
  [257, [256, 1]],
  [600, [256, 256, 88]],
])('of %i goes in few datagrams, and asks for an ACK at the end of each', async (count, sizes) => {
  const { connection, kernel } = connect(accept);
  expect(await connection.batch(FAMILY_ID, many(count))).toEqual([]);
  expect(kernel.datagrams).toEqual(sizes);
  expect(kernel.requests.map(markOf)).toEqual(Array.from({ length: count }, (_, place) => place));
  const asked = kernel.requests.filter(({ wantsAck }) => wantsAck).map(markOf);
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((a, b) => a + b) - 1);
  expect(asked).toEqual(ends);
});

test('says which were refused, over all groups, and applies the rest', async () => {
  const refused = new Set([0, 7, 255, 256, 511, 512, 599]);
  const { connection } = connect((request) =>
    refused.has(markOf(request)) ? [refuse(request, 'EEXIST')] : [ack(request)],
  );
  const refusals = await connection.batch(FAMILY_ID, many(600));
  expect(refusals.map(({ index }) => index)).toEqual([...refused]);
  for (const { error } of refusals) expect(error).toMatchObject({ code: 'EEXIST' });
});

test('may be refused as a whole', async () => {
  const { connection } = connect((request) => [refuse(request, 'EPERM')]);
  expect(await connection.batch(FAMILY_ID, many(1000))).toHaveLength(1000);
});

test('of which one has a value without a place on the wire is what it was before that one', async () => {
  const { connection, kernel } = connect(accept);
  const batch = many(2);
  const failing = () => {
    batch.add((writer) => {
      writer.u32(7);
      throw new RangeError('port');
    });
  };
  expect(failing).toThrow(RangeError);
  expect(batch).toHaveLength(2);
  batch.add(ask('SET_CONFIG', 2).write);
  expect(await connection.batch(FAMILY_ID, batch)).toEqual([]);
  expect(kernel.requests.map(markOf)).toEqual([0, 1, 2]);
});

test('may be sent again, as it was or with more', async () => {
  const { connection, kernel } = connect(accept);
  const batch = many(300);
  await connection.batch(FAMILY_ID, batch);
  await connection.batch(FAMILY_ID, batch);
  batch.add(ask('SET_CONFIG', 300).write);
  await connection.batch(FAMILY_ID, batch);
  expect(kernel.datagrams).toEqual([256, 44, 256, 44, 256, 45]);
  const asked = kernel.requests.filter(({ wantsAck }) => wantsAck).map(markOf);
  expect(asked).toEqual([255, 299, 255, 299, 255, 300]);
});

test('may be sent twice at once', async () => {
  const { connection, kernel } = connect((request) =>
    markOf(request) === 1 ? [refuse(request, 'EEXIST')] : [ack(request)],
  );
  const batch = many(3);
  const outcomes = await Promise.all([
    connection.batch(FAMILY_ID, batch),
    connection.batch(FAMILY_ID, batch),
  ]);
  expect(outcomes.map((refusals) => refusals.map(({ index }) => index))).toEqual([[1], [1]]);
  expect(new Set(kernel.requests.map(({ sequence }) => sequence)).size).toBe(6);
});

test('reports its progress after each group', async () => {
  const { connection } = connect(accept);
  const onProgress = vi.fn();
  await connection.batch(FAMILY_ID, many(600), { onProgress });
  expect(onProgress.mock.calls).toEqual([[256], [512], [600]]);
});

describe('that is aborted', () => {
  test('sends no further group', async () => {
    const { connection, kernel } = connect(accept);
    const controller = new AbortController();
    const batch = connection.batch(FAMILY_ID, many(600), {
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
  const batch = connection.batch(FAMILY_ID, many(600), {
    onProgress: () => {
      connection.close();
    },
  });
  await expect(batch).rejects.toMatchObject({ code: 'ECANCELED' });
});

test('does not mix with another that runs beside it', async () => {
  const { connection } = connect((request) =>
    markOf(request) === 3 ? [refuse(request, 'ESRCH')] : [ack(request)],
  );
  const sizes = [300, 2, 600, 4];
  const outcomes = await Promise.all(sizes.map((size) => connection.batch(FAMILY_ID, many(size))));
  expect(outcomes.map((refusals) => refusals.map(({ index }) => index))).toEqual([
    [3],
    [],
    [3],
    [3],
  ]);
});
