import type { JsonRecord } from '../../../common/json.js';
import type { ImportReport } from '../report.js';
import { readUrl, urlChecks } from './http-checks.js';
import type { Url } from './http-checks.js';
import { commandOf } from './tree.js';
import type { Statement } from './tree.js';
import type { Keyword, Keywords, Timing, Unsupported } from './settings.js';
import { hexBytes, matchingAt, numberAt, wordAt } from './values.js';

/** A checker while it is read. */
export interface Checker {
  readonly statement: Statement;
  readonly timing: Timing;
  /** Whom it asks, and from where; undefined: the real server. */
  readonly place: {
    address?: string | undefined;
    port?: number | undefined;
    source?: string | undefined;
  };
  /** Settings of the check, as the agent names them. */
  readonly settings: Map<string, unknown>;
  readonly urls: Url[];
  virtualHost: string | undefined;
  user: string | undefined;
  timeoutSeconds: number | undefined;
}

/** What there is to know about a type of checker. */
export interface CheckerType {
  readonly keywords: Keywords<Checker>;
  readonly unsupported?: Unsupported;
  /** How often it tries again before it takes a server out. */
  readonly retry: number;
  /** Seconds before it does; undefined for as many as between checks. */
  readonly delayBeforeRetry: number | undefined;
  /** Checks of the agent that do what it does; all of them must pass. */
  readonly checks: (checker: Checker, report: ImportReport) => readonly JsonRecord[];
}

const usual = { retry: 1, delayBeforeRetry: 1, keywords: {} };

function simple(type: string, keywords: Keywords<Checker> = {}): CheckerType {
  return {
    ...usual,
    keywords,
    checks: ({ settings }) => [{ type, ...Object.fromEntries(settings) }],
  };
}

/** A word that becomes a setting of the check as it is. */
function setting(key: string, form: readonly [RegExp, string]): Keyword<Checker> {
  return {
    takes: 1,
    read: ({ settings }, statement, report) => {
      settings.set(key, matchingAt(statement, form, report));
    },
  };
}

const HOST_NAME = [
  /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9.])?$/,
  'the name of a host',
] as const;
const RECORD_TYPE = [/^(?:A|NS|CNAME|SOA|MX|TXT|AAAA)$/, 'a type of DNS records'] as const;
const DOMAIN = [/^[^\s]{1,253}$/, 'a name in the DNS'] as const;

function none(reason: string): CheckerType {
  return {
    ...usual,
    keywords: { name: nothing, track_file: nothing, weight: nothing, dynamic: nothing },
    checks: ({ statement }, report) => {
      report.lost(statement, `${statement.keyword}: ${reason}`);
      return [];
    },
  };
}

const nothing: Keyword<Checker> = { takes: Infinity, read: () => undefined };

const httpKeywords: Keywords<Checker> = {
  url: {
    takes: 0,
    hasBlock: true,
    read: ({ urls }, statement, report) => void urls.push(readUrl(statement, report)),
  },
  virtualhost: {
    takes: 1,
    read: (checker, statement, report) => {
      checker.virtualHost = wordAt(statement, 0, report) ?? checker.virtualHost;
    },
  },
  nb_get_retry: {
    takes: 1,
    read: ({ timing }, statement, report) => {
      timing.retry = numberAt(statement, 0, [0, 0xffff_ffff], report) ?? 0;
    },
  },
  // All URLs are asked each time.
  fast_recovery: { takes: 1, read: () => undefined },
  enable_sni: {
    takes: 1,
    read: ({ settings }) => void settings.set('sni', true),
  },
  sni_name: setting('serverName', HOST_NAME),
  tls_compliant: { takes: 1, read: () => undefined },
};

const http = (type: 'http' | 'https'): CheckerType => ({
  keywords: httpKeywords,
  unsupported: { http_protocol: 'the version of HTTP cannot be chosen' },
  retry: 1,
  delayBeforeRetry: 3,
  checks: (checker, report) => urlChecks(type, checker, report),
});

