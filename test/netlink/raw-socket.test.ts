/** The socket of the package, and how it is read by its descriptor or by the event loop. */
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { code } from '../support/netlink.js';

/** What the process has open, and what the kernel has queued behind its socket. */
const system = vi.hoisted(() => ({
  open: new Map<number, 'file' | 'socket'>(),
  queue: [] as (Uint8Array | string)[],
  written: [] as number[][],
  /** What another thread opens between the look for a descriptor and the socket. */
  intruder: undefined as 'file' | 'socket' | undefined,
  lowest(): number {
    let number = 20;
    while (system.open.has(number)) number += 1;
    return number;
  },
  fail(name: string): never {
    throw Object.assign(new Error(name), { code: name, errno: -(constants.errno as never)[name] });
  },
}));

vi.mock('node:fs', () => ({
  openSync: () => {
    const number = system.lowest();
    system.open.set(number, 'file');
    return number;
  },
  closeSync: (number: number) => void system.open.delete(number),
  fstatSync: (number: number) => {
    const kind = system.open.get(number) ?? system.fail('EBADF');
    return { isSocket: () => kind === 'socket' };
  },
  writeSync: (number: number, bytes: Uint8Array) => void system.written.push([number, ...bytes]),
  readSync: (_number: number, buffer: Uint8Array) => {
    const next = system.queue.shift() ?? 'EAGAIN';
    if (typeof next === 'string') return system.fail(next);
    buffer.set(next);
    return next.length;
  },
}));

type Sent = (error: { readonly errno: number } | undefined) => void;

/** The package's socket: it hands out what the event loop has read. */
const sockets = vi.hoisted(() => ({ last: undefined as FakePackage | undefined }));
class FakePackage extends EventEmitter {
  readonly sent: number[][] = [];
  unreferenced = false;
  closed = false;
  error: { readonly errno: number } | undefined;

  constructor() {
    super();
    if (system.intruder !== undefined) system.open.set(system.lowest(), system.intruder);
    system.open.set(system.lowest(), 'socket');
    sockets.last = this;
  }

  send(bytes: Uint8Array, _options: object, sent: Sent): void {
    this.sent.push([...bytes]);
    setImmediate(() => {
      sent(this.error);
    });
  }

  unref(): void {
    this.unreferenced = true;
  }

  close(): void {
    this.closed = true;
  }
}
vi.mock('netlink/dist/raw.js', () => ({ RawNetlinkSocket: FakePackage }));

// Behind the class, which the mock needs.
const { openRawSocket } = await import('../../src/netlink/raw-socket.js');

function open() {
  const socket = openRawSocket();
  const { last } = sockets;
  if (last === undefined) throw new Error('no socket was opened');
  return { socket, raw: last };
}

const message = (raw: FakePackage, bytes: readonly number[], port = 0) =>
  raw.emit('message', Uint8Array.from(bytes), { port });

beforeEach(() => {
  system.open.clear();
  system.queue.length = 0;
  system.written.length = 0;
  system.intruder = undefined;
});

describe('a socket whose descriptor is found', () => {
  test('is written and read by it, and does not keep the process alive', () => {
    const { socket, raw } = open();
    socket.send(Uint8Array.of(1, 2));
    expect(system.written).toEqual([[20, 1, 2]]);
    expect(raw.sent).toEqual([]);
    system.queue.push(Uint8Array.of(3));
    expect([...(socket.receive() ?? [])]).toEqual([3]);
    expect(socket.receive()).toBeUndefined();
    expect('arrival' in socket).toBe(false);
    expect(raw.unreferenced).toBe(true);
    expect([...system.open]).toEqual([[20, 'socket']]);
  });

  test('gives first what the package has read while the event loop ran, and in its order', () => {
    const { socket, raw } = open();
    message(raw, [1]);
    raw.emit('truncatedMessage');
    raw.emit('error', { errno: -constants.errno.ENOBUFS });
    message(raw, [2]);
    system.queue.push(Uint8Array.of(3));
    expect([...(socket.receive() ?? [])]).toEqual([1]);
    expect(() => socket.receive()).toThrow(code('EMSGSIZE'));
    expect(() => socket.receive()).toThrow(code('ENOBUFS'));
    expect([...(socket.receive() ?? [])]).toEqual([2]);
    expect([...(socket.receive() ?? [])]).toEqual([3]);
  });

  test('says what the system says of a read, and that a datagram did not fit', () => {
    const { socket } = open();
    system.queue.push('ENOBUFS', new Uint8Array(32 * 1024));
    expect(() => socket.receive()).toThrow(code('ENOBUFS'));
    expect(() => socket.receive()).toThrow(code('EMSGSIZE'));
  });

  test('is not used by its number any more when the package has closed it', () => {
    const { socket, raw } = open();
    raw.emit('error', { errno: -constants.errno.EBADF });
    expect(() => socket.receive()).toThrow(code('EBADF'));
    expect(() => socket.receive()).toThrow(code('EBADF'));
    expect(() => {
      socket.send(Uint8Array.of(1));
    }).toThrow(code('EBADF'));
    expect(system.written).toEqual([]);
  });
});

describe.each(['file', 'socket'] as const)(
  'a socket that is opened while another thread opens a %s',
  (intruder) => {
    beforeEach(() => {
      system.intruder = intruder;
    });

    test('is written and read by the package', async () => {
      const { socket, raw } = open();
      socket.send(Uint8Array.of(1, 2));
      expect(raw.sent).toEqual([[1, 2]]);
      expect(system.written).toEqual([]);
      setImmediate(() => message(raw, [3]));
      expect(socket.receive()).toBeUndefined();
      await socket.arrival?.();
      expect([...(socket.receive() ?? [])]).toEqual([3]);
    });

    test('believes the kernel alone', async () => {
      const { socket, raw } = open();
      message(raw, [1], 4711);
      await socket.arrival?.();
      expect(socket.receive()).toBeUndefined();
    });

    test('stops waiting when the kernel has taken the request and nothing arrives', async () => {
      const { socket } = open();
      socket.send(Uint8Array.of(1));
      await socket.arrival?.();
      expect(socket.receive()).toBeUndefined();
    });

    test('says what keeps a request from the kernel', async () => {
      const { socket, raw } = open();
      raw.error = { errno: -constants.errno.EPERM };
      socket.send(Uint8Array.of(1));
      await socket.arrival?.();
      expect(() => socket.receive()).toThrow(
        expect.objectContaining({ operation: 'send', code: 'EPERM' }),
      );
    });
  },
);

test('a socket is closed behind the callback that closes it', async () => {
  const { socket, raw } = open();
  socket.close();
  expect(raw.closed).toBe(false);
  await vi.waitFor(() => {
    expect(raw.closed).toBe(true);
  });
});
