/** `ipvs schema` describes what the verbs print: here on kernels that a test sets, in test/kernel/look on a real one. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { definitionSets, schemaDocument } from '../../src/cli/schema/document.js';
import { outputs } from '../../src/cli/schema/outputs.js';
import { verbs } from '../../src/cli/verbs.js';
import { FakeAgent, serveFakeAgent } from '../support/fake-agent.js';
import { schemaErrors } from '../support/schema.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

const names = definitionSets.flatMap(Object.keys);

test('every definition has a name of its own', () => {
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(names)('the definition %s is a valid schema', (name) => {
  expect(() => schemaErrors(name, {})).not.toThrow();
});

test('every definition says which command prints it, if one does', () => {
  const { $defs } = schemaDocument() as { $defs: Record<string, { description?: string }> };
  expect($defs['listLine']?.description).toBe('printed by ipvs list -o ndjson');
  expect($defs['setUpStatus']?.description).toBe(
    'printed by ipvs director status -o json, ipvs realserver status -o json',
  );
});

const formatsOf = (name: string): readonly string[] =>
  verbs.find(({ path }) => path.join(' ') === name)?.options['output']?.choices ?? [];
const namesOf = (format: string) =>
  verbs.map(({ path }) => path.join(' ')).filter((name) => formatsOf(name).includes(format));

test('exactly the verbs with -o json have a definition of it, and likewise with -o ndjson', () => {
  expect(Object.keys(outputs)).toEqual(namesOf('json'));
  const lines = Object.entries(outputs).filter(([, { ndjson }]) => ndjson !== undefined);
  expect(lines.map(([name]) => name)).toEqual(namesOf('ndjson'));
  for (const { json, ndjson = json } of Object.values(outputs)) {
    expect(names).toContain(json);
    expect(names).toContain(ndjson);
  }
});

const WEB = 'tcp:192.0.2.1:80';
const REALSERVER = ['--method', 'dr', '--vip', '192.0.2.100'];
const OTHER_RULES = ['-A -t 192.0.2.100:80 -s rr', '-a -t 192.0.2.100:80 -r 10.0.0.2:80 -m -w 1'];
const rules = (scene: SetupScene) => scene.rules(OTHER_RULES);

const STATE_FILE = JSON.stringify({
  version: 1,
  timeouts: { tcpSeconds: 77 },
  syncDaemons: [{ role: 'master', interface: 'eth0', syncId: 1 }],
  services: [{ service: WEB, scheduler: 'wrr', servers: ['10.0.0.3:80'], method: 'nat' }],
});

function stateFile(scene: SetupScene): string {
  const file = `${scene.rules([])}.json`;
  writeFileSync(file, STATE_FILE);
  return file;
}

/** Where the agent of a scene is. */
const socketOf = ({ state }: SetupScene) => ['--socket', join(dirname(state), 'agent.sock')];
const ASKING = /^(?:agent|status|events|maintenance)/;

