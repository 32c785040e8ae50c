import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readServiceNames } from '../../src/rules/names.js';
import { command } from '../support/command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const address = '192.0.2.1';
const table = {
  services: [
    { service: { firewallMark: 0xffff_ffff } },
    { service: { firewallMark: 7, family: 'ipv6' } },
    { service: { firewallMark: 7 } },
    { service: { protocol: 'tcp', address: '2001:db8::1', port: 80 } },
    { service: { protocol: 'udp', address, port: 53 } },
    { service: { protocol: 'tcp', address: '224.0.0.1', port: 80 } },
    {
      service: { protocol: 'tcp', address, port: 80 },
      destinations: [
        { destination: { address: '200.0.0.1', port: 80 } },
        { destination: { address: '10.0.0.10', port: 80 } },
        { destination: { address: '10.0.0.9', port: 81 } },
        { destination: { address: '10.0.0.9', port: 80 } },
      ],
    },
  ],
} as const;

const HEADING = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
];

async function lines(line: string, kernel = tableKernel(table)): Promise<string[]> {
  const { status, stdout, stderr } = await command(line, { kernel });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').slice(0, -1);
}

describe('a list', () => {
  test('has names for a service of very many real servers', async () => {
    const destinations = Array.from({ length: 150_000 }, (_, index) => ({
      destination: { address: `10.0.0.${index >> 16}`, port: index & 0xffff },
    }));
    const kernel = tableKernel({ services: [{ service: { firewallMark: 1 }, destinations }] });
    expect(await lines('-L', kernel)).toHaveLength(HEADING.length + 1 + destinations.length);
  });

  test('of an empty table is its headings', async () => {
    expect(await lines('-Ln', tableKernel())).toEqual(HEADING);
  });

  test('is sorted by mark, family, protocol, address and port, as numbers without sign', async () => {
    const listed = await lines('-Ln');
    expect(listed.slice(0, 3)).toEqual(HEADING);
    expect(listed.slice(3).map((line) => line.replace(/ +Route.*/, ''))).toEqual([
      'TCP  192.0.2.1:80 wlc',
      '  -> 10.0.0.9:80',
      '  -> 10.0.0.9:81',
      '  -> 10.0.0.10:80',
      '  -> 200.0.0.1:80',
      'TCP  224.0.0.1:80 wlc',
      'UDP  192.0.2.1:53 wlc',
      'TCP  [2001:db8::1]:80 wlc',
      'FWM  7 wlc',
      'FWM  7 IPv6 wlc',
      'FWM  4294967295 wlc',
    ]);
  });

  test("has the kernel's order with --nosort", async () => {
    const listed = await lines('-Ln --nosort');
    expect(listed[3]).toBe('FWM  4294967295 wlc');
    expect(listed.at(-1)).toContain('10.0.0.9:80');
  });

  test('of one service has no version line, and asks for no other', async () => {
    const kernel = tableKernel(table);
    const listed = await lines(`-Ln -t ${address}:80`, kernel);
    expect(listed.slice(0, 3)).toEqual([...HEADING.slice(1), 'TCP  192.0.2.1:80 wlc']);
    expect(listed).toHaveLength(7);
    const asked = kernel.requests.map((request) => request.command);
    expect(asked.filter((name) => name === 'GET_SERVICE')).toHaveLength(1);
    expect(asked.filter((name) => name === 'GET_DEST')).toHaveLength(1);
  });

  test('of a service that is not there says so and nothing else, status 1', async () => {
    expect(await command('-Ln -f 8', { kernel: tableKernel(table) })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'No such service\n',
    });
  });

  test('of timeouts, daemons and rules', async () => {
    expect(await lines('-L --timeout')).toEqual(['Timeout (tcp tcpfin udp): 900 120 300']);
    expect(await lines('-L --daemon')).toEqual([]);
    const kernel = tableKernel({ daemons: [{ state: 'master', interface: 'eth0', syncId: 5 }] });
    expect(await lines('-L --daemon', kernel)).toHaveLength(1);
    expect((await lines('-Sn')).filter((line) => line.startsWith('-a'))).toHaveLength(4);
  });

  test('leaves out a service that is deleted meanwhile', async () => {
    const kernel = tableKernel({
      services: [{ service: { firewallMark: 1 } }, { service: { firewallMark: 2 } }],
      refuse: ({ command: name, attributes }) =>
        name === 'GET_SERVICE' && attributes.SERVICE?.FWMARK === 1 ? 'ESRCH' : undefined,
    });
    expect((await lines('-Ln', kernel)).slice(3)).toEqual(['FWM  2 wlc']);
  });
});

