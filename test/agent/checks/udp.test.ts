import type { RemoteInfo, Socket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import type { CheckTarget } from '../../../src/agent/config/config.js';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { udp } from '../../../src/agent/checks/udp.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { isInBun } from '../../support/bun/in-bun.js';
import { targetOf } from './probe-target.js';
import { freeUdpPort, udpServer } from './udp-server.js';

type Answering = (bytes: Buffer, from: RemoteInfo, socket: Socket) => void;

const answering =
  (...answers: readonly (string | Buffer)[]): Answering =>
  (_bytes, from, socket) => {
    for (const answer of answers) socket.send(answer, from.port, from.address);
  };

async function ask(
  onDatagram: Answering,
  settings: Readonly<Record<string, unknown>>,
  more: Partial<CheckTarget> = {},
  address = '127.0.0.1',
) {
  const { port } = await udpServer(address, onDatagram);
  return await udp.prepare(targetOf(address, port, more), settings).run();
}

const soon = { timeoutMs: 300 };

describe.each(['127.0.0.1', '::1'])('a server on %s', (address) => {
  test('that refuses fails at once', async () => {
    const port = await freeUdpPort(address);
    for (const settings of [{}, { send: 'hello' }, { send: 'hello', expect: 'hello' }]) {
      expect(await udp.prepare(targetOf(address, port), settings).run()).toEqual({
        passing: false,
        reason: 'connection refused',
      });
    }
  });

  test('that is silent passes when the time is up', async () => {
    expect(await ask(() => undefined, {}, soon, address)).toEqual({
      passing: true,
      reason: 'no port-unreachable in 0.3 s',
    });
  });

  test('that is silent fails where an answer is expected', async () => {
    expect(await ask(() => undefined, { send: 'hello', expect: '.' }, soon, address)).toEqual({
      passing: false,
      reason: 'no answer in 0.3 s',
    });
  });

  test('that answers passes without waiting', async () => {
    expect(await ask(answering('hello'), {}, {}, address)).toEqual({
      passing: true,
      reason: 'answered',
    });
  });
});

describe('an answer', () => {
  const echo: Answering = (bytes, from, socket) => {
    socket.send(bytes, from.port, from.address);
  };

  test('passes when it matches', async () => {
    expect(await ask(echo, { send: 'hello', expect: '^hel+o$' })).toEqual({
      passing: true,
      reason: 'answer matches "^hel+o$"',
    });
  });

  test('is one to bytes that are given as hexadecimal digits', async () => {
    expect(await ask(echo, { send: { hex: '686500ff' }, expect: '^he\\x00' })).toMatchObject({
      passing: true,
    });
  });

  test('is one to an empty datagram when there is nothing to send', async () => {
    const length: Answering = (bytes, from, socket) => {
      socket.send(`${bytes.length} bytes`, from.port, from.address);
    };
    expect(await ask(length, { expect: '^0 bytes$' })).toMatchObject({ passing: true });
  });

  test.each([
    ['another', ['sorry'], 'answer "sorry" does not match "^hello"'],
    ['an empty one', [''], 'answer "" does not match "^hello"'],
    [
      'control characters',
      ['\u001b[2J\r\n\u009b'],
      'answer "\\u001b[2J\\r\\n?" does not match "^hello"',
    ],
    [
      'bytes that are no text',
      [Buffer.of(0xff, 0xfe)],
      'answer "\ufffd\ufffd" does not match "^hello"',
    ],
    ['one after a wrong one', ['sorry', 'hello'], 'answer "sorry" does not match "^hello"'],
    ['a long one', ['x'.repeat(60_000)], `answer "${'x'.repeat(60)}..." does not match "^hello"`],
  ])('that does not match fails: %s', async (_what, answers, reason) => {
    expect(await ask(answering(...answers), { send: 'x', expect: '^hello' })).toEqual({
      passing: false,
      reason,
    });
  });

  test('decides once, when they come without end', async () => {
    let isOver = false;
    const flood: Answering = (_bytes, from, socket) => {
      const more = () => {
        if (isOver) return;
        socket.send('noise', from.port, from.address);
        setImmediate(more);
      };
      more();
    };
    expect(await ask(flood, { send: 'x', expect: '^hello' })).toEqual({
      passing: false,
      reason: 'answer "noise" does not match "^hello"',
    });
    isOver = true;
  });

  test('from another port is none of this server', async () => {
    const stranger = await udpServer('127.0.0.1');
    const viaStranger: Answering = (_bytes, from) => {
      stranger.socket.send('hello', from.port, from.address);
    };
    expect(await ask(viaStranger, { send: 'x', expect: 'hello' }, soon)).toEqual({
      passing: false,
      reason: 'no answer in 0.3 s',
    });
  });
});

describe('a check by UDP', () => {
  test('comes from the address that is set', async () => {
    const whence: Answering = (_bytes, from, socket) => {
      socket.send(from.address, from.port, from.address);
    };
    const source = IpAddress.parse('127.0.0.7');
    expect(await ask(whence, { expect: '^127\\.0\\.0\\.7$' }, { source })).toMatchObject({
      passing: true,
    });
  });

  test('fails with the reason when it cannot come from there', async () => {
    const source = IpAddress.parse('203.0.113.9');
    expect(await ask(() => undefined, {}, { source })).toEqual({
      passing: false,
      reason: 'there is no address or no port here to ask from',
    });
  });

  test('fails with the reason when the address cannot be reached', async () => {
    const probe = udp.prepare(targetOf('255.255.255.255', 9), {});
    // Bun does not say why.
    const reason = isInBun ? 'Failed to connect socket' : 'permission denied';
    expect(await probe.run()).toEqual({ passing: false, reason });
  });

  test('begins anew each time', async () => {
    let turn = 0;
    const everySecond: Answering = (_bytes, from, socket) => {
      turn += 1;
      socket.send(turn % 2 === 0 ? 'bad' : 'good', from.port, from.address);
    };
    const { port } = await udpServer('127.0.0.1', everySecond);
    const probe = udp.prepare(targetOf('127.0.0.1', port), { send: 'x', expect: 'good' });
    const outcomes = [await probe.run(), await probe.run(), await probe.run()];
    expect(outcomes.map(({ passing }) => passing)).toEqual([true, false, true]);
  });

  test.each(['127.0.0.7', undefined])('ends when it is closed, from %s', async (from) => {
    const source = from === undefined ? undefined : IpAddress.parse(from);
    const probe = udp.prepare(targetOf('127.0.0.1', 9, { source }), {});
    const outcome = probe.run();
    probe.close?.();
    expect(await outcome).toEqual({ passing: false, reason: 'the check has ended' });
  });

  test('is refused when its pattern cannot be used', () => {
    const prepare = () => udp.prepare(targetOf('127.0.0.1', 9), { expect: '(' });
    expect(prepare).toThrow(CheckError);
    expect(prepare).toThrow("the regular expression '(' cannot be used: missing closing )");
  });
});
