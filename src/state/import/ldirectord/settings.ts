import { printable } from '../../../common/printable.js';
import type { LineReport } from './line-report.js';
import type { ConfigLine } from './sections.js';

/** What a value has to be: `read` gives what counts of it, undefined when it is wrong. */
interface Form {
  readonly wanted: string;
  readonly read: (value: string) => string | undefined;
}

const MOST_NUMBER = 2 ** 31 - 1;

const anyNumber: Form = {
  wanted: 'a number',
  read: (value) => {
    const digits = /\d+/.exec(value)?.[0];
    const number = Number(digits);
    return digits !== undefined && number <= MOST_NUMBER ? String(number) : undefined;
  },
};

const positive: Form = {
  wanted: 'a number above 0',
  read: (value) => {
    const number = anyNumber.read(value);
    return number === '0' ? undefined : number;
  },
};

const portNumber: Form = {
  wanted: 'a port from 1 to 65535',
  read: (value) => {
    const number = positive.read(value);
    return Number(number) <= 65_535 ? number : undefined;
  },
};

const yesNo = oneOf(['yes', 'no'], (value) => value);

const quoted: Form = { wanted: 'text in double quotes', read: textInQuotes };

const text: Form = { wanted: 'some text', read: (value) => textInQuotes(value) ?? nonEmpty(value) };

const CHECK_TYPES = ['connect', 'negotiate', 'ping', 'off', 'on', 'external', 'external-perl'];

/** A number anywhere in it means: so many connects, then one negotiation. */
const checkType: Form = {
  wanted: `${CHECK_TYPES.join(', ')}, or a number`,
  read: (value) =>
    anyNumber.read(value) ?? CHECK_TYPES.find((type) => type === /[\w-]+/.exec(value)?.[0]),
};

/** The services that a negotiating check knows, with the ports they are known by. */
export const servicePorts: Readonly<Record<string, number | undefined>> = {
  dns: 53,
  ftp: 21,
  http: 80,
  https: 443,
  http_proxy: 3128,
  imap: 143,
  imaps: 993,
  ldap: 389,
  ldaps: 636,
  mysql: 3306,
  nntp: 119,
  none: undefined,
  oracle: 1521,
  pgsql: 5432,
  pop: 110,
  pops: 995,
  radius: 1812,
  simpletcp: undefined,
  sip: 5060,
  smtp: 25,
  submission: 587,
};

const firstWord = (value: string) => /\w+/.exec(value)?.[0];

type Place = 'global' | 'virtual' | 'both';

/** All settings, and where they may stand; `real` and `fallback` are read elsewhere. */
const forms: Readonly<Record<string, readonly [Place, Form]>> = {
  autoreload: ['global', yesNo],
  callback: ['global', quoted],
  checkcommand: ['virtual', text],
  checkcount: ['both', positive],
  checkinterval: ['both', positive],
  checkport: ['virtual', portNumber],
  checktimeout: ['both', positive],
  checktype: ['virtual', checkType],
  cleanstop: ['both', yesNo],
  comment: ['virtual', { wanted: 'some text', read: (value) => value }],
  database: ['virtual', quoted],
  emailalert: ['both', text],
  emailalertfreq: ['both', anyNumber],
  emailalertfrom: ['global', text],
  emailalertstatus: ['both', text],
  execute: ['global', text],
  fallback: ['both', text],
  fallback6: ['both', text],
  fallbackcommand: ['both', text],
  failurecount: ['both', positive],
  fork: ['global', yesNo],
  httpmethod: ['virtual', oneOf(['GET', 'HEAD'], (value) => firstWord(value)?.toUpperCase())],
  load: ['virtual', quoted],
  logfile: ['global', quoted],
  login: ['virtual', quoted],
  maintenancedir: ['global', text],
  monitorfile: ['virtual', text],
  negotiatetimeout: ['both', positive],
  netmask: ['virtual', text],
  ops: ['virtual', yesNo],
  passwd: ['virtual', quoted],
  persistent: ['virtual', anyNumber],
  protocol: ['virtual', oneOf(['tcp', 'udp', 'fwm'], firstWord)],
  quiescent: ['both', yesNo],
  readdquiescent: ['global', yesNo],
  real: ['virtual', text],
  real6: ['virtual', text],
  receive: ['virtual', quoted],
  request: ['virtual', quoted],
  schedflags: ['virtual', { wanted: 'flags', read: (value) => /\S+/.exec(value)?.[0] }],
  scheduler: ['virtual', { wanted: 'lower-case letters', read: (v) => /[a-z]+/.exec(v)?.[0] }],
  secret: ['virtual', quoted],
  service: ['virtual', oneOf(Object.keys(servicePorts), firstWord)],
  servicename: ['virtual', text],
  smtp: ['both', { wanted: 'a host', read: (value) => /^[\w.+-]+/.exec(value)?.[0] }],
  supervised: ['global', yesNo],
  virtualhost: ['virtual', { wanted: 'a host', read: (v) => /^"?([^"]*)"?/.exec(v)?.[1] }],
};

