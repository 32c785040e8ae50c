import { execFile } from 'node:child_process';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { existingRulesFile, rulesFileToWrite } from '../../src/rules/rules-file.js';
import { command } from '../support/command.js';
import { ipvs } from '../support/ipvs-command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import type { TableKernel } from '../../src/testing/table-kernel.js';

/** The rules of a director as a service: start, reload, stop, save. */

const execFileAsync = promisify(execFile);

let folder = '';
let file = '';
let kernel: TableKernel;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-service-'));
  file = join(folder, 'rules');
  kernel = tableKernel();
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const service = (...words: string[]) => ipvs(['rules', ...words, '-f', file], { kernel });
const saved = async () => (await command('-Sn', { kernel })).stdout;
const load = async (rules: string) => {
  expect(await command('-R', { kernel, stdin: rules })).toMatchObject({ status: 0, stderr: '' });
};
/** The commands that the kernel was given. */
const changes = () =>
  kernel.requests.map(({ command: name }) => name).filter((name) => !name.startsWith('GET_'));

const RULES = '-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 1\n';

const NO_SCHEDULER = 'the kernel has no such scheduler or persistence engine (ENOENT)';

describe('ipvs rules load', () => {
  test('puts the rules of the file in the place of those that are there', async () => {
    await load('-A -f 7\n-A -f 8\n-a -f 8 -r 10.0.0.9');
    await writeFile(file, RULES);
    expect(await service('load')).toEqual({
      status: 0,
      stdout: `${file}: virtual services: 1, real servers: 1, changes: 4\n`,
      stderr: '',
    });
    expect(await saved()).toBe(RULES);
  });

  test('says that a file is missing, and what to do', async () => {
    expect(await service('load')).toEqual({
      status: 2,
      stdout: '',
      stderr: `Cannot read ${file}: No such file or directory\n`,
    });
    expect(() => existingRulesFile(undefined, ['/nosuch/a', '/nosuch/b'])).toThrow(
      'There is no rules file, neither /nosuch/a nor /nosuch/b.\n' +
        'To make one of the rules that are in the kernel now: ipvs rules save',
    );
  });

  test.each(['', '# only a comment\n\n', '--set 1 2 3\n'])(
    'warns of a file without services (%j), and leaves the table',
    async (text) => {
      await load(RULES);
      await writeFile(file, text);
      expect(await service('load')).toEqual({
        status: 0,
        stdout: '',
        stderr: `Warning: ${file} has no virtual services. The table was left as it is; to delete all of it: ipvsadm -C\n`,
      });
      expect(await saved()).toBe(RULES);
    },
  );

  test('names every faulty line, and changes nothing', async () => {
    await load('-A -f 7');
    await writeFile(file, `${RULES}-A -t nonsense\n-A -q\n`);
    expect(await service('load')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'line 3: illegal virtual server address[:port] specified\n  -A -t nonsense\n' +
        'line 4: -q: unknown option\n  -A -q\n' +
        `Nothing was changed. Fix ${file} and try again.\n`,
    });
    expect(await saved()).toBe('-A -f 7 -s wlc\n');
  });

  test('names the lines that contradict others or that the kernel refuses, and does the rest', async () => {
    await writeFile(
      file,
      `${RULES}-A -t 192.0.2.1:80\n-A -f 7 -s nosuch\n-a -f 9 -r 10.0.0.9\n-A -f 8\n`,
    );
    expect(await service('load')).toEqual({
      status: 4,
      stdout: `${file}: virtual services: 3, real servers: 1, changes: 3\n`,
      stderr:
        'line 3: cannot add the service tcp:192.0.2.1:80: it already exists (EEXIST)\n  -A -t 192.0.2.1:80\n' +
        'line 5: cannot add the real server 10.0.0.9:0 to the service mark:9: there is no such service (ESRCH)\n  -a -f 9 -r 10.0.0.9\n' +
        `line 4: cannot add the service mark:7: ${NO_SCHEDULER}\n  -A -f 7 -s nosuch\n`,
    });
    expect(await saved()).toBe(`${RULES}-A -f 8 -s wlc\n`);
  });

  test('sets timeouts and starts daemons of the file, once', async () => {
    await writeFile(file, `${RULES}--set 5 6 7\n--start-daemon master\n`);
    expect((await service('load')).stderr).toBe('');
    expect((await service('reload')).stderr).toBe('');
    expect(kernel.timeouts()).toEqual({ tcpSeconds: 5, tcpFinSeconds: 6, udpSeconds: 7 });
    expect(kernel.daemons()).toHaveLength(1);
  });

  test('says that a file cannot be read to its end, as one that the system refuses to read', async () => {
    // It can be opened, and reading it fails.
    const outcome = await ipvs(['rules', 'load', '-f', '/proc/self/mem'], { kernel });
    expect(outcome).toMatchObject({
      status: 2,
      stderr: 'Cannot read /proc/self/mem: Input/output error\n',
    });
    expect(changes()).toEqual([]);
  });

  test('takes no folder for a file', async () => {
    expect(await ipvs(['rules', 'load', '-f', folder], { kernel })).toEqual({
      status: 2,
      stdout: '',
      stderr: `${folder} is not a file.\n`,
    });
  });
});

