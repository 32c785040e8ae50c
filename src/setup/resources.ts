import { addressAddWords, tunnels } from '../host/requirements.js';
import { formatSysctl } from '../host/sysctl.js';
import type { KeyOf } from './three-way-merge.js';
import type { HostSnapshot } from './snapshot.js';
import { daemon, service, timeouts } from './rule-resources.js';
import { isSame } from './step.js';
import type { Command, Recorded, State, Step, StepKind } from './step.js';

/** How a kind of step is done. `up`, `down`, `status`, dry runs and JSON all come from it. */
export interface Kind {
  /** What is wanted, in words. */
  readonly describe: (step: Step) => string;
  readonly read: (step: Step, snapshot: HostSnapshot) => Promise<State>;
  /** Reads for many at once what would cost a process each. */
  readonly prepare?: (steps: readonly Step[], snapshot: HostSnapshot) => Promise<void>;
  /** What is wanted where this is there now. By default what the step says. */
  readonly wanted?: (step: Step, now: State, recorded: Recorded | undefined) => State;
  /** Whether what is there will do. By default when it is what is wanted. */
  readonly isRight?: (step: Step, now: State) => boolean;
  readonly change: (step: Step, from: State, to: State) => readonly Command[];
  /** Has what it is changed to taken for granted, where other steps depend on it. */
  readonly foresee?: (to: State, snapshot: HostSnapshot) => void;
  /** Where each line of a state stands for itself. */
  readonly keyOf?: KeyOf;
  /** What else a status says, where less than all that is wanted makes it run. */
  readonly status?: (step: Step, now: State) => { readonly well: boolean; readonly note: string };
}

const ip = (...words: string[]): Command => ({ program: 'ip', words });

/** A kind whose things are there or not. */
function there(
  { read, add, remove }: Pick<Kind, 'read'> & Record<'add' | 'remove', (name: string) => Command[]>,
  describe: Kind['describe'] = ({ name }) => name,
): Kind {
  return {
    describe,
    read,
    change: (_, from, to) => [
      ...from.filter((line) => !to.includes(line)).flatMap(remove),
      ...to.filter((line) => !from.includes(line)).flatMap(add),
    ],
  };
}

const presence = (step: Step, isThere: boolean): State => (isThere ? step.wanted : []);

const module: Kind = {
  describe: ({ name }) => `module ${name}`,
  read: async (step, snapshot) => {
    const made = Object.values(tunnels).find((one) => one.module === step.name)?.device;
    return presence(
      step,
      (await snapshot.links()).some((link) => link.name === made),
    );
  },
  // It stays loaded: others may use it by now.
  change: ({ name }, from, to) =>
    from.length === 0 && to.length > 0 ? [{ program: 'modprobe', words: [name] }] : [],
};

const pathOf = (line: string): string => line.slice(0, line.indexOf('='));
const valueOf = (line: string): string => line.slice(line.indexOf('=') + 1);
function valueIn(lines: State, path: string): string | undefined {
  const line = lines.find((one) => pathOf(one) === path);
  return line === undefined ? undefined : valueOf(line);
}

const setting: Kind = {
  describe: ({ name, wanted }) => formatSysctl(name, valueIn(wanted, name) ?? ''),
  read: async ({ wanted }, snapshot) => {
    const lines: string[] = [];
    for (const path of wanted.map(pathOf)) {
      const value = await snapshot.setting(path);
      if (value !== undefined) lines.push(`${path}=${value}`);
    }
    return lines;
  },
  isRight: ({ name, wanted, also = [] }, now) => {
    const value = valueIn(now, name);
    return value !== undefined && (value === valueIn(wanted, name) || also.includes(value));
  },
  change: ({ name }, from, to) => {
    const value = valueIn(to, name);
    const isChanged = value !== undefined && value !== valueIn(from, name);
    // The kernel changes the others with it; those that are to be otherwise come after.
    const others = to.filter((line) => pathOf(line) !== name);
    const follow = isChanged ? others.map((line) => followed(pathOf(line), value)) : from;
    return [
      ...(isChanged ? [{ setting: name, value }] : []),
      ...others
        .filter((line) => !follow.includes(line))
        .map((line) => ({ setting: pathOf(line), value: valueOf(line) })),
    ];
  },
  foresee: (to, snapshot) => {
    for (const line of to) snapshot.assume(pathOf(line), valueOf(line));
  },
  keyOf: pathOf,
};

/** What the kernel makes of a setting when forwarding is set for all (net/ipv4/devinet.c, inet_forward_change). */
export function followed(path: string, forwarding: string): string {
  const isOpposite = path.endsWith('/accept_redirects');
  return `${path}=${isOpposite ? Number(forwarding === '0') : forwarding}`;
}

const link: Kind = {
  describe: ({ name }) => `${name} is up`,
  read: async ({ name }, snapshot) => {
    const found = (await snapshot.links()).find((one) => one.name === name);
    return found === undefined ? [] : [found.up ? 'up' : 'down'];
  },
  change: ({ name }, from, [to]) =>
    to === undefined || isSame(from, [to]) ? [] : [ip('link', 'set', name, to)],
};

const address = there({
  // One that must not be there is wanted nowhere.
  read: async ({ name }, snapshot) => ((await snapshot.hasAddress(name)) ? [name] : []),
  add: (line) => [ip(...addressAddWords(line))],
  remove: (line) => [ip('address', 'del', ...line.split(' '))],
});

const route: Kind = {
  describe: ({ wanted }) => `route ${wanted.join('')}`,
  prepare: (steps, snapshot) => snapshot.lookUpRoutes(steps.map(({ name }) => name)),
  read: ({ name }, snapshot) => snapshot.routeLines(name),
  // Of several with the same metric the first counts.
  wanted: ({ wanted }, now) => [...wanted, ...now.slice(1)],
  isRight: ({ wanted: [line = ''] }, [now = '']) => `${now} `.startsWith(`${line} `),
  change: ({ name }, from, to) => {
    const [version = ''] = name.split(' ');
    const command = (verb: string, line: string) => ip(version, 'route', verb, ...line.split(' '));
    const [first, ...others] = to;
    if (first === undefined) return from.map((line) => command('del', line));
    const verb = from.length === 0 ? 'add' : 'replace';
    return [
      ...(first === from[0] ? [] : [command(verb, first)]),
      ...others.filter((line) => !from.includes(line)).map((line) => command('append', line)),
    ];
  },
};

export const kinds: Readonly<Record<StepKind, Kind>> = {
  module,
  setting,
  link,
  address,
  route,
  timeouts,
  daemon,
  service,
};
