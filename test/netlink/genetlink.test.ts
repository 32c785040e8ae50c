import { expect, test } from 'vitest';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import { GenericFamily } from '../../src/netlink/genetlink.js';
import { ack, FAMILY_ID, fakeKernel, message, refuse } from '../../src/testing/fake-kernel.js';
import type { Answer } from '../../src/testing/fake-kernel.js';

function connect(answer: Answer, family?: Answer) {
  const kernel = fakeKernel(answer, family);
  return { kernel, connection: new NetlinkConnection(kernel) };
}

test('a family is found by its name, and spoken to by its id and version', async () => {
  const { connection, kernel } = connect((request) => [ack(request)]);
  const family = await GenericFamily.find(connection, 'IPVS');
  await family.request({ command: 17 }, () => undefined);
  const [request] = kernel.requests;
  expect(request?.type).toBe(FAMILY_ID);
  expect([...(request?.bytes.subarray(16) ?? [])]).toEqual([17, 1, 0, 0]);
});

test('a family that the kernel has not is ENOENT', async () => {
  const { connection } = connect(
    () => [],
    (request) => [refuse(request, 'ENOENT')],
  );
  await expect(GenericFamily.find(connection, 'IPVS')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a family without an id is EBADMSG', async () => {
  const { connection } = connect(
    () => [],
    (request) => [message(request, 16, [1, 2, 0, 0]), ack(request)],
  );
  await expect(GenericFamily.find(connection, 'IPVS')).rejects.toThrow('family IPVS without an id');
});

test('a reply without its generic header is EBADMSG', async () => {
  const { connection } = connect((request) => [message(request, FAMILY_ID, [1]), ack(request)]);
  const family = await GenericFamily.find(connection, 'IPVS');
  const { error } = await family.request({ command: 13 }, ({ command }) => command);
  expect(error).toMatchObject({ code: 'EBADMSG' });
});
