import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStateInput } from '../../src/cli/state-input.js';
import { formatServiceId } from '../../src/ipvs/model/service.js';
import type { DesiredState } from '../../src/state/file/desired.js';
import { CliError } from '../../src/terminal/cli-error.js';
import { Session } from '../../src/terminal/session.js';
import { noNames } from '../support/command.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipvs-state-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function read(file: string, stdin = ''): Promise<DesiredState> {
  const silent = { write: () => undefined };
  const input = (async function* () {
    yield await Promise.resolve(Buffer.from(stdin));
  })();
  const io = { stdin: input, stdout: silent, stderr: silent, resolver: noNames };
  return readStateInput(new Session(io, undefined), file);
}

async function refusal(file: string, stdin?: string): Promise<string> {
  try {
    await read(file, stdin);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    expect(error.status).toBe(2);
    return error.message.replaceAll(folder, '');
  }
  return '';
}

const names = ({ services }: DesiredState) => services.map(({ id }) => formatServiceId(id));

test('a file may be YAML, JSON or rules, whatever it is called', async () => {
  const texts = [
    'services: [{service: mark:1}]',
    '{"services":[{"service":"mark:1"}]}',
    '-A -f 1 -s rr\n',
  ];
  for (const text of texts) {
    expect(names(await read(put('state', text)))).toEqual(['mark:1']);
    expect(names(await read('-', text))).toEqual(['mark:1']);
  }
});

test('the files of a folder are one state, in the order of their names; others do not count', async () => {
  put('b.yml', 'services: [{service: mark:2}]');
  put('a.yaml', 'services: [{service: mark:1}]\nreconcile: 5s\n');
  put('c.json', '{"services":[{"service":"mark:3"}],"timeouts":{"udpSeconds":5}}');
  put('d.yaml.old', 'nonsense');
  put('.hidden.yaml', 'nonsense');
  const state = await read(folder);
  expect(names(state)).toEqual(['mark:1', 'mark:2', 'mark:3']);
  expect([state.timeouts, state.agent]).toEqual([{ udpSeconds: 5 }, { reconcile: '5s' }]);
});

test('what two files of a folder say is told with both places', async () => {
  put('a.yaml', 'timeouts: {udpSeconds: 1}\nservices:\n  - {service: mark:1, name: web}\n');
  put('b.json', '{"timeouts":{"udpSeconds":2},\n"services":[{"service":"mark:1","name":"web"}]}');
  expect(await refusal(folder)).toBe(`/b.json:1:13: timeouts is there already, in /a.yaml:1:11
/b.json:2:24: the service mark:1 is there already, in /a.yaml:3:15
/b.json:2:40: a service called web is there already, in /a.yaml:3:29
Nothing was changed. Correct this and run the command again.`);
});

test('the mistakes of all files are told at once', async () => {
  put('a.yaml', 'servces: []\n');
  put('b.yaml', 'version: 2\n');
  const said = await refusal(folder);
  expect(said).toContain('/a.yaml:1:1: unknown key "servces"; did you mean "services"?');
  expect(said).toContain('/b.yaml:1:10: version: 2 is not 1');
});

test('what is no file of text is refused, and nobody waits for it', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  mkdirSync(join(folder, 'empty'));
  expect(await refusal(join(folder, 'pipe'))).toContain('neither a file nor a folder');
  expect(await refusal('/dev/zero')).toContain('neither a file nor a folder');
  // It can be opened, and reading it fails.
  expect(await refusal('/proc/self/mem')).toContain(
    'Cannot read /proc/self/mem: Input/output error',
  );
  expect(await refusal(join(folder, 'missing'))).toContain('Cannot read /missing: No such file');
  expect(await refusal(join(folder, 'empty'))).toContain('there is no *.yaml');
  expect(await refusal(put('utf16', Buffer.from('\ufeffversion: 1', 'utf16le')))).toContain(
    'the file is not text in UTF-8',
  );
  expect(await refusal(put('large', new Uint8Array(33 * 2 ** 20)))).toContain('32 MiB at most');
});

test('standard input has a name of its own in what is said', async () => {
  expect(await refusal('-', 'vershun: 1')).toContain('standard input:1:1: unknown key "vershun"');
});
