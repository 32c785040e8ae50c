import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DAY_MS = 86_400_000;

/** What a certificate is to be. */
interface Wish {
  readonly names: string;
  /** Days from now; they end half a day later. Undefined: it ended in 2020. */
  readonly days: number | undefined;
}

const NAMES = 'DNS:www.example.com,IP:127.0.0.1,IP:::1';
const wishes = {
  good: { names: NAMES, days: 365 },
  expired: { names: NAMES, days: undefined },
  soon: { names: NAMES, days: 3 },
  other: { names: 'DNS:other.example,DNS:*.other.example', days: 365 },
} satisfies Readonly<Record<string, Wish>>;

const CONFIG = `
[ca]
default_ca = test
[test]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
`;

/** Certificates of one authority, all with one key, in files. */
export class Certificates {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Certificates> {
    const made = new Certificates(await mkdtemp(join(tmpdir(), 'certificates-')));
    await made.#openssl(...selfSigned('ca', 'CN=Authority'));
    await made.#openssl(...selfSigned('self', 'CN=127.0.0.1'));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await made.#openssl('req', ...key, '-subj', '/CN=x', '-keyout', 'key', '-out', 'request');
    await Promise.all([made.#write('config', CONFIG), made.#write('index', '')]);
    await made.#write('serial', '1000\n');
    for (const [name, wish] of Object.entries(wishes)) await made.#sign(name, wish);
    await made.#write('own.pem', `${await made.text('good')}${await made.text('key')}`);
    await made.#write('garbage.pem', 'no certificate\n');
    return made;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  text(name: keyof typeof wishes | 'ca' | 'self' | 'key' | 'self.key'): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #sign(name: string, { names, days }: Wish): Promise<void> {
    await this.#write(`${name}.ext`, `subjectAltName=${names}\n`);
    const ends = days === undefined ? '20200201000000Z' : timeText((days + 0.5) * DAY_MS);
    const time = ['-startdate', '20200101000000Z', '-enddate', ends];
    const words = ['-extfile', `${name}.ext`, '-in', 'request', '-out', name, '-notext', '-batch'];
    const authority = ['-config', 'config', '-cert', 'ca', '-keyfile', 'ca.key'];
    await this.#openssl('ca', ...authority, ...time, ...words);
  }

  #write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  async #openssl(...words: readonly string[]): Promise<void> {
    await run('openssl', words, { cwd: this.folder });
  }
}

function selfSigned(name: string, subject: string): readonly string[] {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', `${name}.key`, '-out', name];
  return ['req', '-x509', ...key, '-days', '365', '-subj', `/${subject}`, ...files];
}

/** `20261130120000Z`, so long from now. */
const timeText = (fromNowMs: number): string =>
  new Date(Date.now() + fromNowMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
