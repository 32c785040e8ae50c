import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildNatNetwork } from '../lab/network.js';
import { hold, release, serve } from '../lab/peers.js';
import { useLab, useNamespace } from '../support/director.js';
import { type } from '../support/forwarding.js';

/** What users get: the packed tarball, installed where nothing is, on the lab's kernel. */

const run = promisify(execFile);
const PROJECT = join(import.meta.dirname, '../..');
const TSC = join(PROJECT, 'node_modules/typescript/bin/tsc');
const MINUTE = 60_000;
const lab = useLab();
const director = useNamespace('director', lab);
let folder = '';
let tarball = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ipvs-package-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: PROJECT,
  });
  // What the build says stands before the list.
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string }[];
  tarball = join(folder, packed?.filename ?? '');
}, 2 * MINUTE);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs a line of shell in the director's namespace, with this node and the installed commands on the path. */
function sh(line: string) {
  const path = [
    join(folder, 'prefix/bin'),
    dirname(process.execPath),
    '/usr/sbin:/usr/bin:/sbin:/bin',
  ];
  return director().run(['bash', '-c', line], { env: { PATH: path.join(':') } });
}

describe('the tarball', () => {
  test('holds what is needed to run, and nothing else', async () => {
    const { stdout } = await run('tar', ['tzf', tarball]);
    const files = stdout
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, ''));
    const top = new Set(files.map((name) => name.split('/')[0]));
    expect([...top].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'man',
      'package.json',
      'src',
      'systemd',
    ]);
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        'dist/rules.js',
        'dist/state.js',
        'dist/agent.js',
        'dist/testing.js',
        'dist/bin/ipvs.cjs',
        'dist/bin/ipvsadm.cjs',
        'dist/completions/_ipvs',
        'dist/completions/_ipvsadm',
        'docs/agent-api.md',
        'docs/errors.md',
        'docs/tracing.md',
        'man/ipvsadm.8',
      ]),
    );
    expect(files.filter((name) => /^test|\.test|\.js\.map$|^docs\/api/.test(name))).toEqual([]);
  });

  test('has the sources that its declarations are mapped to', async () => {
    await run('tar', ['xzf', tarball, '-C', folder]);
    const unpacked = join(folder, 'package');
    const names = await readdir(join(unpacked, 'dist'), { recursive: true });
    const maps = names.filter((name) => name.endsWith('.d.ts.map'));
    expect(maps.length).toBeGreaterThan(30);
    const missing: string[] = [];
    for (const name of maps) {
      const map = join(unpacked, 'dist', name);
      const { sources } = JSON.parse(await readFile(map, 'utf8')) as { sources: string[] };
      const absent = sources.filter((source) => !existsSync(join(dirname(map), source)));
      missing.push(...absent);
    }
    expect(missing).toEqual([]);
  });
});

