/** A family whose module was reloaded while the connection was open: the kernel knows it by another id. */
import { expect, test, vi } from 'vitest';
import { commands } from '../../src/ipvs/wire/constants.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import type { BatchOptions, CallOptions } from '../../src/netlink/connection.js';
import { GenericFamily, writeGeneric } from '../../src/netlink/genetlink.js';
import type { GenericRequest } from '../../src/netlink/genetlink.js';
import { RequestBatch } from '../../src/netlink/request-batch.js';
import {
  ack,
  answerFamily,
  done,
  FAMILY_ID,
  fakeKernel,
  message,
  refuse,
} from '../../src/testing/fake-kernel.js';
import type { Answer, ErrnoName, FakeRequest } from '../../src/testing/fake-kernel.js';
import { code } from '../support/netlink.js';

const flush: GenericRequest = { command: commands.FLUSH };
const ask: GenericRequest = { command: commands.GET_CONFIG };
const entry = (request: FakeRequest, value: number) =>
  message(request, request.type, [1, 1, 0, 0, value]);
const number = ({ view, start }: { readonly view: DataView; readonly start: number }) =>
  view.getUint8(start);
const well: Answer = (request) =>
  request.isDump ? [entry(request, 1), done(request)] : [entry(request, 1), ack(request)];

/** An id that look-ups get no answer for. */
const SILENT = 0;

/** A family that was found, and a kernel whose answer to the ids that it has no more is `stale`. */
async function find(answer: Answer = well, stale: ErrnoName = 'ENOENT') {
  const module: { id: number | undefined } = { id: FAMILY_ID };
  let lookUps = 0;
  const kernel = fakeKernel(
    (request) => (request.type === module.id ? answer(request) : [refuse(request, stale)]),
    (request) => {
      lookUps += 1;
      if (module.id === SILENT) return [];
      return module.id === undefined
        ? [refuse(request, 'ENOENT')]
        : answerFamily(request, module.id);
    },
  );
  const family = await GenericFamily.find(new NetlinkConnection(kernel), 'IPVS');
  const lookedUpAgain = () => lookUps - 1;
  return { family, kernel, module, lookedUpAgain };
}

function batch(family: GenericFamily, count: number, options?: BatchOptions) {
  const requests = new RequestBatch();
  for (let index = 0; index < count; index += 1) {
    requests.add((writer) => {
      writeGeneric(writer, 1, flush);
    });
  }
  return family.batch(requests, options);
}

/** The numbers that come for a request; what goes wrong is thrown. */
async function numbers(family: GenericFamily, request: GenericRequest, options?: CallOptions) {
  const { pieces, error } = await family.request(request, number, options);
  if (error !== undefined) throw error;
  return pieces.flat();
}

const dump: GenericRequest = { ...ask, isDump: true };

const calls = [
  ['a query', (family: GenericFamily) => numbers(family, ask), [1]],
  ['a dump', (family: GenericFamily) => numbers(family, dump), [1]],
  ['a batch', (family: GenericFamily) => batch(family, 2), []],
] as const;

test.each(calls)(
  '%s finds the family where it is now, and so do those behind it',
  async (...row) => {
    const [, call, expected] = row;
    const { family, module, lookedUpAgain } = await find();
    module.id = 29;
    expect(await call(family)).toEqual(expected);
    expect(await call(family)).toEqual(expected);
    expect(lookedUpAgain()).toBe(1);
  },
);

test.each(calls)('%s finds it also when its id is that of another family now', async (...row) => {
  const [, call, expected] = row;
  const { family, module } = await find(well, 'EOPNOTSUPP');
  module.id = 1000;
  expect(await call(family)).toEqual(expected);
});

test.each(calls)('%s to a family that is gone is ENOPROTOOPT, until it is back', async (...row) => {
  const [, call, expected] = row;
  const { family, module } = await find();
  module.id = undefined;
  await expect(call(family)).rejects.toMatchObject({
    operation: 'request',
    code: 'ENOPROTOOPT',
    message: 'netlink request: ENOPROTOOPT (the kernel has no family IPVS any more)',
  });
  module.id = 30;
  expect(await call(family)).toEqual(expected);
});

test('an ENOENT of the family itself is reported as it is, at the cost of one look-up', async () => {
  const { family, kernel, lookedUpAgain } = await find((request) => [refuse(request, 'ENOENT')]);
  await expect(numbers(family, flush)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(lookedUpAgain()).toBe(1);
  await expect(numbers(family, dump)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(lookedUpAgain()).toBe(2);
  expect(await batch(family, 300)).toHaveLength(300);
  expect(lookedUpAgain()).toBe(3);
  expect(kernel.requests).toHaveLength(302);
});

test('any other error needs no look-up', async () => {
  const { family, lookedUpAgain } = await find((request) => [refuse(request, 'ESRCH')]);
  await expect(numbers(family, flush)).rejects.toMatchObject({ code: 'ESRCH' });
  expect(await batch(family, 2)).toHaveLength(2);
  expect(lookedUpAgain()).toBe(0);
});

test('a call is repeated once, however often the module is reloaded', async () => {
  const { family, kernel, module } = await find();
  // Whatever is found is old by the time that it is used.
  Object.defineProperty(module, 'id', { get: () => FAMILY_ID + 1 + kernel.requests.length });
  await expect(numbers(family, ask)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(kernel.requests).toHaveLength(2);
});

test('calls that run side by side all find it', async () => {
  const { family, module } = await find();
  module.id = 29;
  const together = calls.map(([, call]) => call(family));
  expect(await Promise.all(together)).toEqual(calls.map(([, , expected]) => expected));
});

test('a batch is repeated as a whole: what had taken effect went with the old module', async () => {
  const { family, kernel, module } = await find();
  const onProgress = vi.fn((done: number) => {
    if (done === 256) module.id = 29;
  });
  expect(await batch(family, 600, { onProgress })).toEqual([]);
  const types = kernel.requests.map(({ type }) => type);
  expect(types.slice(-600).every((type) => type === 29)).toBe(true);
  expect(types).toHaveLength(1200);
  expect(onProgress.mock.calls.map(([done]) => done)).toEqual([256, 512, 600, 256, 512, 600]);
});

test('a dump is not restarted after its first entry', async () => {
  const { family, kernel } = await find((request) => [entry(request, 1), done(request, 'ENOENT')]);
  expect(await family.request(dump, number)).toEqual({ pieces: [[1]], error: code('ENOENT') });
  expect(kernel.requests).toHaveLength(1);
});

test('a look-up that gets no answer is ENODATA, of whatever call it is part', async () => {
  const { family, module } = await find();
  module.id = SILENT;
  for (const [, call] of calls) {
    await expect(call(family)).rejects.toMatchObject({ operation: 'receive', code: 'ENODATA' });
  }
});
