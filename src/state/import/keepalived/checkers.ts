import type { JsonRecord } from '../../../common/json.js';
import type { ImportReport } from '../report.js';
import type { Around } from './around.js';
import { checkerTypes } from './checker-types.js';
import type { Checker, CheckerType } from './checker-types.js';
import type { RealServer, VirtualServer } from './servers.js';
import { readBlock, timingKeywords } from './settings.js';
import type { Keywords, Timing } from './settings.js';
import type { Statement } from './tree.js';
import { addressAt, numberAt } from './values.js';

const DELAY_LOOP = 60;
const CONNECT_TIMEOUT = 5;
const MOST_FAILURES = 1000;

/** What belongs to the connection of a check, and to logging it. */
const connectionKeywords: Keywords<Checker> = {
  connect_ip: {
    takes: 1,
    read: ({ place }, statement, report) => {
      place.address = addressAt(statement, 0, report)?.toString();
    },
  },
  connect_port: {
    takes: 1,
    read: ({ place }, statement, report) => {
      place.port = numberAt(statement, 0, [1, 65_535], report);
    },
  },
  bindto: {
    takes: 1,
    read: ({ place }, statement, report) => {
      place.source = addressAt(statement, 0, report)?.toString();
    },
  },
  log_all_failures: { takes: 1, read: () => undefined },
};

const unsupported = {
  bind_port: 'a check cannot come from a chosen port',
  bind_if: 'a check cannot come from a chosen interface',
  fwmark: 'the packets of a check carry no mark',
};

/** A server's checks as the agent knows them; none when it has none. */
export function checksOf(
  virtual: VirtualServer,
  server: RealServer,
  around: Around,
  report: ImportReport,
): readonly JsonRecord[] {
  return server.checkers.flatMap((statement) => {
    const type = checkerTypes[statement.keyword];
    if (type === undefined) return [];
    return readChecker({ virtual, server, statement, around }, type, report);
  });
}

interface CheckerPlace {
  readonly virtual: VirtualServer;
  readonly server: RealServer;
  readonly statement: Statement;
  readonly around: Around;
}

function readChecker(
  { virtual, server, statement, around }: CheckerPlace,
  type: CheckerType,
  report: ImportReport,
): readonly JsonRecord[] {
  const checker: Checker = {
    statement,
    timing: {},
    place: {},
    settings: new Map(),
    urls: [],
    virtualHost: server.virtualHost ?? virtual.virtualHost,
    user: around.scriptUser,
    timeoutSeconds: undefined,
  };
  const keywords = { ...timingKeywords, ...connectionKeywords, ...type.keywords };
  readBlock(
    checker,
    statement,
    { keywords, unsupported: { ...unsupported, ...type.unsupported } },
    report,
  );
  const timing = { ...virtual.timing, ...server.timing, ...checker.timing };
  if (checker.timing.warmup !== undefined) tellWarmup(checker.timing.warmup, report);
  const checks = type.checks(checker, report);
  const times = timesOf(statement, timing, { ...type, ...checker }, report);
  if (checks.length > 0) {
    around.once(statement, 'keepalived takes a server in again after one success, hence "rise: 1"');
  }
  return checks.map((check) => ({ ...check, ...definedOf(checker.place), ...times }));
}

/** That the first check has its own time. */
export function tellWarmup(statement: Statement, report: ImportReport): void {
  report.lost(statement, 'warmup: the agent spreads first checks over one interval');
}

function definedOf(record: JsonRecord): JsonRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

/** The times of a check. keepalived waits delay_loop between checks, and delay_before_retry after one that failed. */
function timesOf(
  statement: Statement,
  timing: Timing,
  type: Pick<CheckerType, 'retry' | 'delayBeforeRetry'> & Pick<Checker, 'timeoutSeconds'>,
  report: ImportReport,
): JsonRecord {
  const { delayLoop = DELAY_LOOP, connectTimeout = CONNECT_TIMEOUT, retry = type.retry } = timing;
  const again = timing.delayBeforeRetry ?? type.delayBeforeRetry ?? delayLoop;
  // A program is given as long as there is between checks.
  const timeout =
    statement.keyword === 'MISC_CHECK' ? (type.timeoutSeconds ?? delayLoop) : connectTimeout;
  const interval = Math.max(delayLoop, 1);
  const fast = Math.max(again, 1);
  if (delayLoop < 1 || (retry > 0 && again < 1)) {
    report.lost(statement, `${statement.keyword}: the agent checks once a second at most`);
  }
  if (retry >= MOST_FAILURES) {
    report.lost(
      statement,
      `retry: ${MOST_FAILURES} failures in a row are the most that can be said`,
    );
  }
  return {
    interval: duration(interval),
    ...(retry > 0 && { fastInterval: duration(fast) }),
    downInterval: duration(interval),
    timeout: duration(timeout),
    rise: 1,
    fall: Math.min(retry + 1, MOST_FAILURES),
  };
}

/** Seconds as the agent writes times: `2s`, `500ms`. */
function duration(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.max(Math.round(seconds * 1000), 1)}ms`;
}
