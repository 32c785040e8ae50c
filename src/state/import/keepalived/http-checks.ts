import type { JsonRecord } from '../../../common/json.js';
import type { ImportReport } from '../report.js';
import type { Checker } from './checker-types.js';
import { readBlock } from './settings.js';
import type { Keyword, Keywords } from './settings.js';
import type { Statement } from './tree.js';
import { wordAt } from './values.js';

/** An url of HTTP_GET or SSL_GET. */
export interface Url {
  readonly statement: Statement;
  path: string | undefined;
  status: readonly (number | string)[];
  virtualHost: string | undefined;
  regex: string | undefined;
  isInverted: boolean;
}

const DEFAULT_STATUS = ['200-299'];
const nothing: Keyword<Url> = { takes: Infinity, read: () => undefined };

const keywords: Keywords<Url> = {
  path: {
    takes: 1,
    read: (url, statement, report) => {
      const path = wordAt(statement, 0, report);
      // Blanks would end it in a request.
      url.path = path?.replaceAll(/\s/g, '%20').replace(/^(?!\/)/, '/');
    },
  },
  status_code: { takes: Infinity, read: readStatus },
  virtualhost: {
    takes: 1,
    read: (url, statement, report) => {
      url.virtualHost = wordAt(statement, 0, report);
    },
  },
  regex: {
    takes: Infinity,
    read: (url, statement) => {
      url.regex = statement.words.join(' ');
    },
  },
  regex_no_match: { takes: 0, read: (url) => (url.isInverted = true) },
  // Of memory.
  regex_stack: nothing,
  tls_compliant: nothing,
};

const unsupported = {
  digest: 'the sum of the body is not checked; expectBody looks for a pattern in it',
  regex_options: 'options of the pattern are lost',
  regex_min_offset: 'the pattern is looked for everywhere',
  regex_max_offset: 'the pattern is looked for everywhere',
};

export function readUrl(statement: Statement, report: ImportReport): Url {
  const url: Url = {
    statement,
    path: undefined,
    status: [],
    virtualHost: undefined,
    regex: undefined,
    isInverted: false,
  };
  readBlock(url, statement, { keywords, unsupported }, report);
  return url;
}

/** Codes and ranges of codes. */
function readStatus(url: Url, statement: Statement, report: ImportReport): void {
  if (wordAt(statement, 0, report) === undefined) return;
  const codes = statement.words.map((word) => {
    const [, first, last] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(word) ?? [];
    if (first !== undefined && (last === undefined || Number(first) <= Number(last))) {
      return last === undefined ? Number(first) : word;
    }
    report.problem(statement, `status_code: "${word}" is neither a status nor a range of them`);
    return word;
  });
  url.status = [...url.status, ...codes];
}

/** A check for each URL. */
export function urlChecks(
  type: 'http' | 'https',
  checker: Checker,
  report: ImportReport,
): readonly JsonRecord[] {
  const urls = checker.urls.filter((url) => hasPath(url, report));
  if (urls.length === 0) {
    const { statement } = checker;
    report.lost(statement, `${statement.keyword}: it has no url, and keepalived does not use it`);
  }
  const { settings } = checker;
  return urls.map((url) => {
    const host = url.virtualHost ?? checker.virtualHost;
    const serverName = settings.get('serverName') ?? (settings.has('sni') ? host : undefined);
    return {
      type,
      path: url.path,
      ...(host !== undefined && { host }),
      status: url.status.length > 0 ? url.status : DEFAULT_STATUS,
      ...patternOf(url, report),
      // keepalived looks at no certificate.
      ...(type === 'https' && { ...(serverName !== undefined && { serverName }), verify: false }),
    };
  });
}

function hasPath({ statement, path }: Url, report: ImportReport): boolean {
  if (path !== undefined) return true;
  report.lost(statement, 'url: it has no path, and keepalived does not use it');
  return false;
}

function patternOf({ statement, regex, isInverted }: Url, report: ImportReport): JsonRecord {
  if (regex === undefined) return {};
  if (!isInverted) return { expectBody: regex };
  report.lost(statement, `regex_no_match: a check cannot require that ${regex} is not in the body`);
  return {};
}
