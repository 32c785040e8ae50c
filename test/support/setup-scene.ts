import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Outcome } from './command.js';
import { ChangingIp } from './changing-ip.js';
import { fakeMachine } from './fake-machine.js';
import type { FakeMachine } from './fake-machine.js';
import type { ErrnoName } from '../../src/testing/fake-kernel.js';
import { ipvs } from './ipvs-command.js';
import type { IpvsOptions } from './ipvs-command.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import type { PresetService } from '../../src/testing/presets.js';
import type { TableKernel } from '../../src/testing/table-kernel.js';

/** A machine with two interfaces, a table and a folder, for the verbs that set it up. */
export interface SetupScene {
  readonly host: FakeMachine;
  readonly ip: ChangingIp;
  readonly kernel: TableKernel;
  /** The folder of the journals. */
  readonly state: string;
  /** Every change, in order: `write PATH VALUE`, a line for `ip -batch`, a command of the kernel. */
  readonly performed: string[];
  /** What happens at a change, before it takes effect; true refuses it. */
  onChange: (handler: string) => boolean;
  /** A rules file. */
  rules(lines: readonly string[]): string;
  run(words: readonly string[], options?: IpvsOptions): Promise<Outcome>;
  /** All that a set-up could have changed, to be compared. */
  all(): unknown;
  /** The files that are kept. */
  kept(): string[];
  journal(): string;
}

const CONF = '/proc/sys/net/ipv4/conf';
const NAMESPACE = '4026531840';

export function setupScene(services: readonly PresetService[] = []): SetupScene {
  const folder = mkdtempSync(join(tmpdir(), 'ipvs-setup-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const performed: string[] = [];
  const ip = new ChangingIp([
    { name: 'lo', up: true, addresses: ['127.0.0.1/8'] },
    { name: 'eth0', up: true, mac: '02:00:00:00:00:01', addresses: ['192.0.2.1/24'] },
    { name: 'eth1', up: true, mac: '02:00:00:00:00:02', addresses: ['10.0.0.1/24'] },
  ]);
  const happens = (handler: string) => {
    performed.push(handler);
    return context.onChange(handler);
  };
  const refuse = ({ command }: { readonly command: string }): ErrnoName | undefined =>
    !command.startsWith('GET_') && happens(command) ? 'ENOMEM' : undefined;
  const kernel = tableKernel({ services, refuse });
  const host = fakeMachine({
    files: settings(),
    links: { '/proc/self/ns/net': `net:[${NAMESPACE}]` },
    run: (program, words, input) => (program === 'ip' ? ip.run(words, input) : undefined),
    refuse: (path) => (happens(`write ${path}`) ? new Error('refused') : undefined),
  });
  ip.refuse = (line) => (happens(line) ? 'RTNETLINK answers: refused' : undefined);
  const state = join(folder, 'state');
  const context: SetupScene = {
    host,
    ip,
    kernel,
    state,
    performed,
    onChange: () => false,
    rules: (lines) => {
      const file = join(folder, 'rules');
      writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
      return file;
    },
    run: (words, options = {}) => ipvs(words, { host, state, kernel, ...options }),
    all: () => ({
      ip: ip.state(),
      files: new Map(host.files),
      table: kernel.table(),
      timeouts: kernel.timeouts(),
      daemons: kernel.daemons(),
    }),
    kept: () => {
      try {
        return readdirSync(join(state, NAMESPACE));
      } catch {
        return [];
      }
    },
    journal: () => readFileSync(join(state, NAMESPACE, 'director.json'), 'utf8'),
  };
  return context;
}

function settings(): Record<string, string> {
  const files: Record<string, string> = {
    '/proc/sys/net/ipv4/ip_forward': '0\n',
    '/proc/sys/kernel/random/boot_id': 'this-boot\n',
    '/proc/self/stat': stat(100, 5),
    '/proc/net/ip_vs': '',
  };
  for (const scope of ['all', 'default', 'lo', 'eth0', 'eth1']) {
    files[`${CONF}/${scope}/send_redirects`] = '1\n';
    files[`${CONF}/${scope}/forwarding`] = '0\n';
    files[`${CONF}/${scope}/accept_redirects`] = '1\n';
    for (const name of ['arp_ignore', 'arp_announce', 'rp_filter']) {
      files[`${CONF}/${scope}/${name}`] = '0\n';
    }
  }
  return files;
}

/** A line of /proc/PID/stat: the second field may be anything, the 22nd says when the process was started. */
export function stat(pid: number, started: number): string {
  return `${pid} (a ) b) S ${'0 '.repeat(18)}${started} 0\n`;
}
