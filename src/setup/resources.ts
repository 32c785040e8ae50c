import { addressAddWords, tunnels } from '../host/requirements.js';
import { formatAssignment, formatSysctl, parseAssignment } from '../host/sysctl.js';
import type { Change } from './changes.js';
import type { Command } from './command.js';
import { parsePlace, placeWords } from '../host/address-place.js';
import type { AddressPlace } from '../host/address-place.js';
import { ipOption } from '../host/network.js';
import { parseRouteSlot } from '../host/route-slots.js';
import { CliError } from '../terminal/cli-error.js';
import { answeredFor, revertedState } from './three-way-merge.js';
import type { KeyOf } from './three-way-merge.js';
import type { SetupSnapshot } from './snapshot.js';
import { daemon, timeouts } from './rule-resources.js';
import { service } from './service-resource.js';
import { isSame } from './step.js';
import type { LineStep, Recorded, RecordedStep, State, Step, StepKind } from './step.js';

/** How steps of one kind are planned and reverted. `up`, `down`, `status`, dry runs and JSON all derive from it. */
export interface Resource<S extends Step = Step> {
  /** The step in words: `module ipip`. */
  readonly describe: (step: RecordedStep) => string;
  /** Reads at once, for many steps, what would otherwise take a process each. */
  readonly prepare?: (steps: readonly RecordedStep[], snapshot: SetupSnapshot) => Promise<void>;
  /** The change that `up` has to make. */
  readonly plan: (
    step: S,
    recorded: Recorded | undefined,
    snapshot: SetupSnapshot,
  ) => Promise<Change>;
  /** The change that `down` has to make. */
  readonly revert: (record: Recorded, snapshot: SetupSnapshot) => Promise<Change>;
  /** For `status`: whether it works although not all is as wanted, and a note that says what is. */
  readonly status?: (
    step: S,
    snapshot: SetupSnapshot,
  ) => Promise<{ readonly well: boolean; readonly note: string }>;
}

/** A kind of step whose state is lines. */
export interface LineKind {
  readonly describe: Resource['describe'];
  readonly prepare?: Resource['prepare'];
  readonly read: (step: RecordedStep, snapshot: SetupSnapshot) => Promise<State>;
  /** The state to reach from the current one. By default the one in the step. */
  readonly wanted?: (step: RecordedStep, current: State) => State;
  /** Whether the current state is accepted. By default only the wanted one is. */
  readonly isRight?: (step: RecordedStep, current: State) => boolean;
  readonly change: (step: RecordedStep, from: State, to: State) => readonly Command[];
  /** Has the snapshot assume the new state, where other steps depend on it. */
  readonly foresee?: (to: State, snapshot: SetupSnapshot) => void;
  /** Identifies a line, for kinds whose lines are reverted one by one. */
  readonly keyOf?: KeyOf;
}

function lineResource(kind: LineKind): Resource<LineStep> {
  const foreseen = (step: RecordedStep, from: State, to: State, snapshot: SetupSnapshot) => {
    const commands = kind.change(step, from, to);
    if (commands.length > 0) kind.foresee?.(to, snapshot);
    return commands;
  };
  return {
    describe: kind.describe,
    ...(kind.prepare === undefined ? {} : { prepare: kind.prepare }),
    plan: async (step, recorded, snapshot) => {
      const from = await kind.read(step, snapshot);
      const isRight = kind.isRight?.(step, from) === true;
      const to = isRight ? from : (kind.wanted?.(step, from) ?? step.wanted);
      const commands = isRight ? [] : foreseen(step, from, to, snapshot);
      const applied =
        recorded === undefined ? to : answeredFor({ ...recorded, step }, to, kind.keyOf);
      return { step, from, to, applied, commands, back: false, left: [], kept: [] };
    },
    revert: async (record, snapshot) => {
      const { step } = record;
      const from = await kind.read(step, snapshot);
      const { to, left } = revertedState(record, from, kind.keyOf);
      const commands = foreseen(step, from, to, snapshot);
      return { step, from, to, applied: to, commands, back: true, left, kept: [] };
    },
  };
}

const ip = (...words: string[]): Command => ({ program: 'ip', words });

/** A kind whose things exist or do not. */
function there(
  {
    read,
    add,
    remove,
  }: Pick<LineKind, 'read'> & Record<'add' | 'remove', (name: string) => Command[]>,
  describe: LineKind['describe'] = ({ name }) => name,
): LineKind {
  return {
    describe,
    read,
    change: (_, from, to) => [
      ...from.filter((line) => !to.includes(line)).flatMap(remove),
      ...to.filter((line) => !from.includes(line)).flatMap(add),
    ],
  };
}

const presence = (step: RecordedStep, isThere: boolean): State => (isThere ? step.wanted : []);

const module: LineKind = {
  describe: ({ name }) => `module ${name}`,
  read: async (step, snapshot) => {
    const made = Object.values(tunnels).find((one) => one.module === step.name)?.device;
    return presence(
      step,
      (await snapshot.machine.links()).some((link) => link.name === made),
    );
  },
  // It is not unloaded: others may be using it.
  change: ({ name }, from, to) =>
    from.length === 0 && to.length > 0 ? [{ program: 'modprobe', words: [name] }] : [],
};

