import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseState } from '../../src/state/file/parse.js';
import { configurations } from '../kernel/import/configurations.js';
import { ipvs } from '../support/ipvs-command.js';

/** Configurations of other programs as state files. */

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-import-'));
  file = join(folder, 'keepalived.conf');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const SERVER = `virtual_server 192.0.2.1 80 {
  protocol TCP
  real_server 10.0.0.2 80 {
    weight 3
  }
}
`;
const LOSSY = SERVER.replace('weight 3', 'notify_up /bin/true');

const keepalived = (...words: string[]) => ipvs(['import', 'keepalived', file, ...words]);

test('a state file goes to standard output', async () => {
  await writeFile(file, SERVER);
  expect(await keepalived()).toEqual({
    status: 0,
    stdout: [
      'version: 1',
      'services:',
      '  - service: tcp:192.0.2.1:80',
      '    scheduler: wlc',
      '    method: nat',
      '    servers:',
      '      - {server: 10.0.0.2:80, weight: 3}',
      '',
    ].join('\n'),
    stderr: '',
  });
});

test('as JSON, it is one object', async () => {
  await writeFile(file, SERVER);
  const { stdout } = await keepalived('--json');
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    services: [{ service: 'tcp:192.0.2.1:80', servers: [{ server: '10.0.0.2:80', weight: 3 }] }],
  });
});

describe('what cannot be expressed', () => {
  test('is a comment at its place, and a warning with its line', async () => {
    await writeFile(file, LOSSY);
    const { status, stdout, stderr } = await keepalived();
    const message = 'notify_up: the agent runs one command for every change instead';
    expect(status).toBe(0);
    expect(stderr).toContain(`${file}:4: warning: ${message}`);
    expect(stdout.split('\n').findIndex((line) => line.includes(message))).toBe(
      stdout.split('\n').findIndex((line) => line.includes('10.0.0.2:80')) - 1,
    );
  });

  test('is status 1 with --strict', async () => {
    await writeFile(file, LOSSY);
    expect((await keepalived('--strict')).status).toBe(1);
    await writeFile(file, SERVER);
    expect((await keepalived('--strict')).status).toBe(0);
  });

  test('does not count what is only info: a default, for instance', async () => {
    await writeFile(file, SERVER.replace('protocol TCP', ''));
    const { status, stderr } = await keepalived('--strict');
    expect(status).toBe(0);
    expect(stderr).toContain(':1: note: virtual_server: it names no protocol, and UDP');
  });
});

describe('a wrong file is status 2, and nothing is printed', () => {
  test('when it is broken: with the lines', async () => {
    await writeFile(file, SERVER.replace('weight 3', 'weight three'));
    expect(await keepalived()).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(`${file}:4: weight: "three" is not`) as string,
    });
  });

  test('when it is not there, is a folder, or has no end', async () => {
    expect(await keepalived()).toMatchObject({ status: 2, stdout: '' });
    await mkdir(file);
    expect((await keepalived()).stderr).toContain(`${file}: cannot be read: it is not a file`);
    const endless = await ipvs(['import', 'keepalived', '/dev/zero']);
    expect(endless).toMatchObject({ status: 2, stdout: '' });
  });
});

test('a program that is not known is a usage error', async () => {
  const { status, stderr } = await ipvs(['import', 'haproxy', file]);
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('"haproxy" is none of keepalived, ldirectord, rules'),
  ]);
});

test('- reads standard input', async () => {
  const { stdout } = await ipvs(['import', 'keepalived', '-'], { stdin: SERVER });
  expect(stdout).toContain('tcp:192.0.2.1:80');
});

test('included files are found from the folder of the file, as a shell finds them', async () => {
  await mkdir(join(folder, 'conf.d'));
  await mkdir(join(folder, 'conf.d/x.conf'));
  await writeFile(join(folder, 'conf.d/b.conf'), SERVER);
  await writeFile(join(folder, 'conf.d/.c.conf'), 'broken {');
  await writeFile(file, 'include conf.d/*.conf');
  expect((await keepalived()).stdout).toContain('tcp:192.0.2.1:80');
});

test('lines for other machines are left out', async () => {
  await writeFile(file, `@one ${SERVER.replaceAll('\n', '\n@one ')}\n`);
  expect((await keepalived('--config-id', 'one')).stdout).toContain('tcp:192.0.2.1:80');
  expect((await keepalived('--config-id', 'two')).stdout).toContain('services: []');
});

test('rules of ipvsadm become a state file', async () => {
  await writeFile(file, '-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1\n');
  const { status, stdout } = await ipvs(['import', 'rules', file]);
  expect([status, parseState(stdout).services.length]).toEqual([0, 1]);
});

test.each(configurations)(
  'the state file of the configuration $name can be read',
  async ({ text, files = {} }) => {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
    }
    await writeFile(file, text);
    for (const format of ['yaml', 'json']) {
      const { status, stdout } = await keepalived('-o', format, '--config-id', 'one');
      expect(status).toBe(0);
      expect(parseState(stdout).services.length).toBeGreaterThan(0);
    }
  },
);
