/** What a program, or NODE_DEBUG=ipvs, is shown of the exchanges with the kernel. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { IpvsClient } from '../../../src/index.js';
import type { TracedMessage } from '../../../src/index.js';
import { ack, data, done, fakeKernel } from '../../../src/testing/fake-kernel.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;

let seen: (readonly [string, TracedMessage])[] = [];
const note = (message: unknown, name: string | symbol) =>
  void seen.push([String(name), message as TracedMessage]);
const names = () => seen.map(([channel, { name }]) => `${channel.slice(5)} ${name}`);

describe('a program that subscribes to the channels', () => {
  beforeEach(() => {
    seen = [];
    subscribe('ipvs:request', note);
    subscribe('ipvs:reply', note);
  });
  afterEach(() => {
    unsubscribe('ipvs:request', note);
    unsubscribe('ipvs:reply', note);
  });

  test('sees every request and every reply, decoded', async () => {
    await using client = await IpvsClient.open({ socket: tableKernel() });
    await client.addService(web, { scheduler: 'rr' });
    for await (const { id } of client.services()) expect(id).toMatchObject({ port: 80 });
    expect(names()).toEqual([
      'request CTRL_CMD_GETFAMILY',
      'reply CTRL_CMD_NEWFAMILY',
      'reply ACK',
      'request NEW_SERVICE',
      'reply ACK',
      'request GET_SERVICE',
      'reply NEW_SERVICE',
      'reply DONE',
    ]);
    expect(seen[3]?.[1]).toMatchObject({
      sequence: 2,
      isDump: false,
      attributes: { SERVICE: { AF: 2, PROTOCOL: 6, PORT: 80, SCHED_NAME: 'rr' } },
    });
    expect(seen[5]?.[1]).toMatchObject({ sequence: 3, isDump: true });
  });

  test('sees the code of what the kernel refuses', async () => {
    await using client = await IpvsClient.open({ socket: tableKernel() });
    await expect(client.deleteService(web)).rejects.toThrow('no such service');
    expect(seen.at(-1)?.[1]).toMatchObject({ name: 'ERROR', code: 'ESRCH' });
  });

  test('sees a damaged reply, and the call still reports it', async () => {
    const kernel = fakeKernel((request) => [
      data(request, 'NEW_SERVICE', { SERVICE: { AF: 2 } }).fill(1, 20),
      ack(request),
    ]);
    await using client = await IpvsClient.open({ socket: kernel });
    await expect(client.service(web)).rejects.toMatchObject({ code: 'EBADMSG' });
    expect(names().slice(-2)).toEqual(['reply malformed', 'reply ACK']);
  });
});

describe('with NODE_DEBUG=ipvs', () => {
  let written = '';
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.doUnmock('node:util');
    vi.resetModules();
  });

  /** The client as it is in a process that was started so. */
  async function open(socket: ReturnType<typeof fakeKernel>) {
    written = '';
    vi.resetModules();
    vi.doMock('node:util', async (original) => {
      const log = Object.assign(
        (format: string, line: string) => void (written += `${format.replace('%s', line)}\n`),
        { enabled: true },
      );
      return { ...(await original<object>()), debuglog: () => log };
    });
    const { IpvsClient } = await import('../../../src/index.js');
    return IpvsClient.open({ socket });
  }

  test('each message is one line', async () => {
    const client = await open(tableKernel());
    await client.addService({ firewallMark: 7 }, { scheduler: 'rr' });
    const lines = written.trimEnd().split('\n').slice(-2);
    expect(lines[0]).toMatch(/^request 2 NEW_SERVICE \{"SERVICE":\{"AF":2,"FWMARK":7,.*\}\}$/);
    expect(lines[1]).toBe('reply 2 ACK');
  });

  test('no control character of a name comes out', async () => {
    const evil = 'a\n\x1b[m\x7f\x9b\u2028';
    const kernel = fakeKernel((request) => [
      data(request, 'NEW_SERVICE', { SERVICE: { AF: 2, FWMARK: 7, SCHED_NAME: evil } }),
      done(request),
    ]);
    const client = await open(kernel);
    for await (const { id } of client.services())
      expect(id).toEqual({ firewallMark: 7, family: 'ipv4' });
    expect(written).toContain('"SCHED_NAME":"a\\n\\u001b[m\\u007f\\u009b\\u2028"');
    // eslint-disable-next-line no-control-regex -- these must not be there
    expect(written.replaceAll('\n', '')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028]/);
  });

  test('counters and addresses are shown', async () => {
    const statistics = { connections: 2n ** 60n };
    const kernel = tableKernel({ services: [{ service: web, statistics }] });
    const client = await open(kernel);
    await client.service(web);
    expect(written).toContain('"ADDR":"c0000201000000000000000000000000"');
    expect(written).toContain(`"CONNS":"${2n ** 60n}"`);
  });
});

test('while nobody listens, nothing is decoded for it', async () => {
  const { channel } = await import('node:diagnostics_channel');
  const publish = vi.spyOn(channel('ipvs:request'), 'publish');
  await using client = await IpvsClient.open({ socket: tableKernel() });
  await client.flush();
  expect(publish).not.toHaveBeenCalled();
});
