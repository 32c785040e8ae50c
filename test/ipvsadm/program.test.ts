import { describe, expect, test } from 'vitest';
import { systemErrorText } from '../../src/common/system-errors.js';
import { version } from '../../src/version.js';
import { command, silence } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const UNREACHABLE = 'Are you sure that IP Virtual Server is built in the kernel or as module?\n';

describe('ipvsadm', () => {
  test('-v is one line of which scripts take the second word and the last', async () => {
    const line = `ipvsadm v1.31 (package ipvs ${version}, for IPVS v1.2.1)\n`;
    expect(await command('-v')).toEqual({ ...silence, stdout: line });
    expect(await command('--version')).toEqual({ ...silence, stdout: line });
    expect(line).toMatch(/^ipvsadm v\S+ .*IPVS v\d+\.\d+\.\d+\)$/m);
  });

  test.each(['-h', '--help', '-help', '-h foo'])('%s shows help', async (line) => {
    const { status, stdout, stderr } = await command(line);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: ipvsadm -A SERVICE [service options]\n');
  });

  test('without any word is the list', async () => {
    expect((await command('')).stdout).toBe((await command('-L')).stdout);
  });

  test('changes the table as the command line says', async () => {
    const kernel = tableKernel();
    for (const line of [
      '-A -t 192.0.2.1:80 -s rr',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3',
      '-a -t 192.0.2.1:80 -r 10.0.0.3:8080 -w 3',
      '-e -t 192.0.2.1:80 -r 10.0.0.2:8080 -m',
      '-E -t 192.0.2.1:80 -p',
      '-A -f 5 -6',
      '-A -6 -f 6 -M 64 -p 30',
      '-a -r [2001:db8::2]:80 -f 6 -6 -m',
      '-A -M 64 -t [2001:db8::1]:80 -p',
      '-A -t [10.0.0.1]:8080',
      '-Z',
      '--set 0 60 0',
      '--set 0 0 0',
    ]) {
      expect([line, await command(line, { kernel })]).toEqual([line, silence]);
    }
    expect((await command('-Sn', { kernel })).stdout.split('\n')).toEqual([
      '-A -t 10.0.0.1:8080 -s wlc',
      '-A -t 192.0.2.1:80 -s wlc -p 360',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 1',
      '-a -t 192.0.2.1:80 -r 10.0.0.3:80 -g -w 3',
      '-A -t [2001:db8::1]:80 -s wlc -p 360 -M 64',
      '-A -f 5 -6 -s wlc',
      '-A -f 6 -6 -s wlc -p 30 -M 64',
      '-a -f 6 -6 -r [2001:db8::2]:80 -m -w 1',
      '',
    ]);
    expect(kernel.timeouts()).toEqual({ tcpSeconds: 900, tcpFinSeconds: 60, udpSeconds: 300 });
    await command('-d -t 192.0.2.1:80 -r 10.0.0.3', { kernel });
    await command('-D -f 5 -6', { kernel });
    await command('-C', { kernel });
    expect(kernel.table()).toEqual([]);
  });

  test('starts and stops daemons', async () => {
    const kernel = tableKernel();
    expect(await command('--start-daemon master --syncid 5', { kernel })).toEqual(silence);
    expect(kernel.daemons()).toMatchObject([{ state: 'master', interface: 'eth0', syncId: 5 }]);
    expect(await command('--stop-daemon master', { kernel })).toEqual(silence);
    expect(kernel.daemons()).toEqual([]);
  });
});

test('an error number without a text is reported as a number', () => {
  expect(systemErrorText(4095)).toBe('Unknown error 4095');
  expect(systemErrorText(34)).toBe('Numerical result out of range');
});

describe('where there is no IPVS to talk to', () => {
  test('a caller who is not root gets a message that root is needed', async () => {
    const kernel = tableKernel({ refuse: () => 'EPERM' });
    for (const line of ['-Ln', '-A -f 1', '-S', '-Z']) {
      expect(await command(line, { kernel, superuser: false })).toEqual({
        status: 2,
        stdout: '',
        stderr: `Can't initialize ipvs: Permission denied (you must be root)\n${UNREACHABLE}`,
      });
    }
  });

  test.each([
    [true, 'Protocol not available'],
    [false, 'Permission denied (you must be root)'],
  ])('root (%s) without the module: %s', async (superuser, reason) => {
    const kernel = tableKernel({ family: 'ENOENT' });
    const { status, stderr } = await command('-Ln', { kernel, superuser });
    expect(status).toBe(2);
    expect(stderr).toMatch(/\n$/);
    expect(stderr.split('\n').slice(-3)).toEqual([
      `Can't initialize ipvs: ${reason}`,
      UNREACHABLE.trim(),
      '',
    ]);
  });

  test('help and version are shown all the same', async () => {
    const kernel = tableKernel({ family: 'ENOENT' });
    expect((await command('-h', { kernel })).status).toBe(0);
    expect((await command('-v', { kernel })).status).toBe(0);
  });
});

describe('ipvsadm-save', () => {
  const kernel = () =>
    tableKernel({ services: [{ service: { protocol: 'tcp', address: '192.0.2.1', port: 80 } }] });

  test.each([
    ['', '-A -t 192.0.2.1:http -s wlc\n'],
    ['-n', '-A -t 192.0.2.1:80 -s wlc\n'],
    ['words -n -n', '-A -t 192.0.2.1:80 -s wlc\n'],
  ])('%j writes rules', async (line, stdout) => {
    expect(await command(line, { kernel: kernel(), program: 'ipvsadm-save' })).toEqual({
      ...silence,
      stdout,
    });
  });

  test.each(['-x', '--numeric', '-n -h'])(
    '%s shows usage on standard error, status 1',
    async (line) => {
      const { status, stdout, stderr } = await command(line, { program: 'ipvsadm-save' });
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^Usage: ipvsadm-save \[-n\]\n/);
    },
  );
});
