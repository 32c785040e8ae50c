import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { IpvsClient } from '../../../src/index.js';
import type { CallOptions } from '../../../src/index.js';
import { readConnections } from '../../../src/ipvs/proc/read-connections.js';
import { CONNECTION_FILE } from '../../../src/ipvs/wire/constants.js';
import { collect } from '../../../src/common/collect.js';
import { entriesOf } from '../../support/async.js';
import { parseConnection } from '../../support/connection-line.js';
import { tableKernel } from '../../../src/testing/table-kernel.js';

const proc = vi.hoisted(() => ({ file: '' }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs/promises')>();
  const open = (file: string) => fs.open(file === CONNECTION_FILE ? proc.file : file);
  return { ...fs, open };
});

const HEADING = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';
const TCP = 'TCP C0000205 9C40 C0000201 0050 0A000002 1F90 ESTABLISHED     899\n';

const folder = mkdtempSync(join(tmpdir(), 'ipvs-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.useRealTimers();
});

const connectionsOf = (file: string, options?: CallOptions) =>
  entriesOf(readConnections(file, options));

let files = 0;
function fileOf(text: string): string {
  const file = join(folder, `ip_vs_conn-${++files}`);
  writeFileSync(file, text);
  return file;
}

/** An entry in words. */
function words(line: string): string | undefined {
  const entry = parseConnection(line);
  if (entry === undefined) return undefined;
  const { protocol, source, virtual, destination, state, expiresInSeconds } = entry;
  const ends = [source, virtual, destination].map(({ address, port }) => `${address} ${port}`);
  return [protocol, ...ends, state, expiresInSeconds].join(', ');
}

describe('a line', () => {
  // cat /proc/net/ip_vs_conn, on Linux 6.1
  test.each([
    ['of IPv4', TCP, 'tcp, 192.0.2.5 40000, 192.0.2.1 80, 10.0.0.2 8080, ESTABLISHED, 899'],
    [
      'of IPv6',
      'UDP 2001:0db8:0000:0000:0000:0000:0000:0005 8000 2001:0db8:0000:0000:0000:0000:0000:0001 0035 2001:0db8:0000:0000:0000:0000:0000:0007 0035 UDP             299\n',
      'udp, 2001:db8::5 32768, 2001:db8::1 53, 2001:db8::7 53, UDP, 299',
    ],
    [
      'of a template',
      'TCP C0000200 0000 C0000201 0050 0A000002 1F90 ASSURED         359\n',
      'tcp, 192.0.2.0 0, 192.0.2.1 80, 10.0.0.2 8080, ASSURED, 359',
    ],
    [
      'of a template by mark, whose address holds the mark',
      'IP  C0000205 0000 00000007 0000 0A000002 0000 NONE             59\n',
      'ip, 192.0.2.5 0, 0.0.0.7 0, 10.0.0.2 0, NONE, 59',
    ],
    [
      'of SCTP',
      TCP.replace('TCP', 'SCTP'),
      'sctp, 192.0.2.5 40000, 192.0.2.1 80, 10.0.0.2 8080, ESTABLISHED, 899',
    ],
    [
      'of an IPv4 client whose real server has IPv6',
      'TCP C0000205 9C40 C0000201 0050 2001:0db8:0000:0000:0000:0000:0000:0007 0050 SYN_RECV         59',
      'tcp, 192.0.2.5 40000, 192.0.2.1 80, 2001:db8::7 80, SYN_RECV, 59',
    ],
  ])('%s', (_name, line, expected) => {
    expect(words(line)).toBe(expected);
  });

  test('with data of a persistence engine', () => {
    const line = `${TCP.trimEnd()} sip 3848276298220188511@atlanta.example\n`;
    expect(parseConnection(line)).toMatchObject({
      persistenceEngine: 'sip',
      persistenceData: '3848276298220188511@atlanta.example',
    });
    expect(parseConnection(TCP)).toMatchObject({
      persistenceEngine: undefined,
      persistenceData: undefined,
    });
  });

  test.each([
    ['the heading', HEADING],
    ['nothing', ''],
    ['blanks', '   '],
    ['half an entry', 'TCP C0000205 9C40 C0000201'],
    ['an entry without a state', 'TCP C0000205 9C40 C0000201 0050 0A000002 1F90'],
    ['an entry without an expiry', 'TCP C0000205 9C40 C0000201 0050 0A000002 1F90 NONE'],
    ['an address too short', TCP.replace('C0000205', 'C00002')],
    ['an address of odd letters', TCP.replace('C0000205', 'X0000205')],
    ['a port too long', TCP.replace('9C40', '19C40')],
    ['an expiry in words', TCP.replace('899', 'soon')],
  ])('that is %s is no connection', (_name, line) => {
    expect(parseConnection(line)).toBeUndefined();
  });
});

