import type { DestinationSettingsInput, Tunnel } from '../../../ipvs/model/destination.js';
import type { ImportReport } from '../report.js';
import type { Statement } from './tree.js';
import { flagAt, invalid, numberAt, secondsAt, wordAt } from './values.js';

/** What a keyword does with what is read, and how many words of its line it takes. */
export interface Keyword<Thing> {
  /** keepalived ignores the words behind these, also where they were meant as keywords. */
  readonly takes: number;
  readonly hasBlock?: boolean;
  readonly read: (thing: Thing, statement: Statement, report: ImportReport) => void;
}

export type Keywords<Thing> = Readonly<Record<string, Keyword<Thing>>>;

/** Keywords that a state file has no words for, with what is to be said of them. */
export type Unsupported = Readonly<Record<string, string>>;

/** Reads the statements of a block in their order: later ones win, as in keepalived. */
export function readBlock<Thing>(
  thing: Thing,
  { keyword, block }: Statement,
  { keywords, unsupported = {} }: BlockKeywords<Thing>,
  report: ImportReport,
): void {
  for (const statement of block ?? []) {
    const name = statement.keyword;
    const reason = own(unsupported, name);
    const known = own(keywords, name);
    if (reason !== undefined) report.lost(statement, `${name}: ${reason}`);
    else if (known === undefined) {
      report.lost(
        statement,
        `${name}: not a keyword of ${keyword} that is known here; it was left out`,
      );
    } else if (checkShape(statement, known, report)) known.read(thing, statement, report);
  }
}

/** What may stand in a block. */
interface BlockKeywords<Thing> {
  readonly keywords: Keywords<Thing>;
  readonly unsupported?: Unsupported;
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Whether the statement has a block if it should, and only then. */
function checkShape<Thing>(
  statement: Statement,
  { takes, hasBlock = false }: Keyword<Thing>,
  report: ImportReport,
): boolean {
  const { keyword, block } = statement;
  tellIgnored(statement, takes, report);
  if ((block !== undefined) === hasBlock) return true;
  const message = hasBlock
    ? 'a block, { … }, is missing behind it'
    : 'it has no block: remove { … }';
  report.problem(statement, `${keyword}: ${message}`);
  return false;
}

/** Words that keepalived does not look at. */
function tellIgnored(
  { keyword, words, ...place }: Statement,
  takes: number,
  report: ImportReport,
): void {
  const rest = words.slice(takes).join(' ');
  if (rest === '') return;
  report.lost(
    place,
    `keepalived ignores "${rest}" behind ${keyword}: it wants each keyword on a line of its own`,
  );
}

/** How checks are timed, each undefined where it is inherited. */
export interface Timing {
  delayLoop?: number;
  connectTimeout?: number;
  retry?: number;
  delayBeforeRetry?: number;
  /** Where it is given. */
  warmup?: Statement;
  alpha?: boolean;
}

/** Keywords of virtual servers, real servers and checkers. */
export const timingKeywords: Keywords<{ readonly timing: Timing }> = {
  delay_loop: seconds('delayLoop'),
  connect_timeout: seconds('connectTimeout'),
  delay_before_retry: seconds('delayBeforeRetry'),
  retry: {
    takes: 1,
    read: ({ timing }, statement, report) => {
      const retry = numberAt(statement, 0, [0, 0xffff_ffff], report);
      if (retry !== undefined) timing.retry = retry;
    },
  },
  warmup: {
    takes: 1,
    read: ({ timing }, statement, report) => {
      if (secondsAt(statement, 0, report) !== undefined) timing.warmup = statement;
    },
  },
  alpha: {
    takes: 1,
    read: ({ timing }, statement, report) => {
      timing.alpha = flagAt(statement, 0, report);
    },
  },
};

function seconds(
  key: 'delayLoop' | 'connectTimeout' | 'delayBeforeRetry',
): Keyword<{ readonly timing: Timing }> {
  return {
    takes: 1,
    read: ({ timing }, statement, report) => {
      const value = secondsAt(statement, 0, report);
      if (value !== undefined) timing[key] = value;
    },
  };
}

/** How packets reach a real server. */
export interface Method extends DestinationSettingsInput {
  readonly forwardingMethod: 'nat' | 'dr' | 'tun';
}

const METHODS = { NAT: 'nat', DR: 'dr', TUN: 'tun' } as const;
const CHECKSUMS: Readonly<Record<string, Tunnel['checksum']>> = {
  nocsum: 'none',
  csum: 'full',
  remcsum: 'remote',
};
const TYPES = ['ipip', 'gue', 'gre'] as const;

/** `NAT`, `DR`, or `TUN [type ipip|gre|gue port N] [nocsum|csum|remcsum]`. */
export function readMethod(statement: Statement, report: ImportReport): Method | undefined {
  const name = wordAt(statement, 0, report);
  if (name === undefined) return undefined;
  if (!isMethod(name)) {
    invalid(statement, `"${name}" is none of NAT, DR, TUN`, report);
    return undefined;
  }
  const forwardingMethod = METHODS[name];
  if (forwardingMethod !== 'tun') {
    tellIgnored(statement, 1, report);
    return { forwardingMethod };
  }
  const tunnel = readTunnel(statement, report);
  return { forwardingMethod, ...(tunnel !== undefined && { tunnel }) };
}

function isMethod(name: string): name is keyof typeof METHODS {
  return Object.hasOwn(METHODS, name);
}

function readTunnel(statement: Statement, report: ImportReport): Tunnel | undefined {
  const { keyword, words } = statement;
  let type: (typeof TYPES)[number] = 'ipip';
  let checksum: Tunnel['checksum'] = 'none';
  let port = 0;
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const known = TYPES.find((one) => one === words[at + 1]);
    if (word === 'port') {
      at += 1;
      port = numberAt(statement, at, [1, 65_535], report) ?? 1;
    } else if (word === 'type' && known !== undefined) {
      at += 1;
      type = known;
    } else if (CHECKSUMS[word] !== undefined) checksum = CHECKSUMS[word];
    else {
      report.problem(statement, `${keyword}: "${word}" is not part of a tunnel's description`);
      return undefined;
    }
  }
  if ((type === 'gue') !== port > 0) {
    report.problem(statement, `${keyword}: a gue tunnel needs a port, and the others have none`);
  }
  if ((type === 'ipip' && checksum !== 'none') || (type === 'gre' && checksum === 'remote')) {
    report.problem(statement, `${keyword}: a tunnel of type ${type} cannot have this checksum`);
  }
  return { type, port, checksum };
}
