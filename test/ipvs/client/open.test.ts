import { beforeEach, expect, test, vi } from 'vitest';
import { IpvsClient } from '../../../src/index.js';
import { loadModule } from '../../../src/ipvs/client/module-loader.js';
import {
  ack,
  answerFamily,
  fakeKernel,
  refuse,
  SendFailure,
} from '../../../src/testing/fake-kernel.js';
import type { Answer } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

vi.mock('../../../src/ipvs/client/module-loader.js', () => ({ loadModule: vi.fn() }));

const load = vi.mocked(loadModule);
const accept: Answer = (request) => [ack(request)];

beforeEach(() => {
  load.mockReset();
  load.mockResolvedValue('');
});

test('a kernel with IPVS needs no module loader', async () => {
  await IpvsClient.open({ socket: tableKernel() });
  expect(load).not.toHaveBeenCalled();
});

test('a kernel without IPVS is given its module', async () => {
  let loaded = false;
  load.mockImplementation(() => {
    loaded = true;
    return Promise.resolve('');
  });
  const kernel = fakeKernel(accept, (request) =>
    loaded ? answerFamily(request) : [refuse(request, 'ENOENT')],
  );
  const client = await IpvsClient.open({ socket: kernel });
  await client.flush();
  expect(load.mock.calls).toEqual([['ip_vs', undefined]]);
});

test('a module that cannot be loaded is ENOENT, with what the loader said', async () => {
  load.mockResolvedValue('modprobe: FATAL: Module ip_vs not found.\n');
  const kernel = tableKernel({ family: 'ENOENT' });
  await expect(IpvsClient.open({ socket: kernel })).rejects.toMatchObject({
    name: 'IpvsError',
    operation: 'open',
    command: undefined,
    code: 'ENOENT',
    moduleLoader: 'modprobe: FATAL: Module ip_vs not found.\n',
  });
  expect(kernel.closed).toBe(true);
});

test('the loader is left alone when the caller says so', async () => {
  const kernel = tableKernel({ family: 'ENOENT' });
  const opened = IpvsClient.open({ socket: kernel, loadModule: false });
  await expect(opened).rejects.toMatchObject({ code: 'ENOENT', moduleLoader: undefined });
  expect(load).not.toHaveBeenCalled();
});

test('another refusal is no matter of the module', async () => {
  const opened = IpvsClient.open({ socket: tableKernel({ family: 'EPERM' }) });
  await expect(opened).rejects.toMatchObject({ code: 'EPERM' });
  expect(load).not.toHaveBeenCalled();
});

test('a socket that takes nothing closes', async () => {
  const kernel = fakeKernel(accept, () => {
    throw new SendFailure('ENOBUFS');
  });
  await expect(IpvsClient.open({ socket: kernel })).rejects.toMatchObject({ code: 'ENOBUFS' });
  expect(kernel.closed).toBe(true);
});

test('a loader that takes its time can be given up', async () => {
  const controller = new AbortController();
  load.mockImplementation((_name, signal) => {
    controller.abort(new Error('enough'));
    return Promise.resolve(signal?.aborted === true ? 'aborted' : 'not aborted');
  });
  const { signal } = controller;
  const kernel = tableKernel({ family: 'ENOENT' });
  await expect(IpvsClient.open({ socket: kernel, signal })).rejects.toThrow('enough');
  await expect(load.mock.results[0]?.value).resolves.toBe('aborted');
});

test('opening can be given up', async () => {
  const kernel = fakeKernel(accept, () => []);
  const opened = IpvsClient.open({
    socket: kernel,
    signal: AbortSignal.abort(new Error('enough')),
  });
  await expect(opened).rejects.toThrow('enough');
  expect(kernel.closed).toBe(true);
});
