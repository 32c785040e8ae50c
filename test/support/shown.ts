import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';

/** What our command shows on a director, as tests of traffic compare it. */

/** How the lines begin that stand above a listing's rows. */
const HEADINGS = ['IP Virtual Server', 'Prot ', '  -> RemoteAddress', 'IPVS conn', 'pro expire'];

/** Runs our command, which must do it and say nothing on its error stream. Blanks at the ends of lines do not count. */
export async function shown(director: Namespace, line: string, stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await director.ipvsadm(line.split(' '), { stdin });
  expect([line, code, stderr]).toEqual([line, 0, '']);
  return stdout.replaceAll(/ +$/gm, '');
}

/** Adds services and real servers, a line each. */
export async function addRules(director: Namespace, rules: readonly string[]): Promise<void> {
  await shown(director, '-R', rules.map((rule) => `${rule}\n`).join(''));
}

/** The rows of a listing. */
export async function rows(director: Namespace, line: string): Promise<string[]> {
  const lines = (await shown(director, line)).split('\n');
  return lines.filter((text) => text !== '' && !HEADINGS.some((words) => text.startsWith(words)));
}

/** A row of the connection table. */
export interface Entry {
  /** As it is listed, but for `mm:ss` where the time it has left stands. */
  readonly row: string;
  readonly secondsLeft: number;
}

/** The entries of the connection table that go to a virtual server, as `192.0.2.1:80`, in the order of the rows' texts. */
export async function entries(
  director: Namespace,
  virtual: string,
  line = '-Lnc',
): Promise<Entry[]> {
  const own = (await rows(director, line)).filter((text) => text.includes(` ${virtual} `));
  const found = own.map((text) => {
    const [, head = '', minutes, seconds, tail = ''] = /^(\S+ +)(\d+):(\d+)(.*)/.exec(text) ?? [];
    return { row: `${head}mm:ss${tail}`, secondsLeft: Number(minutes) * 60 + Number(seconds) };
  });
  return found.sort((a, b) => (a.row < b.row ? -1 : 1));
}

/** The templates of persistent clients among them: they have a client's port 0. */
export async function templates(
  director: Namespace,
  virtual: string,
  line = '-Lnc',
): Promise<Entry[]> {
  const all = await entries(director, virtual, line);
  return all.filter(({ row }) => /^\S+ +mm:ss +\S+ +\S+:0 /.test(row));
}
