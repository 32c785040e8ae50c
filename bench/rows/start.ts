import { withScratch, type Scratch } from '../host.js';
import { wallTimes, type Measured } from '../measured.js';
import { fetchNode, versionOf } from '../nodes.js';
import { executableStarts } from '../executable-starts.js';
import { ours } from '../programs.js';
import type { Result } from '../result.js';
import { inTurn, type Bench, type Row } from '../row.js';

const RUNS = 21;
/** Beside the Node that runs this. */
const MAJORS = [24, 26];
const BARE = 'node -e 0';
const USAGE_STATUS = 2;

type Runner = () => Promise<Measured>;

/** Commands, each in turn with a start of Node alone. */
async function starts(
  bench: Bench,
  node: string,
  commands: Readonly<Record<string, Runner>>,
  bare: Runner,
): Promise<Result[]> {
  const version = await versionOf(node);
  // The first start fills caches, Node's of compiled code too.
  for (const runner of [bare, ...Object.values(commands)]) await runner();
  const quietly = { ...bench, step: () => undefined };
  bench.step(`${Object.keys(commands).join(', ')} on Node ${version}`);
  const runners = { ...commands, [BARE]: bare };
  const all = await inTurn<string, Measured>(quietly, bench.runs(RUNS), runners);
  return Object.keys(commands).map((name) => ({
    what: `${name}, Node ${version}`,
    unit: 'ms',
    ours: wallTimes(all[name] ?? []),
    other: { name: BARE, values: wallTimes(all[BARE] ?? []) },
    target: { kind: 'slower', atMost: 1.25 },
  }));
}

async function onHost(bench: Bench, scratch: Scratch, node: string): Promise<Result[]> {
  const measure = await scratch.measurer();
  const ipvsadm = ours('ipvsadm', node);
  const commands = {
    'ipvsadm -h': () => measure([...ipvsadm, '-h']),
    'ipvsadm -A (a usage error)': () => measure([...ipvsadm, '-A'], USAGE_STATUS),
  };
  return starts(bench, node, commands, () => measure([node, '-e', '0']));
}

async function inLab(bench: Bench, node: string): Promise<Result[]> {
  const guest = await bench.guest();
  return guest.within((namespace) => {
    const measure = (command: readonly string[]) => guest.measure(namespace, command);
    const commands = {
      'ipvsadm -Ln, in the lab': () => measure([...ours('ipvsadm', node), '-Ln']),
    };
    return starts(bench, node, commands, () => measure([node, '-e', '0']));
  });
}

export const start: Row = {
  name: 'start',
  about:
    'starts of ipvsadm: the executable beside the genuine program, others beside Node alone; Node 24 and 26 too if npm has them',
  run(bench) {
    return withScratch(async (scratch) => {
      const nodes = [...bench.nodes];
      const missing: number[] = [];
      const [running] = process.versions.node.split('.');
      for (const major of MAJORS.filter((one) => String(one) !== running)) {
        bench.step(`asking for Node ${major}`);
        const node = await fetchNode(major);
        if (node === undefined) missing.push(major);
        else nodes.push(node);
      }
      const results = await executableStarts(bench, await scratch.measurer(), nodes);
      for (const node of nodes) {
        results.push(...(await onHost(bench, scratch, node)), ...(await inLab(bench, node)));
      }
      const note = `npm could not get Node ${missing.join(' and ')}; --node PATH takes one that is there`;
      return missing.length === 0 ? results : results.map((result) => ({ note, ...result }));
    });
  },
};