describe('ipvs rules reload', () => {
  test('leaves what is right as it is', async () => {
    await load(RULES);
    await writeFile(file, RULES);
    kernel.requests.length = 0;
    expect((await service('reload')).stdout).toContain('changes: 0\n');
    expect(changes()).toEqual([]);
  });

  test('adds new real servers before it deletes old ones', async () => {
    await load(`-A -f 7\n${RULES}`);
    await writeFile(file, RULES.replace('10.0.0.2', '10.0.0.3').replace('-s rr', '-s wrr'));
    kernel.requests.length = 0;
    expect((await service('reload')).status).toBe(0);
    expect(changes().sort()).toEqual(['DEL_DEST', 'DEL_SERVICE', 'NEW_DEST', 'SET_SERVICE']);
    expect(changes().indexOf('NEW_DEST')).toBeLessThan(changes().indexOf('DEL_DEST'));
  });

  test('deletes nothing while something new is refused', async () => {
    await load(RULES);
    await writeFile(file, '-A -t 192.0.2.1:80 -s rr\n-A -f 7 -s nosuch\n');
    expect(await service('reload')).toEqual({
      status: 3,
      stdout: `${file}: virtual services: 2, real servers: 0, changes: 0\n`,
      stderr:
        `line 2: cannot add the service mark:7: ${NO_SCHEDULER}\n  -A -f 7 -s nosuch\n` +
        `Because of that nothing was deleted: the table has more than ${file} says. Once that is fixed: ipvs rules reload\n`,
    });
    expect(await saved()).toBe(RULES);
  });
});

