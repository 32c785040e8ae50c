/** What each type of check says of servers that misbehave. The reasons are kept, in a file for the documentation. */
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import type { ProbeOutcome } from '../../../src/agent/checks/check-type.js';
import { Certificates } from '../../support/certificates.js';
import {
  CheckServer,
  closedPort,
  drip,
  flood,
  lines,
  probeOf,
} from '../../support/check-servers.js';
import type { Behaviour } from '../../support/check-servers.js';

/** Only a hang reaches it. */
const PATIENT = '100s';
/** Where the time is to run out. What the server sends before that must be there by then. */
const SHORT = '3s';

const WEB = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const MAIL = '220 mail\r\n';
const EHLO = '250-mail\r\n250 STARTTLS\r\n';

/** Something a server does, and how long a check waits. */
interface Case {
  readonly behave: Behaviour;
  readonly timeout?: string;
  /** The name of the certificate where there is TLS; `good` unless it is said. */
  readonly certificate?: 'good' | 'expired' | 'soon' | 'other' | 'self';
  /** Further keys of the check. */
  readonly keys?: object;
}

const answering =
  (text: string, next: (socket: Socket) => void = () => undefined): Behaviour =>
  (socket) => {
    socket.once('data', () => {
      socket.write(text, () => {
        next(socket);
      });
    });
  };
const end = (socket: Socket): void => {
  socket.end();
};
/** At once: `resetAndDestroy` closes the connection first. */
const reset = (socket: Socket & { resetAndClosing?: boolean }): void => {
  socket.resetAndClosing = true;
  socket.destroy();
};
const nothing: Behaviour = () => undefined;

type Cases = Readonly<Record<string, Case>>;

/** Of types that speak TLS, once it is spoken. */
const certificates = (behave: Behaviour): Cases => ({
  'has a good certificate': { behave, certificate: 'good' },
  'has an expired certificate': { behave, certificate: 'expired' },
  'has a certificate that soon expires': { behave, certificate: 'soon', keys: { minDaysLeft: 14 } },
  'has a certificate that expires, but not too soon': {
    ...{ behave, certificate: 'soon', keys: { minDaysLeft: 3 } },
  },
  'has a certificate of another name': { behave, certificate: 'other' },
  'has a self-signed certificate': { behave, certificate: 'self' },
  'has a certificate of an authority that the system does not know': {
    ...{ behave, certificate: 'good', keys: { ca: undefined } },
  },
  'has any certificate, which is not verified': {
    ...{ behave, certificate: 'other', keys: { verify: false } },
  },
  'has an expired certificate, which is not verified': {
    ...{ behave, certificate: 'expired', keys: { verify: false, minDaysLeft: 1 } },
  },
});

const withoutTls = {
  'speaks no TLS': { behave: lines('220 mail\r\n') },
  'is silent': { behave: nothing, timeout: SHORT },
  'closes during the handshake': { behave: (socket) => socket.once('data', () => socket.end()) },
  'resets during the handshake': {
    behave: (socket) =>
      socket.once('data', () => {
        reset(socket);
      }),
  },
} satisfies Cases;

const webCertificates = certificates(answering(WEB));