describe('the file', () => {
  test('is read entry by entry', async () => {
    const file = fileOf(HEADING + TCP + TCP.replace('TCP', 'UDP'));
    const entries = await collect(connectionsOf(file));
    expect(entries.map(({ protocol }) => protocol)).toEqual(['tcp', 'udp']);
  });

  test('may be long: lines are split over pieces', async () => {
    const count = 5_000;
    const entries = await collect(connectionsOf(fileOf(HEADING + TCP.repeat(count))));
    expect(entries).toHaveLength(count);
    expect(new Set(entries.map(({ expiresInSeconds }) => expiresInSeconds))).toEqual(
      new Set([899]),
    );
  });

  test('may be left early', async () => {
    for await (const { state } of connectionsOf(fileOf(HEADING + TCP.repeat(5_000)))) {
      expect(state).toBe('ESTABLISHED');
      break;
    }
  });

  test('that is not there is ENOENT', async () => {
    await expect(collect(connectionsOf(join(folder, 'none')))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  test('is not opened for an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(collect(connectionsOf(fileOf(TCP), { signal }))).rejects.toThrow('enough');
  });

  test('is read no further when its signal is aborted', async () => {
    const controller = new AbortController();
    const entries = connectionsOf(fileOf(TCP.repeat(5_000)), { signal: controller.signal });
    const walk = async () => {
      for await (const entry of entries) {
        if (entry.protocol === 'tcp') controller.abort(new Error('enough'));
      }
    };
    await expect(walk()).rejects.toThrow('enough');
  });

  test('waits for a caller that takes its time: the deadline is the kernel’s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let seen = 0;
    for await (const { protocol } of connectionsOf(fileOf(TCP.repeat(5_000)))) {
      if (seen % 1_000 === 0) await vi.advanceTimersByTimeAsync(20_000);
      if (protocol === 'tcp') seen += 1;
    }
    expect(seen).toBe(5_000);
  });
});

describe('the connections of a client', () => {
  test('are those of its network namespace', async () => {
    proc.file = fileOf(HEADING + TCP);
    const client = await IpvsClient.open({ socket: tableKernel() });
    expect(await collect(client.connections())).toEqual([parseConnection(TCP)]);
  });

  test('may be taken as many at a time as a read gives', async () => {
    proc.file = fileOf(HEADING + TCP.repeat(5_000));
    const client = await IpvsClient.open({ socket: tableKernel() });
    const pieces = await collect(client.connections({ batch: true }));
    expect(pieces.length).toBeLessThan(50);
    expect(pieces.flat()).toEqual(await collect(client.connections()));
  });

  test('are ENOENT where the kernel has no IPVS', async () => {
    proc.file = join(folder, 'none');
    const client = await IpvsClient.open({ socket: tableKernel() });
    await expect(collect(client.connections())).rejects.toMatchObject({
      name: 'IpvsError',
      operation: 'connections',
      code: 'ENOENT',
      errno: 2,
    });
  });
});
