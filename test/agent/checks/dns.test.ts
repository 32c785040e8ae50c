import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { Answer, DecodedPacket, Packet } from 'dns-packet';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CheckTarget } from '../../../src/agent/config/config.js';
import { CheckError } from '../../../src/agent/checks/check-type.js';
import { dns } from '../../../src/agent/checks/dns.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import { targetOf } from './probe-target.js';
import { resetSocket } from './tcp-server.js';
import { freeUdpPort, udpServer } from './udp-server.js';

type Settings = Readonly<Record<string, unknown>>;
/** What a server makes of a query: messages. */
type Answering = (query: DecodedPacket, bytes: Buffer) => readonly Buffer[];

/** An answer as it should be, but for what a test changes. */
function reply(query: DecodedPacket, answers: readonly Answer[] = [], more: Packet = {}): Buffer {
  const { id, questions } = query;
  return encode({ type: 'response', id, questions, answers: [...answers], ...more });
}

const replying =
  (answers: readonly Answer[] = [], more: Packet = {}): Answering =>
  (query) => [reply(query, answers, more)];

const soon = { timeoutMs: 300 };

async function askByUdp(
  answering: Answering,
  settings: Settings = {},
  more: Partial<CheckTarget> = {},
  address = '127.0.0.1',
) {
  const { port } = await udpServer(address, (bytes, from, socket) => {
    for (const answer of answering(decode(bytes), bytes)) {
      socket.send(answer, from.port, from.address);
    }
  });
  return await dns.prepare(targetOf(address, port, more), settings).run();
}

async function tcpServer(address: string, talk: (socket: Socket) => void): Promise<number> {
  const server = createServer(talk).listen({ host: address, port: 0 });
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A message as it is over TCP. */
function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

async function askByTcp(
  talk: (socket: Socket, query: DecodedPacket) => void,
  settings: Settings = {},
  more: Partial<CheckTarget> = {},
  address = '127.0.0.1',
) {
  const port = await tcpServer(address, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      talk(socket, decode(bytes.subarray(2)));
    });
  });
  return await dns.prepare(targetOf(address, port, more), { tcp: true, ...settings }).run();
}

const failed = (reason: string) => ({ passing: false, reason });
const passed = (reason: string) => ({ passing: true, reason });

describe.each(['127.0.0.1', '::1'])('a server on %s', (address) => {
  test('passes by its code', async () => {
    expect(await askByUdp(replying(), {}, {}, address)).toEqual(passed('code NOERROR'));
    const talk = (socket: Socket, query: DecodedPacket) => socket.end(framed(reply(query)));
    expect(await askByTcp(talk, {}, {}, address)).toEqual(passed('code NOERROR'));
  });

  test('fails when nobody listens', async () => {
    const target = targetOf(address, await freeUdpPort(address));
    expect(await dns.prepare(target, {}).run()).toEqual(failed('connection refused'));
    expect(await dns.prepare(target, { tcp: true }).run()).toEqual(failed('connection refused'));
  });

  test('fails when it is silent', async () => {
    expect(await askByUdp(() => [], {}, soon, address)).toEqual(failed('no answer in 0.3 s'));
    expect(await askByTcp(() => undefined, {}, soon, address)).toEqual(
      failed('no answer in 0.3 s'),
    );
  });
});

describe('the question', () => {
  async function questionFor(settings: Settings): Promise<string> {
    let asked = '';
    await askByUdp((query) => {
      const [question] = query.questions ?? [];
      asked = `${question?.name} ${question?.class} ${question?.type}, recursion ${query.flag_rd}`;
      return [reply(query)];
    }, settings);
    return asked;
  }

  test.each([
    [{}, '. IN SOA'],
    [{ recordType: 'A' }, '. IN SOA'],
    [{ recordType: 'NS' }, '. IN NS'],
    [{ query: '.', recordType: 'A' }, '. IN A'],
    [{ query: 'example.com' }, 'example.com IN A'],
    [{ query: 'example.com.', recordType: 'aaaa' }, 'example.com IN AAAA'],
    [{ query: '_dns.example.com', recordType: 'SRV' }, '_dns.example.com IN SRV'],
  ])('%o', async (settings, question) => {
    expect(await questionFor(settings)).toBe(`${question}, recursion true`);
  });

  test('has an id that is another one each time', async () => {
    const ids = new Set<number | undefined>();
    const { port } = await udpServer('127.0.0.1', (bytes, from, socket) => {
      ids.add(decode(bytes).id);
      socket.send(reply(decode(bytes)), from.port, from.address);
    });
    const probe = dns.prepare(targetOf('127.0.0.1', port), {});
    for (let turn = 0; turn < 8; turn += 1) await probe.run();
    expect(ids.size).toBeGreaterThan(1);
  });

  test('comes from the address that is set', async () => {
    let from = '';
    const { port } = await udpServer('127.0.0.1', (bytes, sender, socket) => {
      from = sender.address;
      socket.send(reply(decode(bytes)), sender.port, sender.address);
    });
    const target = targetOf('127.0.0.1', port, { source: IpAddress.parse('127.0.0.7') });
    await dns.prepare(target, {}).run();
    expect(from).toBe('127.0.0.7');
  });
});