/** By their keywords. */
export const checkerTypes: Readonly<Record<string, CheckerType>> = {
  TCP_CHECK: simple('tcp'),
  HTTP_GET: http('http'),
  SSL_GET: http('https'),
  SMTP_CHECK: simple('smtp', { helo_name: setting('hello', HOST_NAME) }),
  PING_CHECK: simple('ping'),
  UDP_CHECK: {
    ...simple('udp', {
      payload: {
        takes: Infinity,
        read: ({ settings }, statement, report) => {
          const bytes = hexBytes(statement.words, false);
          if (bytes !== undefined) settings.set('send', { hex: bytes });
          else report.problem(statement, 'payload: hexadecimal digits are missing');
        },
      },
      require_reply: { takes: Infinity, read: readReply },
    }),
    unsupported: {
      min_reply_length: 'an answer of any length will do',
      max_reply_length: 'an answer of any length will do',
    },
  },
  DNS_CHECK: {
    keywords: { type: setting('recordType', RECORD_TYPE), name: setting('query', DOMAIN) },
    retry: 3,
    delayBeforeRetry: undefined,
    checks: ({ settings }) => [
      {
        type: 'dns',
        query: '.',
        recordType: 'SOA',
        ...Object.fromEntries(settings),
        code: 'NOERROR',
      },
    ],
  },
  MISC_CHECK: {
    keywords: {
      misc_path: { takes: Infinity, read: readCommand },
      misc_timeout: {
        takes: 1,
        read: (checker, statement, report) => {
          const seconds = numberAt(statement, 0, [0, 0xffff_ffff], report);
          // 0 is that of the virtual server.
          checker.timeoutSeconds = seconds === 0 ? undefined : seconds;
        },
      },
      user: {
        takes: 2,
        read: (checker, statement, report) => {
          checker.user = wordAt(statement, 0, report);
          const group = statement.words[1];
          if (group !== undefined) {
            report.lost(
              statement,
              `user: the group ${group} cannot be chosen; it is the user's own`,
            );
          }
        },
      },
    },
    unsupported: {
      misc_dynamic:
        'the exit status does not set the weight; with "weight: true" the program sets it by what it prints, for instance 75%',
    },
    retry: 0,
    delayBeforeRetry: 1,
    checks: execChecks,
  },
  BFD_CHECK: none('the agent speaks no BFD'),
  FILE_CHECK: none('the agent does not read the state of a server from a file'),
};

function readReply({ settings }: Checker, statement: Statement, report: ImportReport): void {
  const { words } = statement;
  // Any answer.
  settings.set('expect', '');
  if (words.length === 0) return;
  if (hexBytes(words, true) === undefined) {
    report.problem(statement, 'require_reply: not hexadecimal digits, of which any may be an x');
    return;
  }
  report.lost(statement, `require_reply ${words.join(' ')}: any answer will do`);
}

function readCommand({ settings }: Checker, statement: Statement, report: ImportReport): void {
  const command = commandOf(statement);
  if (command === undefined || command.words.some((word) => word.includes('\0'))) {
    report.problem(statement, 'misc_path: no program, or a quotation mark that is not closed');
    return;
  }
  settings.set('command', command.words);
  const ignored = command.ignored.join(' ');
  if (ignored !== '') {
    report.lost(
      statement,
      `misc_path: keepalived does not pass on "${ignored}", as the command is not in quotation marks`,
    );
  }
}

function execChecks(checker: Checker, report: ImportReport): readonly JsonRecord[] {
  const { settings, statement, user } = checker;
  const command = settings.get('command');
  if (command === undefined) {
    report.lost(statement, 'MISC_CHECK: it has no misc_path, and keepalived does not use it');
    return [];
  }
  return [{ type: 'exec', command, ...(user !== undefined && { user }) }];
}