describe('ipvs rules clear', () => {
  test('deletes all virtual services', async () => {
    await load(RULES);
    expect(await ipvs(['rules', 'clear'], { kernel })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(await saved()).toBe('');
  });

  test('says what the kernel refuses', async () => {
    const strict = tableKernel({
      refuse: (request) => (request.command === 'FLUSH' ? 'EPERM' : undefined),
    });
    expect(await ipvs(['rules', 'clear'], { kernel: strict })).toEqual({
      status: 3,
      stdout: '',
      stderr:
        'cannot delete all services: this needs CAP_NET_ADMIN in the initial user namespace (EPERM)\n',
    });
  });
});

describe('the reason of a line', () => {
  test.each([
    ['IPVS_SAVE_ON_STOP="no"', 'a shell assignment; that belongs to /etc/sysconfig/ipvsadm-config'],
    ['nonsense', 'not a rule: a line begins with a command such as -A or -a'],
    ['-h', 'not a rule: a line begins with a command such as -A or -a'],
  ])('is never a hint to type -h: %s', async (line, reason) => {
    await writeFile(file, `${line}\n`);
    expect(await service('load')).toEqual({
      status: 2,
      stdout: '',
      stderr: `line 1: ${reason}\n  ${line}\nNothing was changed. Fix ${file} and try again.\n`,
    });
  });
});

describe('ipvs rules save', () => {
  test('writes the table, thresholds and all, which start brings back', async () => {
    const rules = RULES.replace('-w 1', '-w 1 -x 9 -y 3');
    await load(rules);
    expect(await service('save')).toEqual({ status: 0, stdout: `${file}: 2 rules\n`, stderr: '' });
    expect(await readFile(file, 'utf8')).toBe(rules);
    await command('-C', { kernel });
    await service('load');
    expect(await saved()).toBe(rules);
  });

  test('keeps owner, mode and link of the file it replaces, and leaves nothing beside it', async () => {
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real/rules'), 'old', { mode: 0o640 });
    await symlink('real/rules', file);
    await load(RULES);
    expect((await service('save')).status).toBe(0);
    expect((await stat(join(folder, 'real/rules'))).mode & 0o777).toBe(0o640);
    expect(await readFile(join(folder, 'real/rules'), 'utf8')).toBe(RULES);
    expect(await readdir(join(folder, 'real'))).toEqual(['rules']);
  });

  test('keeps rules when the table is empty, unless --empty is given', async () => {
    await writeFile(file, RULES);
    expect(await service('save')).toEqual({
      status: 3,
      stdout: '',
      stderr:
        `The table is empty, and ${file} has rules: it was left as it is.\n` +
        'To empty it all the same: ipvs rules save --empty\n',
    });
    expect(await readFile(file, 'utf8')).toBe(RULES);
    expect((await service('save', '--empty')).status).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  test('keeps the old file when the table cannot be read', async () => {
    await writeFile(file, RULES);
    const strict = tableKernel({
      services: [{ service: { firewallMark: 7 } }],
      refuse: (request) => (request.command === 'GET_DEST' ? 'ENOMEM' : undefined),
    });
    expect(await ipvs(['rules', 'save', '-f', file], { kernel: strict })).toEqual({
      status: 3,
      stdout: '',
      stderr:
        'cannot read the real servers of the service mark:7: the kernel is out of memory (ENOMEM)\n',
    });
    expect(await readFile(file, 'utf8')).toBe(RULES);
  });

  test('takes a file that cannot be read for no empty one', async () => {
    await symlink('rules', file);
    expect(await service('save')).toEqual({
      status: 3,
      stdout: '',
      stderr: `Cannot read ${file}: Too many levels of symbolic links\n`,
    });
    expect(await readdir(folder)).toEqual(['rules']);
  });

  // Not /dev/null itself: a fault here would take it from the whole machine.
  test.runIf(process.getuid?.() === 0)('refuses a device, and a link to one', async () => {
    const device = join(folder, 'null');
    await execFileAsync('mknod', [device, 'c', '1', '3']);
    await symlink(device, file);
    await load(RULES);
    for (const path of [device, file]) {
      expect(await ipvs(['rules', 'save', '-f', path], { kernel })).toEqual({
        status: 2,
        stdout: '',
        stderr: `Nothing was written. ${path} is not a regular file.\n`,
      });
      expect((await stat(path)).isCharacterDevice()).toBe(true);
    }
    expect(await readlink(file)).toBe(device);
  });

  test('writes to a pipe instead of replacing it', async () => {
    await load(RULES);
    await execFileAsync('mkfifo', [file]);
    const reading = readFile(file, 'utf8');
    await expect.poll(async () => (await service('save')).status).toBe(0);
    expect(await reading).toBe(RULES);
    expect((await stat(file)).isFIFO()).toBe(true);
  });

  test.each(['-', '/dev/stdout'])('prints the rules for -f %s', async (output) => {
    await load(RULES);
    const outcome = await ipvs(['rules', 'save', '-f', output], { kernel });
    expect(outcome).toEqual({ status: 0, stdout: RULES, stderr: '' });
  });

  test('saves as comments what a restore would refuse, says so, and gives status 1', async () => {
    const odd = tableKernel({
      services: [
        { service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } },
        {
          service: { protocol: 'tcp', address: '192.0.2.3', port: 0 },
          destinations: [{ destination: { address: '10.0.0.2', port: 0 } }],
        },
        {
          service: { protocol: 'tcp', address: '192.0.2.4', port: 80 },
          settings: { onePacket: true },
        },
      ],
    });
    const outcome = await ipvs(['rules', 'save', '-f', file], { kernel: odd });
    expect(outcome).toMatchObject({ status: 1, stdout: `${file}: 1 rules\n` });
    expect(outcome.stderr).toContain(
      'because a restore refuses it (Zero port specified for non-persistent service): -A -t 192.0.2.3:0 -s wlc\n',
    );
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(2);
    const restored = tableKernel();
    expect(await ipvs(['rules', 'load', '-f', file], { kernel: restored })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(restored.table()).toHaveLength(1);
  });

  test('has the former names, which help does not show', async () => {
    await load(RULES);
    expect((await ipvs(['service', 'save', '-f', file], { kernel })).status).toBe(0);
    expect((await ipvs(['service', 'stop'], { kernel })).status).toBe(0);
    expect((await ipvs(['service', 'start', '-f', file], { kernel })).status).toBe(0);
    expect(await saved()).toBe(RULES);
    expect((await ipvs(['-h'])).stdout).not.toMatch(/^ {2}service/m);
  });

  // The model of the kernel takes its time for so many.
  test('saves a service of very many real servers', async () => {
    const servers = Array.from({ length: 150_000 }, (_, index) => ({
      destination: { address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, port: 0 },
    }));
    const large = tableKernel({
      services: [{ service: { firewallMark: 7 }, destinations: servers }],
    });
    const saved = await ipvs(['rules', 'save', '-f', file], { kernel: large });
    expect(saved).toEqual({ status: 0, stdout: `${file}: 150001 rules\n`, stderr: '' });
  });

  test('says what keeps it from writing', async () => {
    await load(RULES);
    const path = join(folder, 'nosuch/rules');
    expect(await ipvs(['rules', 'save', '-f', path], { kernel })).toEqual({
      status: 3,
      stdout: '',
      stderr: `Cannot write ${path}, which is as it was: No such file or directory\n`,
    });
  });

  test("takes the file that is there, or else the distribution's own", async () => {
    const [first, second] = [join(folder, 'sysconfig/ipvsadm'), join(folder, 'ipvsadm.rules')];
    expect(rulesFileToWrite(undefined, [first, second])).toBe(second);
    await mkdir(join(folder, 'sysconfig'));
    expect(rulesFileToWrite(undefined, [first, second])).toBe(first);
    await writeFile(second, '');
    expect(rulesFileToWrite(undefined, [first, second])).toBe(second);
    expect(existingRulesFile(undefined, [first, second])).toBe(second);
  });
});

describe('ipvs', () => {
  test.each([
    [['-h'], 0, 'Usage: ipvs'],
    [['rules', '-h'], 0, 'Usage: ipvs rules'],
    [['rules', 'load', '--help'], 0, 'Usage: ipvs rules load'],
  ])('%j shows help, within 80 columns', async (words, status, beginning) => {
    const outcome = await ipvs(words);
    expect(outcome).toMatchObject({ status, stderr: '' });
    expect(outcome.stdout.startsWith(beginning)).toBe(true);
    expect(outcome.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    [[], 'Usage: ipvs'],
    [['rules'], 'Usage: ipvs rules'],
    [['nosuch'], "error: unknown command 'nosuch'"],
    [['rules', 'load', 'x'], 'error: too many arguments'],
    [['rules', 'load', '-f'], "error: option '-f, --file <file>' argument missing"],
    [['install', '--prefix', ''], "error: option '--prefix <folder>' argument '' is invalid."],
    [['rules', 'save', '-f', ''], "error: option '-f, --file <file>' argument '' is invalid."],
    [['\u001b[2J'], "error: unknown command '?[2J'"],
  ])('%j is a usage error', async (words, beginning) => {
    const outcome = await ipvs(words);
    expect(outcome).toMatchObject({ status: 2, stdout: '' });
    expect(outcome.stderr.startsWith(beginning)).toBe(true);
  });

  test('says that there is no IPVS', async () => {
    const outcome = await ipvs(['rules', 'clear'], { kernel: tableKernel({ family: 'EPERM' }) });
    expect(outcome).toMatchObject({ status: 2, stdout: '' });
    expect(outcome.stderr).toContain(
      "Can't initialize ipvs: Permission denied (you must be root)\n",
    );
  });
});
