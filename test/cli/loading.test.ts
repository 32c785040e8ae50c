/** Each verb loads what it needs itself, and nothing of the others: a command is judged each time it starts. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveControl } from '../../src/agent/control/server.js';
import type { ControlServer } from '../../src/agent/control/server.js';
import { verbs } from '../../src/cli/verbs.js';
import { FakeAgent } from '../support/fake-agent.js';
import { recordingProgram } from '../support/loaded-modules.js';
import type { Loaded } from '../support/loaded-modules.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

/** What every verb may load: the program, what it speaks to the kernel with, and the language of rules. */
const SHARED = [
  ...['src/common/', 'src/ipvs/', 'src/netlink/', 'src/rules/', 'src/terminal/'],
  ...['src/cli/commands/', 'src/cli/top/order.ts', 'src/host/host-error.ts', 'src/version.ts'],
  'src/agent/control/default-socket.ts',
  ...['program', 'verb', 'verbs', 'options', 'option-spec', 'plan-options', 'port-names'].map(
    (name) => `src/cli/${name}.ts`,
  ),
];
/** What both roles are set up with. */
const SETUP = [
  'src/setup/',
  'src/host/',
  'src/state/',
  'src/cli/actions/role.ts',
  'src/cli/views/',
];
/** About one and a half times what they are: growth is fine, another's dependencies are not. */
const MAX_BYTES = { help: 105_000, verb: 300_000, agent: 340_000 };

interface Run {
  /** Its words behind the verb: a run that gets to its end. */
  readonly words: (scene: SetupScene) => readonly string[];
  /** Files and folders that it may load beside what all share. */
  readonly uses: readonly string[];
  /** Files that it must not load all the same. */
  readonly not?: readonly string[];
  /** Beside the one that all share. */
  readonly packages?: readonly string[];
  /** Default: a machine with an empty table. */
  readonly scene?: () => SetupScene;
}

const RULES = ['-A -t 192.0.2.100:80 -s rr', '-a -t 192.0.2.100:80 -r 10.0.0.2:80 -m -w 1'];
const withRules =
  (...words: string[]) =>
  (scene: SetupScene) => [...words, scene.rules(RULES)];
const REALSERVER = ['--method', 'dr', '--vip', '192.0.2.100'];
let folder = '';
const placement = () => ['--prefix', join(folder, 'prefix'), '--dry-run'];
const action = (name: string) => `src/cli/actions/${name}.ts`;
const PLACEMENT = [action('placed-files'), 'src/cli/completion-places.ts'];
const director = { uses: [action('director'), ...SETUP], not: ['src/setup/realserver-steps.ts'] };
const realServer = { uses: [action('realserver'), ...SETUP], not: ['src/setup/director-steps.ts'] };

/** What verbs read the table with. */
const READING = [
  ...['table-reader', 'table-records', 'interruption'].map((name) => `src/cli/${name}.ts`),
  ...['src/cli/views/', 'src/host/', 'src/state/'],
];
const LOOKING = { uses: READING, not: ['src/state/file/fields.ts'] };
/** What verbs that change the table share. */
const CHANGE = [
  ...[...READING, 'src/cli/change-table.ts', 'src/cli/edit-target.ts'],
  'src/cli/running-agent.ts',
];
const FILES = ['src/cli/state-input.ts', 'src/cli/table-records.ts', 'src/state/', 'src/host/'];
const PLANNING = [
  ...[...FILES, 'src/cli/planning.ts', 'src/cli/views/steps.ts'],
  'src/cli/running-agent.ts',
];
const SETTINGS = 'src/cli/setting-words.ts';
const WEB = 'tcp:192.0.2.1:80';
const SERVICES = [
  { service: WEB, destinations: [{ destination: '10.0.0.2:80', settings: { weight: 3 } }] },
];
const served = () => setupScene(SERVICES);
const looking = (name: string, words: readonly string[], ...uses: readonly string[]): Run => {
  return { words: () => words, uses: [action(name), ...uses, ...LOOKING.uses], not: LOOKING.not };
};
const changing = (name: string, words: readonly string[], ...uses: readonly string[]): Run => {
  const not = ['src/state/file/fields.ts'];
  return { words: () => words, uses: [action(name), ...uses, ...CHANGE], not, scene: served };
};

