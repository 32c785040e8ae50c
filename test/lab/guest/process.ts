import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { CommandResult, GuestReply, GuestRequest } from '../protocol.js';

/** The shell's word for a command that ran out of time (timeout(1)). */
const DEADLINE_CODE = 124;

/** Runs one process in a group of its own, which ends whole when its time is over. */
export function runProcess(request: GuestRequest & { op: 'run' }): Promise<GuestReply> {
  const [file = '', ...args] = request.argv;
  const child = spawn(file, args, {
    cwd: request.cwd,
    env: { ...process.env, ...request.env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A process that ends before it has read everything is its own business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.from(request.stdin, 'base64'));

  const result = (code: number): CommandResult => ({
    code,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      resolve({ kind: 'deadline', result: result(DEADLINE_CODE) });
    }, request.deadlineMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'failure', message: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ kind: 'result', value: result(code ?? 128 + signalNumber(signal)) });
    });
  });
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