describe('an answer with another code fails', () => {
  test.each([
    [2, 'code SERVFAIL, expected NOERROR'],
    [3, 'code NXDOMAIN, expected NOERROR'],
    [5, 'code REFUSED, expected NOERROR'],
    [11, 'code RCODE_11, expected NOERROR'],
  ])('%i', async (flags, reason) => {
    expect(await askByUdp(replying([], { flags }))).toEqual(failed(reason));
  });

  test('also NOERROR, where another one is expected', async () => {
    expect(await askByUdp(replying(), { code: 'NXDOMAIN' })).toEqual(
      failed('code NOERROR, expected NXDOMAIN'),
    );
    expect(await askByUdp(replying([], { flags: 3 }), { code: 'nxdomain' })).toEqual(
      passed('code NXDOMAIN'),
    );
  });
});

describe('an answer has one of the records', () => {
  const name = 'example.com';
  const records = {
    A: { type: 'A', name, data: '10.0.0.7' },
    AAAA: { type: 'AAAA', name, data: '2001:db8::7' },
    NS: { type: 'NS', name, data: 'NS1.example.com' },
    CNAME: { type: 'CNAME', name, data: 'other.example.com' },
    MX: { type: 'MX', name, data: { preference: 10, exchange: 'mail.example.com' } },
    TXT: { type: 'TXT', name, data: ['v=spf1 ', '-all'] },
    SRV: {
      type: 'SRV',
      name,
      data: { priority: 1, weight: 2, port: 443, target: 'a.example.com' },
    },
    SOA: {
      type: 'SOA',
      name,
      data: {
        mname: 'ns1.example.com',
        rname: 'root.example.com',
        serial: 2024,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      },
    },
    CAA: { type: 'CAA', name, data: { flags: 0, tag: 'issue', value: 'ca.example.net' } },
  } satisfies Record<string, Answer>;

  const ask = (answers: readonly Answer[], recordType: string, expected: readonly string[]) =>
    askByUdp(replying(answers), { query: name, recordType, expect: expected });

  test.each([
    ['A', '10.0.0.7'],
    ['AAAA', '2001:DB8:0::7'],
    ['NS', 'ns1.example.com.'],
    ['CNAME', 'Other.Example.com'],
    ['MX', '10  mail.example.com.'],
    ['TXT', 'v=spf1 -all'],
    ['TXT', '"v=spf1 -all"'],
    ['SRV', '1 2 443 a.example.com.'],
    ['SOA', 'ns1.example.com. root.example.com. 2024 1 2 3 4'],
    ['CAA', '0 issue "ca.example.net"'],
  ] as const)('%s %s', async (type, data) => {
    expect(await ask([records[type]], type, [data])).toMatchObject({ passing: true });
  });

  test('any of those given will do, and the reason names it', async () => {
    expect(await ask([records.A], 'A', ['10.0.0.6', '10.0.0.7'])).toEqual(
      passed('answer has "10.0.0.7"'),
    );
  });

  test('also after an alias', async () => {
    const answers = [records.CNAME, { ...records.A, name: 'other.example.com' }];
    expect(await ask(answers, 'A', ['10.0.0.7'])).toMatchObject({ passing: true });
  });

  test('or fails with what there is', async () => {
    expect(await ask([records.A], 'A', ['10.0.0.6'])).toEqual(
      failed('answer has "10.0.0.7", expected "10.0.0.6"'),
    );
    const more = { ...records.A, data: '10.0.0.8' };
    expect(await ask([records.A, more], 'A', ['10.0.0.6', '10.0.0.5'])).toEqual(
      failed('answer has "10.0.0.7" and 1 more, expected "10.0.0.6" or "10.0.0.5"'),
    );
    expect(await ask([], 'A', ['10.0.0.6'])).toEqual(failed('answer has no record of type A'));
    expect(await ask([records.CNAME], 'A', ['10.0.0.6'])).toEqual(
      failed('answer has no record of type A'),
    );
  });

  test('or fails with advice, if it is cut off', async () => {
    const cut = replying([], { flags: 1 << 9 });
    expect(await askByUdp(cut, { query: name, expect: ['10.0.0.7'] })).toEqual(
      failed('answer is cut off; set "tcp: true" to ask over TCP'),
    );
    expect(await askByUdp(cut, { query: name })).toEqual(passed('code NOERROR'));
  });

  test('and text of records cannot control a terminal', async () => {
    const evil = { ...records.TXT, data: '\u001b[2J\u009b' };
    expect(await ask([evil], 'TXT', ['x'])).toEqual(
      failed('answer has "\\u001b[2J?", expected "x"'),
    );
  });
});