/** What verbs ask the agent with. */
const ASKING = [
  ...['src/cli/ask-agent.ts', 'src/agent/control/client.ts', 'src/agent/control/event-text.ts'],
];
const asking = (name: string, words: readonly string[], ...uses: readonly string[]): Run => ({
  words: () => [...words, '--socket', join(folder, 'agent.sock')],
  uses: [action(name), ...ASKING, ...uses],
  not: ['src/state/file/fields.ts', 'src/agent/control/server.ts'],
});

/** By the names of verbs. A new verb needs a line here. */
const runs: Readonly<Record<string, Run>> = {
  list: looking('list', ['--json']),
  // The table of connections is a file, which no kernel that is a function has: the run ends where it is opened.
  connections: looking('connections', ['--orphans', '--count']),
  stats: looking('stats', ['--json']),
  top: looking('top', ['-b', '-n', '1'], 'src/cli/top/', 'src/cli/running-agent.ts'),
  metrics: looking('metrics', []),
  export: { words: () => [], uses: [action('export'), ...FILES] },
  import: {
    words: (scene) => [...withRules('rules')(scene)],
    uses: [action('import'), action('import-sources'), 'src/state/'],
  },
  diff: { words: withRules('-f'), uses: [action('diff'), ...PLANNING] },
  apply: {
    words: withRules('-f'),
    uses: [
      ...[action('apply'), action('diff'), 'src/cli/apply/', 'src/cli/change-table.ts'],
      ...PLANNING,
    ],
  },
  set: changing('set', [WEB, '10.0.0.2', 'weight=2'], SETTINGS),
  add: changing('add', [WEB, '10.0.0.3', 'weight=2'], SETTINGS),
  delete: changing('delete', [WEB]),
  drain: changing('drain', ['10.0.0.2'], 'src/cli/drain/'),
  undrain: changing('undrain', ['10.0.0.2'], 'src/cli/drain/targets.ts'),
  'rules load': {
    words: withRules('-f'),
    uses: [action('rules-load'), 'src/cli/running-agent.ts', 'src/state/'],
  },
  'rules reload': {
    words: withRules('-f'),
    uses: [action('rules-load'), 'src/cli/running-agent.ts', 'src/state/'],
  },
  'rules clear': { words: () => [], uses: [action('rules-clear'), 'src/cli/running-agent.ts'] },
  'rules save': {
    words: () => ['-f', '-'],
    uses: [action('rules-save'), 'src/state/saved-table.ts', 'src/host/replace-file.ts'],
  },
  'director up': { words: withRules(), ...director },
  'director down': { words: () => [], ...director },
  'director status': { words: withRules(), ...director },
  'realserver up': { words: () => REALSERVER, ...realServer },
  'realserver down': { words: () => [], ...realServer },
  'realserver status': { words: () => REALSERVER, ...realServer },
  // In a test it has no process to stay in: the run ends there.
  agent: {
    words: () => [],
    uses: [
      ...[
        action('agent'),
        'src/cli/agent-input.ts',
        'src/cli/state-input.ts',
        'src/cli/views/',
        'src/agent/',
      ],
      ...['src/host/', 'src/state/'],
    ],
    packages: ['dns-packet', 're2js'],
  },
  'agent check': {
    words: withRules('-f'),
    uses: [
      action('agent-check'),
      'src/cli/agent-input.ts',
      'src/agent/config/',
      'src/agent/checks/',
      'src/agent/path/',
      ...FILES,
    ],
    packages: ['dns-packet', 're2js'],
  },
  'agent reload': asking('agent-reload', []),
  status: asking('status', ['web'], 'src/agent/control/select-status.ts', ...READING),
  events: asking('events', [], 'src/cli/interruption.ts'),
  'maintenance on': asking('maintenance', ['10.0.0.2:8080'], 'src/cli/drain/', ...CHANGE),
  'maintenance off': asking('maintenance', ['10.0.0.2:8080'], 'src/cli/drain/', ...CHANGE),
  install: {
    words: placement,
    uses: [action('install'), ...PLACEMENT, 'src/host/replace-file.ts'],
  },
  uninstall: { words: placement, uses: [action('uninstall'), ...PLACEMENT] },
  doctor: {
    words: () => ['--passive'],
    uses: [
      ...[action('doctor'), 'src/doctor/', 'src/host/', 'src/state/'],
      ...['src/setup/journal.ts', 'src/setup/step.ts'],
    ],
  },
  schema: { words: () => [], uses: [action('schema'), 'src/cli/schema/', 'src/state/'] },
  complete: looking('complete', ['selector']),
};