/** Runs that print JSON, by the names of verbs. The table of connections is a file that only a real kernel has. */
const runs: Readonly<Record<string, readonly ((scene: SetupScene) => readonly string[])[]>> = {
  list: [() => [], () => ['--no-servers']],
  connections: [],
  stats: [() => [], () => ['--interval', '0.1', '--count', '1']],
  export: [() => []],
  import: [(scene) => ['rules', rules(scene)]],
  diff: [(scene) => ['--prune', 'all', '-f', rules(scene)], (scene) => ['-f', stateFile(scene)]],
  apply: [
    (scene) => ['-f', rules(scene)],
    (scene) => ['-f', stateFile(scene)],
    (scene) => ['--dry-run', '-f', stateFile(scene)],
    (scene) => ['--max-cut', '0', '--prune', 'all', '-f', rules(scene)],
  ],
  set: [() => [WEB, 'scheduler=rr'], () => [WEB, '10.0.0.2', 'weight=0']],
  add: [() => ['mark:9', 'scheduler=rr'], () => [WEB, '10.0.0.3', 'method=nat']],
  delete: [() => [WEB], () => [WEB, '10.0.0.2']],
  drain: [
    () => ['10.0.0.2', '--timeout', '0'],
    () => ['10.0.0.2', '--timeout', '0', '--delete', '--force'],
  ],
  undrain: [() => ['10.0.0.2']],
  'director up': [
    (scene) => ['--method', 'nat', rules(scene)],
    (scene) => ['--dry-run', rules(scene)],
  ],
  'director down': [() => []],
  'director status': [(scene) => [rules(scene)]],
  'realserver up': [() => REALSERVER],
  'realserver down': [() => []],
  'realserver status': [() => REALSERVER],
  'agent reload': [socketOf],
  status: [socketOf, (scene) => ['web', '10.0.0.9', ...socketOf(scene)]],
  events: [socketOf],
  'maintenance on': [
    (scene) => ['10.0.0.2:8080', '--reason', 'new disk', '--service', 'web', ...socketOf(scene)],
  ],
  'maintenance off': [(scene) => ['10.0.0.2:8080', ...socketOf(scene)]],
  doctor: [() => ['--passive'], () => ['--list']],
};

/** A table; only where nothing is deleted are there connections, which a deletion would look for in that file. */
const served = (activeConnections: number) =>
  setupScene([
    {
      service: WEB,
      settings: { scheduler: 'wlc' },
      statistics: { connections: 7n, rates: { connectionsPerSecond: 3 } },
      destinations: [
        {
          destination: '10.0.0.2:80',
          settings: { forwardingMethod: 'nat', weight: 3, upperThreshold: 2 },
          activeConnections,
        },
      ],
    },
  ]);

function busyAgent(): FakeAgent {
  const agent = new FakeAgent();
  agent.events.add({ type: 'agent', severity: 'info' });
  agent.events.add({
    ...{ type: 'server', severity: 'warning', service: WEB, server: '10.0.0.2:80' },
    ...{ from: 'up', to: 'down', reason: 'connection refused' },
  });
  agent.reloaded = { configValid: false, problem: 'web.yaml:7:9: unknown key' };
  return agent;
}

test('every verb with -o json is run here', () => {
  expect(Object.keys(runs)).toEqual(Object.keys(outputs));
});

describe.each(Object.entries(runs).filter(([, { length }]) => length > 0))(
  'what ipvs %s prints',
  (name, ways) => {
    const { json = '', ndjson } = outputs[name] ?? {};
    const run = async (words: (scene: SetupScene) => readonly string[], format: string) => {
      const scene = served(name === 'list' ? 2 : 0);
      if (ASKING.test(name)) await serveFakeAgent(busyAgent(), { socket: socketOf(scene)[1] });
      const line = [...name.split(' '), ...words(scene), '-o', format];
      const { status, stdout, stderr } = await scene.run(line);
      expect([status, stderr, stdout].join('\n')).toContain('{');
      return stdout;
    };

    test('as JSON is what the schema says', async () => {
      for (const words of ways) {
        const value: unknown = JSON.parse(await run(words, 'json'));
        expect({ value, errors: schemaErrors(json, value) }).toEqual({ value, errors: [] });
      }
    });

    test.runIf(ndjson !== undefined)('as NDJSON is what the schema says', async () => {
      for (const words of ways) {
        const lines = (await run(words, 'ndjson')).split('\n').slice(0, -1);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) {
          const value: unknown = JSON.parse(line);
          expect({ value, errors: schemaErrors(ndjson ?? '', value) }).toEqual({
            value,
            errors: [],
          });
        }
      }
    });
  },
);

test('what the kernel refuses is described too', async () => {
  const scene = served(0);
  scene.onChange = (handler) => handler === 'NEW_DEST';
  const { status, stdout } = await scene.run(['apply', '--json', '-f', stateFile(scene)]);
  const value = JSON.parse(stdout) as { failures: unknown[] };
  expect([status, value.failures.length, schemaErrors('apply', value)]).toEqual([3, 1, []]);
});
