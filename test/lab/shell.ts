/** npm run lab: a shell on the director of a small network. */
import { text } from 'node:stream/consumers';
import chalk from 'chalk';
import type { Lab } from './lab.js';
import { buildNatNetwork, serveName, type Network } from './network.js';
import { draw, installTools, toolEnvironment } from './tools.js';
import { withLab } from './with-lab.js';

const DAY_MS = 24 * 3600 * 1000;
const TERMINAL = '/run/terminal';
const interactive = process.stdin.isTTY && process.stdout.isTTY;

function greeting(network: Network): string {
  const virtual = network.virtual.ipv4;
  const [first = '', second = ''] = network.realServers.map(({ addresses }) => addresses.ipv4);
  return `
You are root on a director with two real servers behind it, on a kernel of its own.
${draw(network)}
Try:
  ipvsadm -A -t ${virtual}:80 -s rr
  ipvsadm -a -t ${virtual}:80 -r ${first}:80 -m
  ipvsadm -a -t ${virtual}:80 -r ${second}:80 -m
  client curl http://${virtual}/
  ipvsadm -Ln
Also here: rs1 and rs2 (rs1 ip addr), ipvsadm-save, ipvsadm-restore, and Debian's program as
ipvsadm-genuine. To leave: exit. Nothing of it stays.

`;
}

function windowSize(): string[] {
  return ['rows', String(process.stdout.rows), 'cols', String(process.stdout.columns)];
}

/** Joins this terminal and the guest's second one, and runs bash there. */
async function interact(lab: Lab, network: Network): Promise<number> {
  const { terminal } = lab.owner().machine;
  const restore = (): void => void process.stdin.setRawMode(false);
  process.on('exit', restore);
  process.stdin.setRawMode(true);
  process.stdin.pipe(terminal);
  process.stdout.on('resize', () => void lab.run(['stty', '-F', TERMINAL, ...windowSize()]));
  const shownAll = new Promise<void>((resolve) => {
    terminal.on('data', (chunk: Buffer) => {
      const end = chunk.indexOf(0);
      process.stdout.write(end < 0 ? chunk : chunk.subarray(0, end));
      if (end >= 0) resolve();
    });
  });
  // The first terminal that the leader of a session opens controls it: so Ctrl-C reaches what runs in the shell.
  const script = `exec <${TERMINAL} >${TERMINAL} 2>&1
    stty sane ${windowSize().join(' ')}
    bash --rcfile /run/bashrc -i; code=$?
    printf '\\0'; exit "$code"`;
  const { code } = await network.director.run(['sh', '-c', script], {
    deadlineMs: DAY_MS,
    cwd: '/run/home',
    env: { ...toolEnvironment, TERM: process.env['TERM'] ?? 'linux' },
  });
  await shownAll;
  process.stdin.unpipe(terminal);
  process.stdin.pause();
  restore();
  return code;
}

/** Commands from a file or a pipe. */
async function obey(network: Network): Promise<number> {
  const { code, stdout, stderr } = await network.director.run(['bash'], {
    stdin: await text(process.stdin),
    deadlineMs: DAY_MS,
    cwd: '/run/home',
    env: toolEnvironment,
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return code;
}

async function main(lab: Lab): Promise<number> {
  const network = await buildNatNetwork(lab);
  for (const [index, { namespace }] of network.realServers.entries())
    await serveName(namespace, { name: `rs${index + 1}` });
  await installTools(lab, network);
  if (!interactive) return await obey(network);
  const prompt =
    process.env['NO_COLOR'] === undefined ? '\\[\\e[36m\\]director#\\[\\e[0m\\] ' : 'director# ';
  await lab.run(['sh', '-c', 'cat >/run/bashrc'], { stdin: `PS1='${prompt}'\n` });
  process.stdout.write(greeting(network));
  return await interact(lab, network);
}

await withLab(
  {
    onStep: (step) => {
      if (interactive) process.stdout.write(chalk.dim(`${step} ...\n`));
    },
  },
  main,
);