describe('an answer that is none fails', () => {
  const pointingToItself = (query: DecodedPacket) => {
    const bytes = reply(query);
    // Where the name of the question begins.
    bytes.writeUInt16BE(0xc00c, 12);
    return [bytes];
  };
  const other = { type: 'A', name: 'other.example.com' } as const;

  test.each<[string, Answering, string]>([
    ['an empty one', () => [Buffer.alloc(0)], 'answer is malformed'],
    ['one byte', () => [Buffer.of(1)], 'answer is malformed'],
    ['the id alone', (_query, bytes) => [bytes.subarray(0, 2)], 'answer is malformed'],
    ['one that is cut', (query) => [reply(query).subarray(0, 14)], 'answer is malformed'],
    ['a name that points to itself', pointingToItself, 'answer is malformed'],
    [
      'records that are not there',
      (query) => {
        const bytes = reply(query);
        bytes.writeUInt16BE(0xffff, 6);
        return [bytes];
      },
      'answer is malformed',
    ],
    ['the query', (_query, bytes) => [bytes], 'answer is a query'],
    [
      'one to another question',
      (query) => [reply(query, [], { questions: [other] })],
      'answer is to another question',
    ],
    [
      'one to another type',
      (query) => [reply(query, [], { questions: [{ type: 'TXT', name: 'example.com' }] })],
      'answer is to another question',
    ],
    [
      'one to another class',
      (query) => [
        reply(query, [], { questions: [{ type: 'A', name: 'example.com', class: 'CH' }] }),
      ],
      'answer is to another question',
    ],
    [
      'one without a question',
      (query) => [reply(query, [], { questions: [] })],
      'answer is to another question',
    ],
    [
      'many with another id',
      (query) => Array<Buffer>(16).fill(reply({ ...query, id: (query.id ?? 0) ^ 1 })),
      'answers have wrong ids',
    ],
  ])('%s', async (_what, answering, reason) => {
    expect(await askByUdp(answering, { query: 'example.com' })).toEqual(failed(reason));
  });

  test('one with another id is not looked at, and the right one counts', async () => {
    const wrong = (query: DecodedPacket) => reply({ ...query, id: (query.id ?? 0) ^ 1 });
    expect(await askByUdp((query) => [wrong(query), reply(query)])).toEqual(passed('code NOERROR'));
    expect(await askByUdp((query) => [wrong(query)], {}, soon)).toEqual(
      failed('no answer in 0.3 s with the right id'),
    );
  });

  test('whatever bytes it has', async () => {
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 0x7fff_ffff) & 0xff;
    for (let turn = 0; turn < 100; turn += 1) {
      const noise = (query: DecodedPacket) => {
        const bytes = reply(query, [{ type: 'TXT', name: 'example.com', data: 'text' }]);
        for (let at = 2 + (random() % 20); at < bytes.length; at += 1) bytes[at] = random();
        return [bytes];
      };
      const { passing: isPassing } = await askByUdp(noise, { query: 'example.com' });
      expect(isPassing).toBe(false);
    }
  });
});

