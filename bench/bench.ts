/** npm run bench: how fast it is, beside the genuine program on a real kernel. */
import { constants, cpus, release } from 'node:os';
import { chooseCpu } from '../test/lab/host.js';
import { Guest } from './guest.js';
import { helpText, readOptions, type Options } from './options.js';
import { json, markdownTable, summary, textTable, type Entry } from './report.js';
import type { Bench, Row } from './row.js';
import { agent } from './rows/agent.js';
import { batch } from './rows/batch.js';
import { change } from './rows/change.js';
import { connections } from './rows/connections.js';
import { growth } from './rows/growth.js';
import { list } from './rows/list.js';
import { look } from './rows/look.js';
import { one } from './rows/one.js';
import { parse } from './rows/parse.js';
import { reader } from './rows/reader.js';
import { restore } from './rows/restore.js';
import { start } from './rows/start.js';

const ROWS: readonly Row[] = [
  start,
  parse,
  reader,
  restore,
  batch,
  list,
  look,
  change,
  one,
  growth,
  connections,
  agent,
];

async function main(words: readonly string[]): Promise<void> {
  const options = readOptions(words, ROWS);
  if (options.help) {
    process.stdout.write(helpText(ROWS));
    return;
  }
  process.stdout.write(show(options, await measure(options)));
}

async function measure(options: Options): Promise<Entry[]> {
  const entries: Entry[] = [];
  let row = '';
  let guest: Promise<Guest> | undefined;
  const step = (text: string): void => {
    process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${row}: ${text}\n`);
  };
  const bench: Bench = {
    runs: (usual) => options.runs ?? usual,
    guest: () => (guest ??= Guest.boot(step)),
    nodes: [process.execPath, ...options.nodes],
    step,
  };
  try {
    for (const { name, run } of options.rows) {
      row = name;
      for (const result of await run(bench)) entries.push({ row, result });
    }
  } finally {
    await (await guest?.catch(() => undefined))?.close();
  }
  return entries;
}

function show({ form }: Options, entries: readonly Entry[]): string {
  const where = {
    node: process.version,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Linux ${release()}, CPU ${chooseCpu(undefined)}`,
    date: new Date().toISOString().slice(0, 10),
  };
  const line = `Measured on ${where.date} with Node ${where.node} on ${where.machine}.\n`;
  switch (form) {
    case 'json':
      return json(entries, where);
    case 'markdown':
      return `${markdownTable(entries)}\n${line}`;
    case 'text':
      return `${textTable(entries)}\n${line}${summary(entries)}`;
  }
}

// The lab goes with this process, and so does what was put into temporary folders.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
