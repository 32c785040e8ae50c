/** The lifecycle that all commands share. */
import { afterEach, expect, test, vi } from 'vitest';
import { RuleError } from '../../src/rules/rule-error.js';
import { CliError } from '../../src/terminal/cli-error.js';
import { runInSession } from '../../src/terminal/session.js';
import type { Session } from '../../src/terminal/session.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import { noNames } from '../support/command.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const explain = (error: unknown) =>
  error instanceof RuleError ? new CliError(error.message, 2) : undefined;

/** Runs a piece of work; gives its status and, in order, what was written where. */
async function run(work: (session: Session) => Promise<number>, kernel = tableKernel()) {
  const written: string[] = [];
  const sink = (name: string) => ({
    write: (text: string) => void written.push(`${name} ${text}`),
  });
  const io = {
    stdin: [] as never,
    stdout: sink('out'),
    stderr: sink('err'),
    terminal: () => Promise.resolve(sink('terminal')),
    resolver: noNames,
  };
  return { status: await runInSession(io, kernel, work, explain), written };
}

/** Long work, whose progress is on the terminal. */
async function showProgress({ progress }: Session): Promise<void> {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  await progress.show(() => 'begun');
  now.mockReturnValue(2000);
  await progress.show(() => 'half');
}

test('an error is reported behind what was printed, on a line without progress', async () => {
  const { status, written } = await run(async (session) => {
    await session.output.line('a line');
    await showProgress(session);
    throw new CliError('refused', 3);
  });
  expect(status).toBe(3);
  expect(written).toEqual([
    'terminal \rhalf\u001B[K',
    'out a line\n',
    'terminal \r\u001B[K',
    'err refused\n',
  ]);
});

test('nothing of a progress line stays when work ends, however it ends', async () => {
  const cleared = 'terminal \r\u001B[K';
  const well = await run(async (session) => {
    await showProgress(session);
    return 0;
  });
  expect(well.written.at(-1)).toBe(cleared);
  const unforeseen = run(async (session) => {
    await showProgress(session);
    throw new TypeError('a bug');
  });
  await expect(unforeseen).rejects.toThrow('a bug');
});

test('errors of the layers below are reported as the program explains them', async () => {
  const { status, written } = await run(() => Promise.reject(new RuleError('not a rule')));
  expect([status, written]).toEqual([2, ['err not a rule\n']]);
});

test('the client is opened when it is asked for, once, and closed at the end', async () => {
  const kernel = tableKernel();
  expect((await run(() => Promise.resolve(0), kernel)).status).toBe(0);
  expect(kernel.requests).toEqual([]);
  await run(async (session) => {
    expect(await session.client()).toBe(await session.client());
    return 0;
  }, kernel);
  expect(kernel.closed).toBe(true);
});
