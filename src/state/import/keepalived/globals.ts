import { IpAddress } from '../../../ipvs/model/address.js';
import type { SyncDaemonInput } from '../../../ipvs/model/daemon.js';
import type { TimeoutsInput } from '../../../ipvs/model/timeouts.js';
import type { ImportReport } from '../report.js';
import type { Statement } from './tree.js';
import { flagAt, matchingAt, numberAt, wordAt } from './values.js';

/** What global_defs says of IPVS. */
export interface Globals {
  timeouts: TimeoutsInput | undefined;
  syncDaemons: readonly SyncDaemonInput[] | undefined;
  scriptUser: string | undefined;
}

const ON_CHANGE = 'to be notified of changes, write onChange: [PROGRAM] or webhook: URL';
const MAIL = `the agent sends no mail; ${ON_CHANGE}`;
const NETNS = 'a namespace cannot be named in a state file: ip netns exec NAME ipvs …';

/** Of keywords that have to do with IPVS and its checks. All others are about VRRP, or keepalived itself. */
const unsupported: Readonly<Record<string, string>> = {
  lvs_flush: 'nothing empties the table at a start; to do so now: ipvs apply --prune all',
  lvs_flush_on_stop:
    'the table stays at the end of the agent, unless it runs with --on-exit remove',
  lvs_notify_fifo: ON_CHANGE,
  lvs_notify_fifo_script: ON_CHANGE,
  notify_fifo: ON_CHANGE,
  rs_init_notifies: ON_CHANGE,
  notification_email: MAIL,
  nftables_ipvs:
    'each address of a group is a service of its own, instead of a mark set by nftables',
  net_namespace: NETNS,
  net_namespace_ipvs: NETNS,
};

/** Reads what stands in global_defs, or by itself. */
export function readGlobal(globals: Globals, statement: Statement, report: ImportReport): void {
  const { keyword } = statement;
  const reason = Object.hasOwn(unsupported, keyword) ? unsupported[keyword] : undefined;
  if (reason !== undefined) report.lost(statement, `${keyword}: ${reason}`);
  else if (keyword === 'lvs_timeouts') globals.timeouts = readTimeouts(statement, report);
  else if (keyword === 'lvs_sync_daemon') {
    globals.syncDaemons ??= readSyncDaemon(statement, report);
  } else if (keyword === 'script_user') globals.scriptUser = statement.words[0];
  else if (keyword === 'smtp_alert' || keyword === 'smtp_alert_checker') {
    if (flagAt(statement, 0, report)) report.lost(statement, `${keyword}: ${MAIL}`);
  }
}

const TIMEOUTS = { tcp: 'tcpSeconds', tcpfin: 'tcpFinSeconds', udp: 'udpSeconds' } as const;
const MAX_TIMEOUT = 31 * 24 * 3600;

function readTimeouts(statement: Statement, report: ImportReport): TimeoutsInput {
  const timeouts: { -readonly [Key in keyof TimeoutsInput]: TimeoutsInput[Key] } = {};
  for (let at = 0; at < statement.words.length; at += 2) {
    const word = statement.words[at] ?? '';
    if (word !== 'tcp' && word !== 'tcpfin' && word !== 'udp') {
      report.problem(statement, `lvs_timeouts: "${word}" is none of tcp, tcpfin, udp`);
      return timeouts;
    }
    const seconds = numberAt(statement, at + 1, [0, MAX_TIMEOUT], report);
    // 0 leaves it as it is.
    if (seconds !== undefined && seconds > 0) timeouts[TIMEOUTS[word]] = seconds;
  }
  return timeouts;
}

const INTERFACE = [/^[^\s/]{1,15}$/, 'the name of an interface'] as const;

const NUMBERS = {
  id: ['syncId', 0, 255],
  maxlen: ['maximumLength', 1, 65_507],
  port: ['port', 1, 65_535],
  ttl: ['ttl', 1, 255],
} as const;

/** The daemon of one interface, in both roles, since which one it has is a matter of VRRP or of nobody. */
function readSyncDaemon(statement: Statement, report: ImportReport): readonly SyncDaemonInput[] {
  const device = matchingAt(statement, INTERFACE, report);
  if (device === undefined) return [];
  const { words } = statement;
  const settings: Record<string, unknown> = {};
  let instance: string | undefined;
  for (let at = 1; at < words.length; at += 2) {
    const word = words[at] ?? '';
    if (isNumber(word)) {
      const [key, least, most] = NUMBERS[word];
      settings[key] = numberAt(statement, at + 1, [least, most], report);
    } else if (word === 'group') settings['group'] = readGroupAddress(statement, at + 1, report);
    else if (word === 'inst') instance = words[at + 1];
    else if (at === 1) {
      // The older form: INTERFACE INSTANCE, and an id.
      instance = word;
      const hasId = /^\d+$/.test(words[2] ?? '');
      if (hasId) settings['syncId'] = numberAt(statement, 2, [0, 255], report);
      if (!hasId) at -= 1;
    } else report.problem(statement, `lvs_sync_daemon: "${word}" is not known`);
  }
  if (instance !== undefined) tellInstance(statement, instance, 'syncId' in settings, report);
  return (['master', 'backup'] as const).map((state) => ({
    state,
    interface: device,
    ...settings,
  }));
}

function isNumber(word: string): word is keyof typeof NUMBERS {
  return Object.hasOwn(NUMBERS, word);
}

function tellInstance(
  statement: Statement,
  instance: string,
  hasId: boolean,
  report: ImportReport,
): void {
  const id = hasId ? '' : `; else add "syncId:", which is the router id of ${instance}`;
  report.lost(
    statement,
    `lvs_sync_daemon: both roles were taken, as which one follows ${instance} is for VRRP to say; ` +
      `where keepalived goes on with VRRP, delete syncDaemons, as it changes the role${id}`,
  );
}

function readGroupAddress(
  statement: Statement,
  at: number,
  report: ImportReport,
): IpAddress | undefined {
  const word = wordAt(statement, at, report);
  if (word === undefined) return undefined;
  const address = IpAddress.tryParse(word);
  const [first = 0] = address?.bytes ?? [];
  if (address !== undefined && (address.family === 'ipv6' ? first === 0xff : first >> 4 === 0xe)) {
    return address;
  }
  report.problem(statement, `lvs_sync_daemon: "${word}" is not a multicast address`);
  return undefined;
}
