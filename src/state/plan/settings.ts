import type { IpvsClient } from '../../ipvs/client/client.js';
import type { SyncDaemon, SyncDaemonInput, SyncDaemonState } from '../../ipvs/model/daemon.js';
import type { Timeouts, TimeoutsInput } from '../../ipvs/model/timeouts.js';
import type { JsonRecord } from '../../common/json.js';

/** What a table has besides services. */
export interface CurrentSettings {
  readonly timeouts: Timeouts;
  readonly syncDaemons: readonly SyncDaemon[];
}

/** What is wanted of it; undefined: left as it is. */
export interface WantedSettings {
  readonly timeouts: TimeoutsInput | undefined;
  readonly syncDaemons: readonly SyncDaemonInput[] | undefined;
}

/** One request of a step. */
export type SettingRequest =
  | { readonly type: 'setTimeouts'; readonly timeouts: TimeoutsInput }
  | { readonly type: 'startSyncDaemon'; readonly daemon: SyncDaemonInput }
  | { readonly type: 'stopSyncDaemon'; readonly state: SyncDaemonState };

/** A step that is about no service: the timeouts, or a sync daemon. */
export interface SettingStep {
  readonly kind: 'setting';
  readonly action: 'add' | 'change' | 'remove';
  readonly setting: 'timeouts' | 'syncDaemon';
  readonly from: JsonRecord | undefined;
  readonly to: JsonRecord | undefined;
  /** In order: a running daemon cannot be changed, so it is stopped and started. */
  readonly requests: readonly SettingRequest[];
  /** What puts the old state back. */
  readonly undo: readonly SettingRequest[];
}

/**
 * The steps that make timeouts and daemons what is wanted, for {@link perform}. Of a daemon that runs, only what is named is
 * compared; another one of its role is stopped before it is started. Pure.
 *
 * @example
 * ```ts
 * import { planSettings } from 'ipvs/state';
 *
 * const current = {
 *   timeouts: { tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300 },
 *   syncDaemons: [],
 * };
 * const wanted = { timeouts: { tcpSeconds: 600 }, syncDaemons: undefined };
 * console.log(planSettings(current, wanted).map(({ setting }) => setting).join()); // timeouts
 * ```
 */
export function planSettings(current: CurrentSettings, wanted: WantedSettings): SettingStep[] {
  return [
    ...timeoutSteps(current.timeouts, wanted.timeouts),
    ...(wanted.syncDaemons === undefined
      ? []
      : daemonSteps(current.syncDaemons, wanted.syncDaemons)),
  ];
}

function timeoutSteps(current: Timeouts, wanted: TimeoutsInput | undefined): SettingStep[] {
  const changed = timeoutKeys.filter(
    (key) => wanted?.[key] !== undefined && wanted[key] !== current[key],
  );
  if (changed.length === 0) return [];
  const pick = (of: TimeoutsInput) => Object.fromEntries(changed.map((key) => [key, of[key]]));
  const timeouts = pick(wanted ?? {});
  return [
    {
      kind: 'setting',
      action: 'change',
      setting: 'timeouts',
      from: pick(current),
      to: timeouts,
      requests: [{ type: 'setTimeouts', timeouts }],
      undo: [{ type: 'setTimeouts', timeouts: pick(current) }],
    },
  ];
}

const timeoutKeys = ['tcpSeconds', 'tcpFinSeconds', 'udpSeconds'] as const;

function daemonSteps(
  running: readonly SyncDaemon[],
  wanted: readonly SyncDaemonInput[],
): SettingStep[] {
  const gone = running.filter(({ state }) => !wanted.some((one) => one.state === state));
  return [...wanted.flatMap((daemon) => daemonStep(running, daemon)), ...gone.map(stopStep)];
}

function daemonStep(running: readonly SyncDaemon[], daemon: SyncDaemonInput): SettingStep[] {
  const kind = 'setting';
  const { state } = daemon;
  const current = running.find((one) => one.state === state);
  if (current !== undefined && isSame(current, daemon)) return [];
  const start = { type: 'startSyncDaemon', daemon } as const;
  const stop = { type: 'stopSyncDaemon', state } as const;
  const to = daemonJson(daemon);
  if (current === undefined) {
    const step = { kind, action: 'add', setting: 'syncDaemon', from: undefined, to } as const;
    return [{ ...step, requests: [start], undo: [stop] }];
  }
  const undo = [stop, { type: 'startSyncDaemon', daemon: current }] as const;
  const from = daemonJson(current);
  const step = { kind, action: 'change', setting: 'syncDaemon', from, to } as const;
  return [{ ...step, requests: [stop, start], undo }];
}

/** What planning settings needs of a client. */
export type SettingsClient = Pick<IpvsClient, 'timeouts' | 'syncDaemons'>;

/** The steps that lead from the settings that are there now; nothing is read for those that are not wanted. */
export async function settingSteps(
  client: SettingsClient,
  { timeouts, syncDaemons }: WantedSettings,
): Promise<SettingStep[]> {
  if (timeouts === undefined && syncDaemons === undefined) return [];
  const current = {
    timeouts: await client.timeouts(),
    syncDaemons: syncDaemons === undefined ? [] : await client.syncDaemons(),
  };
  return planSettings(current, { timeouts, syncDaemons });
}

function stopStep(daemon: SyncDaemon): SettingStep {
  return {
    kind: 'setting',
    action: 'remove',
    setting: 'syncDaemon',
    from: daemonJson(daemon),
    to: undefined,
    requests: [{ type: 'stopSyncDaemon', state: daemon.state }],
    undo: [{ type: 'startSyncDaemon', daemon }],
  };
}

/** The kernel fills in what is left out: only what is named is compared. */
function isSame(current: SyncDaemon, { group, ...wanted }: SyncDaemonInput): boolean {
  const sameGroup = group === undefined || current.group?.toString() === group.toString();
  const syncId = wanted.syncId ?? 0;
  return (
    sameGroup &&
    current.interface === wanted.interface &&
    current.syncId === syncId &&
    (['maximumLength', 'port', 'ttl'] as const).every(
      (key) => wanted[key] === undefined || wanted[key] === current[key],
    )
  );
}

/** A daemon as it stands in a state file: what is undefined is left out. */
export function daemonJson({ state, group, ...daemon }: SyncDaemonInput): JsonRecord {
  const named = { role: state, ...daemon, group: group?.toString() };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