describe('names', () => {
  const names: Record<string, string> = {
    [address]: 'web.example',
    '10.0.0.9': 'a-very-long-name-of-a-real-server-in-a-domain.with.many.labels.example.org',
    '10.0.0.10': 'evil\u001b[2J',
    '2001:db8::1': 'six.example',
  };
  const asked: string[] = [];
  const resolver = {
    addressOf: () => Promise.reject(new Error('no')),
    nameOf: (text: string) => {
      asked.push(text);
      const name = names[text];
      return name === undefined ? Promise.reject(new Error('no')) : Promise.resolve(name);
    },
  };

  beforeEach(() => {
    asked.length = 0;
  });

  test('stand for addresses and ports that have one, never cut off, clean of control characters', async () => {
    const { stdout } = await command('-L', { kernel: tableKernel(table), resolver });
    const listed = stdout.split('\n').slice(3, -1);
    expect(listed.slice(0, 4)).toEqual([
      'TCP  web.example:http wlc',
      '  -> a-very-long-name-of-a-real-server-in-a-domain.with.many.labels.example.org:http Route   1      0          0         ',
      '  -> a-very-long-name-of-a-real-server-in-a-domain.with.many.labels.example.org:81 Route   1      0          0         ',
      '  -> evil?[2J:http                Route   1      0          0         ',
    ]);
    expect(listed).toContain('TCP  [six.example]:http wlc');
  });

  test('are asked for once each', async () => {
    await command('', { kernel: tableKernel(table), resolver });
    expect(asked.length).toBe(new Set(asked).size);
  });

  test('are not asked for with -n', async () => {
    await command('-Ln', { kernel: tableKernel(table), resolver });
    await command('-S -n', { kernel: tableKernel(table), resolver });
    await command('-n', { kernel: tableKernel(table), resolver, program: 'ipvsadm-save' });
    expect(asked).toEqual([]);
  });

  test('of IPv6 addresses are saved in a form that restores', async () => {
    const { stdout } = await command('-S', { kernel: tableKernel(table), resolver });
    expect(stdout).toContain('-A -t [six.example]:http -s wlc\n');
  });

  test('that several addresses have are reported by a save, which a restore would refuse; numbers are not', async () => {
    const twice = { ...resolver, nameOf: () => Promise.resolve('web.example') };
    const servers = ['10.0.0.1', '10.0.0.2'].map((one) => ({
      destination: { address: one, port: 80 },
    }));
    const kernel = tableKernel({
      services: [
        { service: { protocol: 'tcp', address: '192.0.2.1', port: 80 }, destinations: servers },
        { service: { protocol: 'tcp', address: '192.0.2.2', port: 80 } },
      ],
    });
    const service = '-A -t web.example:http -s wlc';
    const real = '-a -t web.example:http -r web.example:http -g -w 1';
    const why =
      'ipvsadm-restore cannot restore this rule (two addresses have this name; save with -n): ';
    expect(await command('-S', { kernel, resolver: twice })).toEqual({
      status: 1,
      stdout: `${service}\n${real}\n${real}\n${service}\n`,
      stderr: `${why}${real}\n${why}${service}\n`,
    });
    const numbers = await command('-S -n', { kernel, resolver: twice });
    expect([numbers.status, numbers.stderr]).toEqual([0, '']);
  });

  describe('that a dead resolver owes', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test('are given up together after three seconds', async () => {
      const dead = { ...resolver, nameOf: () => new Promise<string>(() => undefined) };
      const listing = command('-L', { kernel: tableKernel(table), resolver: dead });
      await vi.advanceTimersByTimeAsync(3000);
      expect((await listing).stdout).toContain('TCP  192.0.2.1:http wlc\n');
    });
  });
});

describe('the names of ports', () => {
  const services = readServiceNames(
    '# ports\nhttp\t80/tcp\twww # the web\nwebbed 80/tcp\nhttp 80/udp\nodd 1/ddp\nbad\ndomain 53/udp\n',
  );

  test('go by protocol, the first line counting', () => {
    expect(services.names.get('80/tcp')).toBe('http');
    expect(services.names.get('53/udp')).toBe('domain');
    expect(services.names.has('53/tcp')).toBe(false);
    expect(services.names.has('1/ddp')).toBe(false);
  });

  test('are numbers again, by any of them', () => {
    expect(['http', 'www', 'webbed'].map((name) => services.ports.get(`${name}/tcp`))).toEqual([
      80, 80, 80,
    ]);
    expect(services.ports.has('www/udp')).toBe(false);
  });
});