/** Settings whose values no message may show. */
const SECRETS = new Set(['login', 'passwd', 'database', 'secret', 'request', 'checkcommand']);

const RENAMED: Readonly<Record<string, string>> = {
  connecttimeout: 'negotiatetimeout',
  timeout: 'checktimeout and negotiatetimeout',
};

/** Several of these may stand in one block. */
const REPEATED = new Set(['real', 'real6', 'execute']);

/** The settings of a block, each as what counts of its value. */
export class Settings {
  readonly #last = new Map<string, ConfigLine>();
  readonly #all: ConfigLine[] = [];

  /** Wrong ones are reported, and left out. */
  constructor(lines: readonly ConfigLine[], place: 'global' | 'virtual', report: LineReport) {
    for (const line of lines) {
      const value = readValue(line, place, report);
      if (value === undefined) continue;
      const setting = { ...line, value };
      const before = this.#last.get(line.key);
      if (before !== undefined && !REPEATED.has(line.key)) {
        report.info(
          line.line,
          `${line.key} stands in line ${before.line} too: the last one counts`,
        );
      }
      this.#last.set(line.key, setting);
      this.#all.push(setting);
    }
  }

  get(key: string): ConfigLine | undefined {
    return this.#last.get(key);
  }

  value(key: string): string | undefined {
    return this.#last.get(key)?.value;
  }

  number(key: string): number | undefined {
    const value = this.value(key);
    return value === undefined ? undefined : Number(value);
  }

  /** All lines of a setting that may be repeated. */
  all(...keys: readonly string[]): readonly ConfigLine[] {
    return this.#all.filter(({ key }) => keys.includes(key));
  }

  /** Each setting that counts. */
  each(): Iterable<ConfigLine> {
    return this.#last.values();
  }
}

function readValue(
  { key, value, line }: ConfigLine,
  place: 'global' | 'virtual',
  report: LineReport,
): string | undefined {
  const [where, form] = Object.hasOwn(forms, key) ? (forms[key] ?? []) : [];
  if (where === undefined || form === undefined) {
    const instead = RENAMED[key];
    report.wrong(
      line,
      `unknown setting "${shown(key)}"${instead === undefined ? '' : `; it is called ${instead} now`}`,
    );
    return undefined;
  }
  if (where !== 'both' && where !== place) {
    report.wrong(
      line,
      where === 'global'
        ? `${key} is for the whole file: it stands outside of the virtual services, without indentation`
        : `${key} belongs to a virtual service: it is indented below "virtual"`,
    );
    return undefined;
  }
  const read = form.read(value);
  if (read !== undefined) return read;
  const found = SECRETS.has(key) || value === '' ? '' : `, not ${shown(value)}`;
  report.wrong(line, `${key} must be ${form.wanted}${found}`);
  return undefined;
}

/** As much of a text as a message shows. */
export function shown(value: string): string {
  return printable(value.length > 100 ? `${value.slice(0, 100)}...` : value);
}

function oneOf(words: readonly string[], read: (value: string) => string | undefined): Form {
  return {
    wanted: words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`,
    read: (value) => words.find((word) => word === read(value)),
  };
}

/** From the first double quote, which begins it, to the last one. */
function textInQuotes(value: string): string | undefined {
  const end = value.lastIndexOf('"');
  return value.startsWith('"') && end > 0 ? nonEmpty(value.slice(1, end)) : undefined;
}

function nonEmpty(value: string): string | undefined {
  return value === '' ? undefined : value;
}