describe('over TCP', () => {
  const settings = { query: 'example.com', recordType: 'TXT', expect: ['right'] };
  const right = (query: DecodedPacket) =>
    framed(reply(query, [{ type: 'TXT', name: 'example.com', data: 'right' }]));

  test('an answer may come byte by byte', async () => {
    const talk = (socket: Socket, query: DecodedPacket) => {
      socket.setNoDelay(true);
      const bytes = [...right(query)];
      const next = () => {
        const byte = bytes.shift();
        if (byte === undefined) socket.end();
        else socket.write(Buffer.of(byte), () => setImmediate(next));
      };
      next();
    };
    expect(await askByTcp(talk, settings)).toEqual(passed('answer has "right"'));
  });

  test('an answer may be long', async () => {
    const long = (query: DecodedPacket) => {
      const filler = { type: 'TXT', name: 'example.com', data: 'x'.repeat(250) } as const;
      const answers = [...Array<Answer>(200).fill(filler), { ...filler, data: 'right' }];
      return framed(reply(query, answers));
    };
    expect(await askByTcp((socket, query) => socket.end(long(query)), settings)).toEqual(
      passed('answer has "right"'),
    );
  });

  test.each<[string, (socket: Socket, query: DecodedPacket) => void, string]>([
    ['closes at once', (socket) => socket.end(), 'connection closed without an answer'],
    [
      'closes midway',
      (socket, query) => socket.end(right(query).subarray(0, 20)),
      'connection closed within the answer',
    ],
    [
      'says that its answer is empty',
      (socket) => socket.write(Buffer.of(0, 0)),
      'answer is malformed',
    ],
    [
      'speaks another protocol',
      (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n'.repeat(1000)),
      'answer has a wrong id',
    ],
    [
      'answers another query',
      (socket, query) => socket.write(framed(reply({ ...query, id: (query.id ?? 0) ^ 1 }))),
      'answer has a wrong id',
    ],
  ])('a server that %s fails', async (_what, talk, reason) => {
    expect(await askByTcp(talk, settings)).toEqual(failed(reason));
  });

  test('a server that resets midway fails', async () => {
    const talk = (socket: Socket, query: DecodedPacket) => {
      socket.write(right(query).subarray(0, 20));
      setImmediate(resetSocket, socket);
    };
    // What has arrived is read first, and then the reset may be forgotten.
    expect((await askByTcp(talk, settings)).reason).toMatch(
      /^connection (?:reset|closed within the answer)$/,
    );
  });

  test('a server that sends without end fails', async () => {
    const endless = (socket: Socket) => {
      const more = () => {
        if (socket.destroyed) return;
        socket.write(Buffer.alloc(16_384, 0xff), () => setImmediate(more));
      };
      more();
    };
    expect(await askByTcp(endless, settings)).toEqual(failed('answer has a wrong id'));
  });

  test('a server that stops midway fails', async () => {
    const talk = (socket: Socket, query: DecodedPacket) =>
      socket.write(right(query).subarray(0, 20));
    expect(await askByTcp(talk, settings, soon)).toEqual(failed('no answer in 0.3 s'));
  });
});

describe('settings that cannot work are refused', () => {
  test.each<[Settings, string]>([
    [{ code: 'MAYBE' }, 'code MAYBE is not known; known are NOERROR, FORMERR,'],
    [{ recordType: 'Z' }, 'recordType Z is not known; known are A, AAAA,'],
    [{ query: 'a..b' }, "query 'a..b' is no name"],
    [{ query: '' }, "query '' is no name"],
    [{ query: `${'x'.repeat(64)}.com` }, `query '${'x'.repeat(64)}.com' is no name`],
    [{ query: 'x.'.repeat(128) }, 'is no name: labels have 1 to 63 bytes'],
    [{ recordType: 'ANY', expect: ['x'] }, 'records of type ANY cannot be compared'],
    [
      { recordType: 'A', query: 'x', expect: ['::1'] },
      "'::1' in 'expect' cannot be the data of a record of type A",
    ],
    [
      { recordType: 'AAAA', expect: ['x'] },
      "'x' in 'expect' cannot be the data of a record of type AAAA",
    ],
  ])('%o', (settings, reason) => {
    const prepare = () => dns.prepare(targetOf('127.0.0.1', 53), settings);
    expect(prepare).toThrow(CheckError);
    expect(prepare).toThrow(reason);
  });
});
