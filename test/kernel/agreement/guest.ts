/** Runs in the guest, for `useBoth`: many command lines in one call. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, rmSync } from 'node:fs';
import { command } from '../../lab/guest/command.js';
import type { CommandResult } from '../../lab/lab.js';
import type { Case } from '../../support/lines.js';

/** What both programs are to do, as shell scripts but for our command, which runs in this process. */
export interface Job {
  /** Where the scripts leave what the lines said: in `ours`, `views` and `genuine` below it. */
  readonly folder: string;
  /** Gives the table of this namespace its rules. */
  readonly loading: string;
  readonly cases: readonly Case[];
  /** Our programs as processes, instead of the cases. */
  readonly ours: string;
  readonly ourViews: string;
  /** Loads, lines and views in the namespace of the genuine program. */
  readonly genuine: string;
  readonly namespace: string;
}

export interface Outcomes {
  readonly ours: readonly CommandResult[];
  /** Of the lines, and then of the views. */
  readonly theirs: readonly CommandResult[];
  readonly ourViews: readonly CommandResult[];
}

/** Runs the lines with both programs, each in its namespace, and looks at both tables. */
export async function runBoth(
  job: Job,
  count: { readonly lines: number; readonly views: number },
): Promise<Outcomes> {
  const { folder } = job;
  shell(['sh', '-s'], job.loading);
  shell(['sh', '-s'], job.ours);
  const called = await commands(job.cases);
  shell(['sh', '-s'], job.ourViews);
  shell(['ip', 'netns', 'exec', job.namespace, 'sh', '-s'], job.genuine);
  const all = {
    ours: job.ours === '' ? called : readAll(`${folder}/ours`, count.lines),
    theirs: readAll(`${folder}/genuine`, count.lines + count.views),
    ourViews: readAll(`${folder}/views`, count.views),
  };
  rmSync(folder, { recursive: true });
  return all;
}

/** Its first line may be to fail the whole; what the lines say is in files. */
function shell([program, ...words]: readonly [string, ...string[]], input: string): void {
  if (input === '') return;
  const { status, stdout, stderr } = spawnSync(program, words, { input, encoding: 'utf8' });
  const said = `${stdout}${stderr}`;
  if (status !== 0 || said !== '') throw new Error(`${program} ended with ${status}: ${said}`);
}

/** Runs lines with our command, one after the other. */
async function commands(cases: readonly Case[]): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  for (const { words, stdin = '', program = 'ipvsadm' } of cases) {
    results.push(await command(program, words, Buffer.from(stdin).toString('base64')));
  }
  return results;
}

/** `N.code`, `N.stdout` and `N.stderr` of every line. */
function readAll(folder: string, count: number): CommandResult[] {
  const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8');
  return Array.from({ length: count }, (_, index) => ({
    code: Number(read(`${index}.code`)),
    stdout: read(`${index}.stdout`),
    stderr: read(`${index}.stderr`),
  }));
}

/**
 * Sends datagrams to addresses of this machine, each from a port of its own, and waits until the kernel has so many
 * connections.
 */
export async function send(
  datagrams: readonly { readonly host: string; readonly port: number; readonly text: string }[],
  connections: number,
): Promise<string> {
  for (const { host, port, text } of datagrams) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    await new Promise((resolve) => {
      socket.send(text, port, host, resolve);
    });
    socket.close();
  }
  const read = () => readFileSync('/proc/net/ip_vs_conn', 'utf8');
  for (;;) {
    const text = read();
    // One line is the heading.
    if (text.split('\n').length - 2 >= connections) return text;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