const pathOf = (line: string): string => parseAssignment(line).path;

function valueIn(lines: State, path: string): string | undefined {
  return lines.map(parseAssignment).find((one) => one.path === path)?.value;
}

const setting: LineKind = {
  describe: ({ name, wanted }) => formatSysctl(name, valueIn(wanted, name) ?? ''),
  read: async ({ wanted }, snapshot) => {
    const lines: string[] = [];
    for (const path of wanted.map(pathOf)) {
      const value = await snapshot.sysctl(path);
      if (value !== undefined) lines.push(formatAssignment({ path, value }));
    }
    return lines;
  },
  isRight: ({ name, wanted, also = [] }, current) => {
    const value = valueIn(current, name);
    return value !== undefined && (value === valueIn(wanted, name) || also.includes(value));
  },
  change: ({ name }, from, to) => {
    const value = valueIn(to, name);
    const isChanged = value !== undefined && value !== valueIn(from, name);
    // The kernel changes the others along with it; those that need a different value are set afterwards.
    const others = to.filter((line) => pathOf(line) !== name);
    const follow = isChanged ? others.map((line) => followed(pathOf(line), value)) : from;
    return [
      ...(isChanged ? [{ setting: name, value }] : []),
      ...others
        .filter((line) => !follow.includes(line))
        .map(parseAssignment)
        .map(({ path, value: other }) => ({ setting: path, value: other })),
    ];
  },
  foresee: (to, snapshot) => {
    for (const assignment of to.map(parseAssignment)) snapshot.assume(assignment);
  },
  keyOf: pathOf,
};

/** How the kernel changes a setting when forwarding is set for all (net/ipv4/devinet.c, inet_forward_change). */
export function followed(path: string, forwarding: string): string {
  const isOpposite = path.endsWith('/accept_redirects');
  const opposite = forwarding === '0' ? '1' : '0';
  return formatAssignment({ path, value: isOpposite ? opposite : forwarding });
}

const link: LineKind = {
  describe: ({ name }) => `${name} is up`,
  read: async ({ name }, snapshot) => {
    const current = (await snapshot.machine.links()).find((one) => one.name === name);
    return current === undefined ? [] : [current.up ? 'up' : 'down'];
  },
  change: ({ name }, from, [to]) =>
    to === undefined || isSame(from, [to]) ? [] : [ip('link', 'set', name, to)],
};

const address = there({
  // The wanted state of an address that must not be there is empty.
  read: async ({ name }, { machine }) =>
    (await machine.hasPlace(checkedPlace(name))) ? [name] : [],
  add: (line) => [ip(...addressAddWords(checkedPlace(line)))],
  remove: (line) => [ip('address', 'del', ...placeWords(checkedPlace(line)))],
});

/** The address on an interface that a line names, which may come from a journal. */
function checkedPlace(line: string): AddressPlace {
  const place = parsePlace(line);
  if (place === undefined) throw new CliError(`not an address on an interface: ${line}`);
  return place;
}

const route: LineKind = {
  describe: ({ wanted }) => `route ${wanted.join('')}`,
  prepare: (steps, { machine }) => machine.readSlots(steps.map(({ name }) => parseRouteSlot(name))),
  read: ({ name }, { machine }) => machine.slotRoutes(parseRouteSlot(name)),
  // The kernel uses the first of several with the same metric.
  wanted: ({ wanted }, current) => [...wanted, ...current.slice(1)],
  isRight: ({ wanted: [line = ''] }, [current = '']) => `${current} `.startsWith(`${line} `),
  change: ({ name }, from, to) => {
    const { family } = parseRouteSlot(name);
    const command = (verb: string, line: string) =>
      ip(ipOption(family), 'route', verb, ...line.split(' '));
    const [first, ...others] = to;
    if (first === undefined) return from.map((line) => command('del', line));
    const verb = from.length === 0 ? 'add' : 'replace';
    return [
      ...(first === from[0] ? [] : [command(verb, first)]),
      ...others.filter((line) => !from.includes(line)).map((line) => command('append', line)),
    ];
  },
};

const resources: Readonly<Record<LineStep['kind'], Resource<LineStep>>> = {
  module: lineResource(module),
  setting: lineResource(setting),
  link: lineResource(link),
  address: lineResource(address),
  route: lineResource(route),
  timeouts: lineResource(timeouts),
  daemon: lineResource(daemon),
};

/** The change that `up` has to make for a step. */
export function planStep(
  step: Step,
  recorded: Recorded | undefined,
  snapshot: SetupSnapshot,
): Promise<Change> {
  return step.kind === 'service'
    ? service.plan(step, recorded, snapshot)
    : resources[step.kind].plan(step, recorded, snapshot);
}

/** Whether a step works although not all is as wanted; undefined for kinds that are as wanted or not. */
export function statusOf(
  step: Step,
  snapshot: SetupSnapshot,
): ReturnType<NonNullable<Resource['status']>> | undefined {
  return step.kind === 'service'
    ? service.status?.(step, snapshot)
    : resources[step.kind].status?.(step, snapshot);
}

/** The part of a resource that needs only the text of its steps. */
export function resourceOf(kind: StepKind): Pick<Resource, 'describe' | 'prepare' | 'revert'> {
  return kind === 'service' ? service : resources[kind];
}
