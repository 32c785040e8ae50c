/** The command line. */
import { parseArgs } from 'node:util';
import type { Row } from './row.js';

export interface Options {
  readonly rows: readonly Row[];
  readonly runs: number | undefined;
  readonly nodes: readonly string[];
  readonly form: 'text' | 'markdown' | 'json';
  readonly help: boolean;
}

/** @throws Error for what cannot be done. */
export function readOptions(words: readonly string[], all: readonly Row[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      runs: { type: 'string' },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  const names = all.map(({ name }) => name);
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no row ${unknown}; there are: ${names.join(', ')}`);
  return {
    rows: positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name)),
    runs: values.runs === undefined ? undefined : readRuns(values.runs),
    nodes: values.node,
    form: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
    help: values.help,
  };
}

function readRuns(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--runs takes a number from 1: ${text}`);
  return Number(text);
}

export function helpText(all: readonly Row[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  return `Usage: npm run -s bench -- [OPTION...] [ROW...]

Measures this project, most of it beside Debian's ipvsadm on a real kernel, and prints a table: medians, the lowest and the
highest, and what was aimed at. A target that is missed is no failure.

Rows, all by default:
${all.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}\n`).join('')}
Options:
  --runs N      run each N times, instead of 3 to 21 times
  --node PATH   measure starts on this node too; can be given again
  --json        print JSON
  --markdown    print the table for README.md
  -h, --help    print this
`;
}
