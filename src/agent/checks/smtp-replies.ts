import { quoted } from './reasons.js';
import { MOST_RECEIVED } from './received.js';

/** What a mail server answers, in one line or several. */
export interface SmtpReply {
  readonly code: number;
  /** Without their codes. */
  readonly lines: readonly string[];
}

/** Something that is no reply. */
export class SmtpMistake extends Error {
  override readonly name = 'SmtpMistake';
}

const TOO_MUCH = `the answer has more than ${MOST_RECEIVED / 1024} KiB`;
const LINE = /^([2-5]\d\d)(?:([ -])(.*))?$/;

/** Makes replies of what arrives (RFC 5321, 4.2). */
export class SmtpReplies {
  #bytes = 0;
  #rest = '';
  #lines: string[] = [];

  /** Whether something has begun that is not complete. */
  get hasRest(): boolean {
    return this.#rest !== '' || this.#lines.length > 0;
  }

  /** @throws SmtpMistake when it is none, or too much. */
  add(chunk: Buffer): readonly SmtpReply[] {
    this.#bytes += chunk.length;
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#bytes > MOST_RECEIVED) throw new SmtpMistake(TOO_MUCH);
    return lines.flatMap((line) => this.#replyOf(line.replace(/\r$/, '')));
  }

  #replyOf(line: string): readonly SmtpReply[] {
    const [, code, separator, text = ''] = LINE.exec(line) ?? [];
    if (code === undefined) throw new SmtpMistake(`the answer is not SMTP: ${quoted(line)}`);
    this.#lines.push(text);
    if (separator === '-') return [];
    const lines = this.#lines;
    this.#lines = [];
    return [{ code: Number(code), lines }];
  }
}