/** The checks, and what servers do to them. */
const tables: Readonly<Record<string, { readonly check: object; readonly cases: Cases }>> = {
  tcp: {
    check: { type: 'tcp' },
    cases: {
      'says nothing': { behave: nothing },
      'closes at once': { behave: end },
      'sends without end': {
        behave: (socket) => {
          flood(socket, 'x');
        },
      },
    },
  },
  'tcp with send and expect': {
    check: { type: 'tcp', send: 'PING\r\n', expect: '^\\+PONG' },
    cases: {
      answers: { behave: answering('+PONG\r\n') },
      'answers byte by byte': {
        behave: (socket) => {
          drip(socket, '+PONG\r\n');
        },
      },
      'is silent': { behave: nothing, timeout: SHORT },
      'stops midway': { behave: answering('+PO'), timeout: SHORT },
      'closes at once': { behave: end },
      'closes midway': { behave: answering('+PO', end) },
      'resets instead of an answer': {
        behave: (socket) =>
          socket.once('data', () => {
            reset(socket);
          }),
      },
      'answers wrongly': { behave: answering('-ERR \x1b[31mno\r\n', end) },
      'sends without end': {
        behave: (socket) => {
          flood(socket, 'x');
        },
      },
    },
  },
  'tcp with tls': {
    check: { type: 'tcp', tls: true, serverName: 'www.example.com' },
    cases: { ...withoutTls, ...certificates(nothing) },
  },
  http: {
    check: { type: 'http', expectBody: '^ready$' },
    cases: {
      answers: { behave: answering(WEB) },
      'answers byte by byte': {
        behave: (socket) => {
          drip(socket, WEB);
        },
      },
      'answers until it closes': { behave: answering('HTTP/1.1 200 OK\r\n\r\nready', end) },
      'answers in chunks': {
        behave: answering(`${CHUNKED}2\r\nre\r\n3\r\nady\r\n0\r\n\r\n`),
      },
      'is silent': { behave: nothing, timeout: SHORT },
      'closes at once': { behave: end },
      'closes after the request': { behave: (socket) => socket.once('data', () => socket.end()) },
      'has an error': {
        behave: answering('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'),
        keys: { status: ['200-299', 404] },
      },
      redirects: {
        behave: answering('HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'),
        keys: { expectBody: undefined },
      },
      'changes the protocol': {
        behave: answering('HTTP/1.1 101 Now\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      },
      'has another body': { behave: answering(WEB.replace('ready', 'wrong')) },
      'lacks a header': { behave: answering(WEB), keys: { expectHeader: { 'X-Ready': 'yes' } } },
      'has another header': {
        behave: answering(WEB.replace('\r\n\r\n', '\r\nx-ready: no\r\n\r\n')),
        keys: { expectHeader: { 'X-Ready': 'yes' } },
      },
      'speaks no HTTP': { behave: answering('220 mail\r\n') },
      'stops in the headers': { behave: answering('HTTP/1.1 200 OK\r\n'), timeout: SHORT },
      'stops in the body': { behave: answering(WEB.slice(0, -2)), timeout: SHORT },
      'closes in the headers': { behave: answering('HTTP/1.1 200 OK\r\n', end) },
      'closes in the body': { behave: answering(WEB.slice(0, -2), end) },
      'closes in a chunk': { behave: answering(`${CHUNKED}5\r\nre`, end) },
      'resets instead of an answer': {
        behave: (socket) =>
          socket.once('data', () => {
            reset(socket);
          }),
      },
      'sends headers without end': {
        behave: answering('HTTP/1.1 200 OK\r\n', (socket) => {
          flood(socket, 'a: b\r\n');
        }),
      },
      'sends a body without end': {
        behave: answering('HTTP/1.1 200 OK\r\n\r\n', (socket) => {
          flood(socket, 'x');
        }),
      },
      'sends a body without end, which is not looked at': {
        behave: answering('HTTP/1.1 200 OK\r\n\r\n', (socket) => {
          flood(socket, 'x');
        }),
        keys: { expectBody: undefined },
      },
    },
  },
  https: {
    check: { type: 'https', host: 'www.example.com:443', expectBody: '^ready$' },
    cases: {
      ...withoutTls,
      ...webCertificates,
      'has an error': { behave: answering('HTTP/1.1 503 Busy\r\n\r\n'), certificate: 'good' },
      'closes after the handshake': { behave: end, certificate: 'good' },
    },
  },
  smtp: {
    check: { type: 'smtp', hello: 'checks.example.com' },
    cases: {
      answers: { behave: lines(MAIL, EHLO, '221 bye\r\n') },
      'answers byte by byte': {
        behave: (socket) => {
          drip(socket, MAIL);
          socket.once('data', () => {
            drip(socket, EHLO, () => socket.once('data', end.bind(undefined, socket)));
          });
        },
      },
      'is silent': { behave: nothing, timeout: SHORT },
      'stops midway': { behave: lines(MAIL, '250-mail\r\n', ''), timeout: SHORT },
      'closes at once': { behave: end },
      'closes midway': { behave: lines(MAIL) },
      'resets instead of an answer': {
        behave: (socket) => {
          socket.write(MAIL);
          socket.once('data', () => {
            reset(socket);
          });
        },
      },
      'closes instead of an answer to QUIT': { behave: lines(MAIL, EHLO) },
      'greets with an error': { behave: lines('554 no \x07service\r\n') },
      'does not know EHLO': { behave: lines(MAIL, '502 no EHLO\r\n') },
      'speaks no SMTP': { behave: lines('SSH-2.0-x\r\n') },
      'sends without end': {
        behave: (socket) => {
          flood(socket, '220-mail\r\n');
        },
      },
    },
  },
  'smtp with startTls': {
    check: { type: 'smtp', startTls: true, serverName: 'www.example.com' },
    cases: {
      'does not offer STARTTLS': { behave: lines(MAIL, '250 mail\r\n') },
      'refuses STARTTLS': { behave: lines(MAIL, EHLO, '454 not now\r\n') },
      'sends on before TLS': { behave: lines(MAIL, EHLO, '220 go\r\n250 injected\r\n') },
      'closes instead of TLS': { behave: lines(MAIL, EHLO, '220 go\r\n') },
      'speaks no TLS': { behave: lines(MAIL, EHLO, '220 go\r\n', 'what?\r\n') },
    },
  },
};

const made = await Certificates.make();
afterAll(() => made[Symbol.asyncDispose]());

async function tlsOf(name: NonNullable<Case['certificate']>): Promise<TlsOptions> {
  const key = await made.text(name === 'self' ? 'self.key' : 'key');
  return { key, cert: await made.text(name) };
}

const outcomes: Record<string, Record<string, ProbeOutcome>> = {};

describe.each(Object.entries(tables))('%s: a server that', (what, { check, cases }) => {
  const reasons: Record<string, ProbeOutcome> = {};
  outcomes[what] = reasons;
  const ca = /tls|https/i.test(what) ? { ca: made.path('ca') } : {};

  test.concurrent.for(Object.entries(cases))('%s', async ([name, one], { expect }) => {
    const { behave, certificate, timeout = PATIENT, keys } = one;
    const tls = certificate && (await tlsOf(certificate));
    await using server = await CheckServer.start(behave, tls);
    const outcome = await probeOf({ ...check, ...ca, timeout, ...keys }, server.port).run();
    reasons[name] = outcome;
    expect(outcome.reason).toMatch(/^[ -~]{5,200}$/);
    await expect.poll(() => server.connections).toBe(0);
  });

  test('refuses', async () => {
    const outcome = await probeOf({ ...check, ...ca, timeout: PATIENT }, await closedPort()).run();
    reasons['refuses'] = outcome;
    expect(outcome).toEqual({ passing: false, reason: 'connection refused' });
  });
});

test('none of them leaves a socket open in this process', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap');
  await expect.poll(sockets).toEqual([]);
});

test('what was said of them is what the documentation has', async () => {
  const sorted = Object.entries(tables).map(([what, { cases }]) => {
    const names = ['refuses', ...Object.keys(cases)];
    return [what, Object.fromEntries(names.map((name) => [name, outcomes[what]?.[name]]))];
  });
  const text = `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../fixtures/check-reasons.json');
});
