/** Types what README.md and the manual show, in their order, and runs what README.md programs, on the real kernel. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../lab/our-commands.js';
import type { Namespace } from '../lab/lab.js';
import {
  blocksOf,
  codeIn,
  commandsInManual,
  rowsOf,
  stepsOf,
  withoutTrailingBlanks,
} from '../docs/markdown.js';
import { useLab } from '../support/director.js';
import { moduleOf } from '../support/examples.js';

const lab = useLab();
const blocks = blocksOf('README.md');
const rows = rowsOf('README.md');

/** Between the outputs of two lines; no command of ours prints it. */
const DIVIDER = '\u001e\n';

const PROGRAMS = (['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore', 'ipvs'] as const)
  .map((name) => `${name}() { ${ourCommandLine(name)} "$@"; }`)
  .join('\n');

/** Each line starts node. */
const DEADLINE_MS = 1_800_000;

/** For the synchronisation daemon, which wants an interface. */
const DUMMY =
  'ip link add eth0 type dummy && ip addr add 192.0.2.254/24 dev eth0 && ip link set eth0 up';

/** What comes to life, unseen by the reader, before the first such line is typed. */
const TRAFFIC_BEFORE = 'ipvs list';

/**
 * The real servers of the site at 192.0.2.1, and five connections of three clients, over which nothing is sent: what was
 * counted of them is always the same. For bash on the director.
 */
function trafficLines(clients: Namespace, servers: Namespace): string {
  const holding = 'exec 3<>/dev/tcp/192.0.2.1/80 && echo connected && exec sleep 10000';
  return `ip link add eth1 type veth peer name port1 netns ${clients.name}
    ip link add eth2 type veth peer name port2 netns ${servers.name}
    ip addr add 198.51.100.1/24 dev eth1 && ip link set eth1 up
    ip addr add 10.0.0.1/24 dev eth2 && ip link set eth2 up
    ip -n ${servers.name} -batch - <<LINES
link set lo up
link set port2 up
addr add 10.0.0.2/24 dev port2
addr add 10.0.0.3/24 dev port2
route add default via 10.0.0.1
LINES
    ip -n ${clients.name} -batch - <<LINES
link set port1 up
addr add 198.51.100.7/24 dev port1
addr add 198.51.100.8/24 dev port1
addr add 198.51.100.9/24 dev port1
LINES
    ip netns exec ${servers.name} socat TCP-LISTEN:8080,fork,reuseaddr PIPE </dev/null >/dev/null 2>&1 &
    until ip netns exec ${servers.name} bash -c ': >/dev/tcp/10.0.0.2/8080' 2>/dev/null; do sleep 0.1; done
    for client in 7 7 7 8 9; do
      ip -n ${clients.name} route replace default via 198.51.100.1 src 198.51.100.$client
      exec {connection}< <(ip netns exec ${clients.name} bash -c '${holding}' </dev/null 2>/dev/null)
      read -r -u $connection
    done
    sleep 4 # The kernel adds up its counters every two seconds.`;
}

/** What a shell shows for each line, in one session. */
async function typeAll(
  director: Namespace,
  lines: readonly string[],
  traffic?: string,
): Promise<string[]> {
  const first = lines.indexOf(TRAFFIC_BEFORE);
  const typed = lines.map(
    (line, index) =>
      `${index === first ? (traffic ?? '') : ''}
${line}\nstatus=$?; printf '${DIVIDER.trim()}\\n'; (exit $status)`,
  );
  const script = `${PROGRAMS}
    ${DUMMY}
    folder=$(mktemp -d) && cd "$folder" && exec 2>&1\n${typed.join('\n')}\n`;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const { stdout, stderr } = await director.run(['bash'], {
    stdin: script,
    env,
    deadlineMs: DEADLINE_MS,
  });
  expect(stderr).toBe('');
  const outputs = stdout.split(DIVIDER);
  expect(outputs.pop()).toBe('');
  return outputs.map(withoutTrailingBlanks);
}

async function typeInFreshNamespace(lines: readonly string[]): Promise<string[]> {
  await using director = await lab().namespace('director');
  return await typeAll(director, lines);
}

/** The lines with the exit status of each. */
async function statusesOf(lines: readonly string[]): Promise<{ line: string; status: string }[]> {
  const outputs = await typeInFreshNamespace(lines.flatMap((line) => [line, 'echo $?']));
  return lines.map((line, index) => ({ line, status: outputs[2 * index + 1]?.trim() ?? '' }));
}

describe('the commands of README.md', () => {
  test('show what its console blocks say', { timeout: DEADLINE_MS }, async () => {
    const steps = blocks.filter(({ language }) => language === 'console').flatMap(stepsOf);
    expect(steps.length).toBeGreaterThan(10);
    await using clients = await lab().namespace('clients');
    await using servers = await lab().namespace('servers');
    await using director = await lab().namespace('director');
    const commands = steps.map(({ command }) => command);
    const outputs = await typeAll(director, commands, trafficLines(clients, servers));
    expect(steps.map(({ command }, index) => ({ command, output: outputs[index] }))).toEqual(steps);
  });

  test('do what its table says, from above to below', async () => {
    const lines = rows
      .filter(([what]) => !/^\d/.test(what ?? ''))
      .flatMap(([, cell]) => {
        return codeIn(cell ?? '').filter((code) => code.startsWith('ipvsadm'));
      });
    expect(lines.length).toBeGreaterThan(10);
    const done = lines.map((line) => ({ line, status: '0' }));
    expect(await statusesOf(lines)).toEqual(done);
  });

  test('end with the statuses of its table', async () => {
    const cases = rows.flatMap(([status = '', , example = '']) =>
      /^\d+$/.test(status) ? codeIn(example).map((line) => ({ line, status })) : [],
    );
    expect(cases.map(({ status }) => status)).toEqual(['0', '1', '2', '255']);
    expect(await statusesOf(cases.map(({ line }) => line))).toEqual(cases);
  });
});

describe('the programs of README.md', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ipvs-readme-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const programs = blocks.filter(({ language }) => language === 'ts');

  test.each(programs)('$place prints what its comments say', async ({ content, place }) => {
    const printed = Array.from(
      content.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm),
      ([, text = '']) => text,
    );
    expect(printed.length).toBeGreaterThan(0);
    expect(printed).toHaveLength(content.split('console.log(').length - 1);
    const file = join(folder, `${place.replaceAll(/\W/g, '-')}.ts`);
    await writeFile(file, moduleOf({ place, subject: '', code: content, printed }));
    await using director = await lab().namespace('director');
    expect(await director.call(file, 'example')).toEqual(printed);
  });
});

test('every command of the manual’s examples succeeds, from above to below', async () => {
  const lines = commandsInManual('man/ipvsadm.8');
  expect(lines.length).toBeGreaterThan(20);
  await using director = await lab().namespace('director');
  await director.run(['sh', '-c', DUMMY]);
  const refused: string[] = [];
  for (const line of lines) {
    const { code, stderr } = await director.ipvsadm(line.split(' ').slice(1));
    if (code !== 0) refused.push(`${line}: ${stderr}`);
  }
  expect(refused).toEqual([]);
});
