/** Runs in the guest, for `useBoth`: many command lines in one call. */
import { createSocket } from 'node:dgram';
import { readFileSync, rmSync } from 'node:fs';
import { command } from '../../lab/guest/command.js';
import type { CommandResult } from '../../lab/lab.js';
import type { Case } from '../../support/lines.js';

/** Runs lines with our command, one after the other. */
export async function commands(cases: readonly Case[]): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  for (const { words, stdin = '', program = 'ipvsadm' } of cases) {
    results.push(await command(program, words, Buffer.from(stdin).toString('base64')));
  }
  return results;
}

/** What the genuine program said to the lines, and of the other table in the end. */
export interface Outcomes {
  readonly theirs: readonly CommandResult[];
  readonly views: readonly CommandResult[];
}

/** Reads what a run of commands left in a folder, and in `views` below it; then the folder goes. */
export function outcomes(folder: string, lines: number, views: number): Outcomes {
  const all = { theirs: readAll(folder, lines), views: readAll(`${folder}/views`, views) };
  rmSync(folder, { recursive: true });
  return all;
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