let record: Awaited<ReturnType<typeof recordingProgram>>;
const table: string[] = [];
let agent: ControlServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-loading-'));
  const names = ['ipvs.bash', '_ipvs', 'ipvs.fish', 'ipvsadm.bash', '_ipvsadm', 'ipvsadm.fish'];
  const units = ['ipvs.service', 'ipvs-agent.service'].map((name) => `systemd/${name}`);
  for (const path of [...names.map((name) => `dist/completions/${name}`), ...units]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
  agent = await serveControl(new FakeAgent(), { socket: join(folder, 'agent.sock') });
  record = await recordingProgram();
});
afterAll(async () => {
  await agent.close();
  console.log(['What is loaded, modules and bytes:', ...table].join('\n'));
  await rm(folder, { recursive: true });
});

const sum = ({ modules }: Loaded) => modules.reduce((bytes, module) => bytes + module.bytes, 0);

/** Runs the command, and notes what it has loaded. */
async function loadedBy(scene: SetupScene, words: readonly string[]): Promise<Loaded> {
  const loaded = await record((runIpvs) => scene.run(words, { runIpvs, folder }));
  const folders = new Map<string, number>();
  for (const { path } of loaded.modules) {
    const name = path.split('/').slice(1, -1).join('/');
    folders.set(name, (folders.get(name) ?? 0) + 1);
  }
  const where = Array.from(folders, ([name, count]) => `${name} ${count}`).join(', ');
  // The help of every verb is made of the same modules.
  if (words.length > 1 && words.at(-1) === '-h') return loaded;
  const line = `${loaded.modules.length} modules, ${sum(loaded)} bytes (${where})`;
  table.push(`ipvs ${words.map((word) => word.replace(/^\/.*\//, '')).join(' ')}: ${line}`);
  return loaded;
}

/** The modules that a run should not have loaded. */
function undue({ modules }: Loaded, uses: readonly string[], not: readonly string[] = []) {
  const allowed = [...SHARED, ...uses];
  return modules
    .map(({ path }) => path)
    .filter((path) => not.includes(path) || !allowed.some((start) => path.startsWith(start)));
}

test('a run of each verb is known here, so that what it loads is looked at', () => {
  expect(Object.keys(runs)).toEqual(verbs.map(({ path }) => path.join(' ')));
});

test.each(
  [['-h'], ['-v'], ...verbs.map(({ path }) => [...path, '-h'])].map((words) => ({ words })),
)('ipvs $words loads no action of a verb, and nothing that actions need', async ({ words }) => {
  const loaded = await loadedBy(setupScene(), words);
  expect(undue(loaded, [])).toEqual([]);
  expect(loaded.packages).toEqual(['commander']);
  expect(sum(loaded)).toBeLessThan(MAX_BYTES.help);
});

test.each(verbs.map((verb) => ({ name: verb.path.join(' '), verb })))(
  'ipvs $name loads nothing that it does not need',
  async ({ name, verb }) => {
    const run = runs[name];
    if (run === undefined) return;
    const scene = (run.scene ?? setupScene)();
    const loaded = await loadedBy(scene, [...verb.path, ...run.words(scene)]);
    expect(undue(loaded, run.uses, run.not)).toEqual([]);
    expect(loaded.modules.map(({ path }) => path)).toContain(run.uses[0]);
    expect(loaded.packages).toEqual(['commander', ...(run.packages ?? [])]);
    // It runs for weeks, and has all that it may need.
    expect(sum(loaded)).toBeLessThan(name === 'agent' ? MAX_BYTES.agent : MAX_BYTES.verb);
  },
);
