import { formatServiceId } from '../../ipvs/model/service.js';
import type { TimeoutsInput } from '../../ipvs/model/timeouts.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import type { Names } from '../../rules/grammar/parsed-options.js';
import { readRule, shownLine } from '../../rules/parse-rules.js';
import type { Fault, Rule, RuleLine } from '../../rules/parse-rules.js';
import { loadRules } from '../load-rules.js';
import type { PortNames } from '../selection.js';
import { StateFileError } from './desired.js';
import type { DesiredState, StateProblem } from './desired.js';
import type { ParsedState } from './parsed.js';

/** Files of `ipvsadm-save` as state files. */

const NOTHING = {};

/** Whether a text is rules: its first line besides comments is a command of ipvsadm. */
export function isRules(text: string): boolean {
  const line = /^(?:[ \t\r]*(?:#[^\n]*)?\n)*([^\n]{0,100})/.exec(text)?.[1] ?? '';
  return /^\s*(?:ipvsadm\s+)?-(?:[A-Za-z]|-[a-z])/.test(line);
}

/** What the lines of a text are. Names of hosts are not looked up. */
export interface ReadRules {
  readonly rules: readonly Rule[];
  readonly faults: readonly Fault[];
}

export function readRules(text: string, ports: PortNames | undefined): ReadRules {
  const names: Names = { host: () => undefined, port: (name, protocol) => ports?.(name, protocol) };
  const rules: Rule[] = [];
  const faults: Fault[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const line = { number: index + 1, text: content };
    const read = readRule(line, names);
    if (read === undefined || read === 'lookup') continue;
    if ('invocation' in read) rules.push(read);
    else faults.push(read);
  }
  return { rules, faults };
}

/**
 * What rules ask for when they are carried out in order.
 * @throws StateFileError when one cannot be read, contradicts those before it, or is no part of a state.
 */
export function stateOfRules({ rules, faults }: ReadRules, file: string): ParsedState {
  const { services, lines, others, contradictions } = loadRules(rules);
  const { timeouts, syncDaemons, strangers } = settingsOf(others);
  const wrong = [...faults, ...contradictions, ...strangers];
  if (wrong.length > 0) {
    const problems = wrong.map((fault) => problemOf(fault, file));
    throw new StateFileError(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  const state: DesiredState = {
    timeouts,
    syncDaemons,
    services: services.map(({ id, settings, destinations }) => ({
      id,
      name: undefined,
      settings,
      destinations: destinations.map((server) => ({ ...server, health: NOTHING })),
      health: NOTHING,
    })),
    agent: NOTHING,
  };
  const lineOf = (index: unknown): RuleLine | undefined => {
    const service = services[Number(index)];
    return service && lines().get(formatServiceId(service.id));
  };
  return {
    file,
    state,
    placeOf: ([, index]) => ({ line: lineOf(index)?.number, column: undefined }),
  };
}

function problemOf({ line, complaint }: Fault, file: string): StateProblem {
  const shown = line.text.trim() === '' ? '' : ` (${shownLine(line)})`;
  return { file, line: line.number, column: undefined, message: `${complaint}${shown}` };
}

/** Rules that are about something else than services. */
function settingsOf(others: readonly Rule[]) {
  let timeouts: TimeoutsInput | undefined;
  const syncDaemons: SyncDaemonInput[] = [];
  const strangers: Fault[] = [];
  for (const { invocation, line } of others) {
    if (invocation.command === 'start-daemon') syncDaemons.push(invocation.daemon);
    else if (invocation.command === 'set') {
      // 0 leaves a timeout as it is.
      const given = Object.entries(invocation.timeouts).filter(
        ([, seconds]) => Number(seconds) > 0,
      );
      timeouts = { ...timeouts, ...Object.fromEntries(given) };
    } else {
      strangers.push({ line, complaint: 'this command is not part of a saved table' });
    }
  }
  return {
    timeouts,
    syncDaemons: syncDaemons.length === 0 ? undefined : syncDaemons,
    strangers,
  };
}