describe('npm install -g of it, in an empty prefix', () => {
  beforeAll(async () => {
    const prefix = join(folder, 'prefix');
    await run('npm', [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--no-audit',
      '--no-fund',
      tarball,
    ]);
  }, 2 * MINUTE);

  test('gives the commands and their manual', async () => {
    const commands = await readdir(join(folder, 'prefix/bin'));
    expect(commands.sort()).toEqual(['ipvs', 'ipvsadm', 'ipvsadm-restore', 'ipvsadm-save']);
    const pages = await readdir(join(folder, 'prefix/share/man/man8'));
    expect(pages.sort()).toEqual([
      ...['ipvs-agent.8', 'ipvs-apply.8', 'ipvs-list.8', 'ipvs.8'],
      ...['ipvsadm-restore.8', 'ipvsadm-save.8', 'ipvsadm.8'],
    ]);
    expect(await readdir(join(folder, 'prefix/share/man/man5'))).toEqual(['ipvs-state.5']);
  });

  test('puts unit, completions and start scripts in place, and takes them back', async () => {
    const place = join(folder, 'system');
    const ipvs = join(folder, 'prefix/bin/ipvs');
    const installed = await run(ipvs, ['install', '--prefix', place]);
    expect(installed.stdout.match(/^wrote: /gm)).toHaveLength(16);
    // Nothing of the environment is needed to find node.
    const saved = await run(join(place, 'sbin/ipvsadm'), ['-v'], { env: {} });
    expect(saved.stdout).toMatch(/^ipvsadm v1\.31 /);
    await run(ipvs, ['uninstall', '--prefix', place]);
    await expect(readFile(join(place, 'sbin/ipvsadm'))).rejects.toThrow('ENOENT');
  });

  test('which do on the kernel what the genuine ones do', async () => {
    const { code, stdout, stderr } = await sh(
      'ipvsadm -A -t 10.0.0.1:80 -s rr && ipvsadm -a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 3 && ipvsadm -Ln',
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe((await director().genuine(['-Ln'])).stdout);
    expect(stdout).toContain(
      '  -> 10.0.1.1:8080                Masq    3      0          0         \n',
    );
    const saved = await sh(
      'ipvsadm-save -n > /run/tmp/rules && ipvsadm -C && ipvsadm-restore < /run/tmp/rules && ipvsadm-save -n',
    );
    expect(saved).toEqual(await director().genuine(['-Sn']));
    expect((await sh('ipvsadm -C')).code).toBe(0);
  });

  test('and answer -h and -v', async () => {
    const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect((await sh('ipvsadm -v')).stdout).toBe(
      `ipvsadm v1.31 (package ipvs ${version}, for IPVS v1.2.1)\n`,
    );
    expect((await sh('ipvsadm -h | head -1')).stdout).toBe((await sh('ipvsadm -v')).stdout);
  });

  test('and paint what catches the eye for who wants it', async () => {
    const doctor = 'ipvs doctor --passive --role director';
    const found = '1 finding in ';
    expect((await sh(doctor)).stdout).toContain(`\n${found}`);
    expect((await sh(`FORCE_COLOR=1 ${doctor}`)).stdout).toContain('\u001b[31merror\u001b[39m ');
    expect((await sh(`NO_COLOR=1 FORCE_COLOR=1 ${doctor}`)).stdout).toContain(`\n${found}`);
  });
});

describe('npm install of it, in an empty folder', () => {
  const script = `
    import { IpvsClient, IpvsError } from 'ipvs';
    const client = await IpvsClient.open();
    const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 };
    await client.addService(web, { scheduler: 'rr' });
    await client.addDestination(web, { address: '10.0.0.2', port: 8080 }, { forwardingMethod: 'nat', weight: 3 });
    for await (const { service, destinations } of client.table())
      for (const { id, settings, statistics } of destinations)
        console.log(service.settings.scheduler, \`\${id.address}:\${id.port}\`, settings.weight, statistics.connections);
    await client.addService(web).catch((error) => console.log(error instanceof IpvsError && error.code));
    client.close();
  `;
  const drain = `
    import { setTimeout } from 'node:timers/promises';
    import { IpvsClient } from 'ipvs';
    const web = 'tcp:172.16.100.1:80';
    const server = '192.168.10.11:80';
    const client = await IpvsClient.open();
    await client.updateDestination(web, server, { weight: 0 });
    for (let open = 1; open > 0; await setTimeout(100))
      for await (const one of client.destinations(web)) open = one.activeConnections + one.inactiveConnections;
    await client.updateDestination(web, server, { weight: 3 });
    for await (const entry of client.table()) console.log(JSON.stringify(entry));
  `;
  const typed = `
    import { IpvsClient, IpvsError } from 'ipvs';
    import type { ServiceIdInput, VirtualService } from 'ipvs';
    import { formatRules, parseRules } from 'ipvs/rules';
    import { apply, diff, readTable, tableFrom, watch } from 'ipvs/state';
    import type { TableChange } from 'ipvs/state';
    import { AgentClient } from 'ipvs/agent';
    import type { ServiceStatusJson } from 'ipvs/agent';
    import { tableKernel } from 'ipvs/testing';
    const web: ServiceIdInput = { protocol: 'tcp', address: '192.0.2.1', port: 80 };
    await using client = await IpvsClient.open();
    const service: VirtualService = await client.service(web);
    const incoming: bigint = service.statistics.incomingBytes;
    // @ts-expect-error a protocol that IPVS does not balance
    await client.addService({ protocol: 'icmp', address: '192.0.2.1', port: 80 });
    const test = await IpvsClient.open({ socket: tableKernel({ services: [{ service: web }] }) });
    const wanted = tableFrom(parseRules(formatRules(await readTable(client))));
    await apply(test, diff(await readTable(test), wanted));
    for await (const change of watch(test)) change satisfies TableChange;
    const known: readonly ServiceStatusJson[] = (await new AgentClient().status()).services;
    export { incoming, IpvsError, known };
  `;
  // Nothing but what `await using` and Node's resolution need.
  const strict = {
    compilerOptions: { strict: true, noEmit: true, target: 'es2022', module: 'nodenext' },
    files: ['typed.ts'],
  };
  let project = '';

  beforeAll(async () => {
    project = join(folder, 'project');
    await mkdir(project);
    await writeFile(
      join(project, 'package.json'),
      '{ "name": "user", "private": true, "type": "module" }',
    );
    await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: project });
    await writeFile(join(project, 'script.js'), script);
    await writeFile(join(project, 'drain.js'), drain);
    await writeFile(join(project, 'typed.ts'), typed);
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify(strict));
  }, 2 * MINUTE);

  test('drives IPVS from a script of ten lines', async () => {
    expect(script.trim().split('\n')).toHaveLength(10);
    expect(await sh(`node ${project}/script.js`)).toEqual({
      code: 0,
      stdout: 'rr 10.0.0.2:8080 3 0n\nEEXIST\n',
      stderr: '',
    });
  });

  test('drains a NAT server in ten lines, waits for its clients, and leaves it a NAT server', async () => {
    expect(drain.trim().split('\n')).toHaveLength(10);
    const network = await buildNatNetwork(lab(), { realServers: 1 });
    const { client, director, realServers } = network;
    try {
      for (const { namespace } of realServers) await serve(namespace, { name: 'rs1', tcp: [80] });
      await type(
        director,
        `-A -t 172.16.100.1:80 -s rr
        -a -t 172.16.100.1:80 -r 192.168.10.11 -m -w 3`,
      );
      await hold(client, { host: '172.16.100.1', port: 80 });
      const weights = async () => (await director.genuine(['-Ln'])).stdout.match(/Masq +\d+/g);
      expect(await weights()).toEqual(['Masq    3']);
      const drained = director.run([process.execPath, join(project, 'drain.js')], {});
      await expect.poll(weights).toEqual(['Masq    0']);
      await release(client, undefined, true);
      const { code, stdout, stderr } = await drained;
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({
        service: { id: { protocol: 'tcp', address: '172.16.100.1', port: 80 } },
        destinations: [
          {
            id: { address: '192.168.10.11', port: 80 },
            settings: { forwardingMethod: 'nat', weight: 3 },
            activeConnections: 0,
            inactiveConnections: 0,
          },
        ],
      });
    } finally {
      await network.close();
    }
  });

  test(
    'has types that a strict program compiles against, declarations included',
    async () => {
      const compiled = run(process.execPath, [TSC, '-p', '.'], { cwd: project });
      await expect(compiled).resolves.toMatchObject({ stdout: '' });
    },
    MINUTE,
  );

  test('brings the packages it names, and no others of its own', async () => {
    const { stdout } = await run('npm', ['ls', '--depth=1', '--parseable'], { cwd: project });
    const direct = stdout.split('\n').filter((path) => path.includes('node_modules/'));
    expect(direct.map((path) => path.replace(/.*node_modules\//, '')).sort()).toEqual([
      'chalk',
      'cli-table3',
      'commander',
      'dns-packet',
      'ipvs',
      'netlink',
      're2js',
      'yaml',
    ]);
  });
});
