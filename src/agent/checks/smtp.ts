import type { Socket } from 'node:net';
import type { CheckValue } from '../../state/file/check-fields.js';
import type { CheckType } from './check-type.js';
import { connectionProbe } from './connection.js';
import type { Connection } from './connection.js';
import { passing } from './probe-timer.js';
import { quoted } from './reasons.js';
import { SmtpMistake, SmtpReplies } from './smtp-replies.js';
import type { SmtpReply } from './smtp-replies.js';
import { tlsSettings } from './tls.js';
import type { TlsSettings } from './tls.js';

export const smtp: CheckType = {
  name: 'smtp',
  summary: 'greeting, EHLO and, where it is asked for, STARTTLS are answered positively',
  prepare: (target, values) => {
    const settings = values as CheckValue<'smtp'>;
    const tls = settings.startTls === true ? tlsSettings(settings, target) : undefined;
    return connectionProbe(target, undefined, (connection) => {
      new Dialogue(connection, settings.hello, tls).begin();
    });
  },
};

/** What is said to a mail server, and what is made of its replies. */
class Dialogue {
  readonly #connection: Connection;
  readonly #hello: string | undefined;
  #tls: TlsSettings | undefined;
  #replies = new SmtpReplies();
  #onReply: (reply: SmtpReply) => void = () => undefined;

  constructor(connection: Connection, hello: string | undefined, tls: TlsSettings | undefined) {
    this.#connection = connection;
    this.#hello = hello;
    this.#tls = tls;
  }

  begin(): void {
    this.#listen();
    this.#expect('greeting', 220, () => {
      this.#greet();
    });
  }

  #greet(): void {
    this.#say(`EHLO ${this.#hello ?? literalOf(this.#connection.socket)}`);
    this.#expect('EHLO', 250, ({ lines }) => {
      const tls = this.#tls;
      if (tls === undefined) this.#leave();
      else if (lines.some((line) => /^STARTTLS\s*$/i.test(line))) this.#startTls(tls);
      else this.#connection.fail('STARTTLS is not offered');
    });
  }

  #startTls(tls: TlsSettings): void {
    this.#say('STARTTLS');
    this.#expect('STARTTLS', 220, () => {
      const connection = this.#connection;
      connection.socket.removeAllListeners('data');
      // Whatever was sent before TLS may come from anybody.
      this.#onReply = () => {
        connection.fail(SENDS_ON);
      };
      if (this.#replies.hasRest) {
        connection.fail(SENDS_ON);
        return;
      }
      this.#tls = undefined;
      this.#replies = new SmtpReplies();
      connection.secure(tls, () => {
        this.#listen();
        this.#greet();
      });
    });
  }

  /** It has passed: a server that ends in another way than expected is well all the same. */
  #leave(): void {
    const connection = this.#connection;
    const pass = () => {
      connection.pass('all replies are positive');
    };
    connection.lateOutcome = () => passing('all replies are positive');
    connection.onClosed = pass;
    this.#onReply = pass;
    this.#say('QUIT');
  }

  #say(line: string): void {
    this.#connection.socket.write(`${line}\r\n`);
  }

  #expect(what: string, code: number, next: (reply: SmtpReply) => void): void {
    this.#onReply = (reply) => {
      if (reply.code === code) {
        next(reply);
        return;
      }
      const answer = quoted(`${reply.code} ${reply.lines[0] ?? ''}`);
      this.#connection.fail(`${what}: ${answer}, expected ${code}`);
    };
  }

  #listen(): void {
    const connection = this.#connection;
    connection.socket.on('data', (chunk: Buffer) => {
      try {
        for (const reply of this.#replies.add(chunk)) this.#onReply(reply);
      } catch (error) {
        if (!(error instanceof SmtpMistake)) throw error;
        connection.fail(error.message);
      }
    });
  }
}

const SENDS_ON = 'the server sends on after STARTTLS';

/** How a host without a name introduces itself (RFC 5321, 4.1.3): by its address. */
function literalOf({ localAddress = '', localFamily }: Socket): string {
  return localFamily === 'IPv6' ? `[IPv6:${localAddress}]` : `[${localAddress}]`;
}
