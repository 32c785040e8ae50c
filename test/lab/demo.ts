/** npm run demo: a load balancer at work, on a real kernel, in some seconds. Every expectation is checked. */
import chalk from 'chalk';
import type { Lab } from './lab.js';
import type { Namespace } from './namespace.js';
import { buildNatNetwork, serveName, type Network } from './network.js';
import { draw, installTools, toolEnvironment } from './tools.js';
import { withLab } from './with-lab.js';
import { PATIENCE_MS } from './patience.js';

const REQUESTS = 40;
const BAR_WIDTH = 40;
/** For a line that sends all requests. */
const LINE_DEADLINE_MS = 300_000;

const failures: string[] = [];

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function title(text: string): void {
  say(`\n${chalk.bold(text)}`);
}

function expect(what: string, isSo: boolean): void {
  if (!isSo) failures.push(what);
  say(isSo ? chalk.green(`ok: ${what}`) : chalk.red(`FAILED: ${what}`));
}

/** Types a line on a machine. */
async function type(machine: Namespace, line: string, quietly = false): Promise<string> {
  const name = machine.name.replace(/-\d+$/, '');
  if (!quietly) say(`${chalk.cyan(`${name}#`)} ${line}`);
  const { code, stdout, stderr } = await machine.run(['sh', '-c', line], {
    env: toolEnvironment,
    deadlineMs: LINE_DEADLINE_MS,
  });
  if (code !== 0) {
    say(stderr.trimEnd());
    expect(`${line} ends with status 0, not ${code}`, false);
  }
  return stdout;
}

/** Types a line, and again in silence while it does not yet show what it is about to. */
async function typeUntil(
  machine: Namespace,
  line: string,
  isThere: (text: string) => boolean,
): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  let text = await type(machine, line);
  while (!isThere(text) && Date.now() < deadline) text = await type(machine, line, true);
  return text;
}

/** Shows a machine's answer, whole or its first lines. */
function show(text: string, limit = Infinity): void {
  const lines = text.replace(/\n$/, '').split('\n');
  say(lines.slice(0, limit).join('\n'));
  if (lines.length > limit) say(chalk.dim(`(and ${lines.length - limit} more like these)`));
}

async function sendRequests(network: Network, requests = REQUESTS): Promise<Map<string, number>> {
  const url = `http://${network.virtual.ipv4}/`;
  const once = `curl -s -m 60 ${url} || echo refused`;
  const text = await type(
    network.client,
    `for i in $(seq ${requests}); do ${once}; done | sort | uniq -c`,
  );
  const counts = new Map<string, number>();
  for (const [, count, name = ''] of text.matchAll(/(\d+) (\S+)/g)) counts.set(name, Number(count));
  for (const [name, count] of counts) {
    const bar = '#'.repeat(Math.round((count / requests) * BAR_WIDTH));
    say(`  ${name.padEnd(8)}${chalk.yellow(bar.padEnd(BAR_WIDTH))} ${count}`);
  }
  return counts;
}

function sameCounts(counts: Map<string, number>, expected: Record<string, number>): boolean {
  const entries = Object.entries(expected);
  return counts.size === entries.length && entries.every(([name, n]) => counts.get(name) === n);
}

async function prepare(lab: Lab): Promise<Network> {
  title('Five machines on one kernel');
  const network = await buildNatNetwork(lab);
  for (const [index, { namespace }] of network.realServers.entries())
    await serveName(namespace, { name: `rs${index + 1}` });
  await installTools(lab, network);
  say(draw(network));
  return network;
}

async function balance(
  network: Network,
  service: string,
  servers: readonly string[],
): Promise<void> {
  const { director } = network;
  title('A virtual service; rs1 is three times as strong as rs2');
  await type(director, `ipvsadm -A -t ${service} -s wrr`);
  await type(director, `ipvsadm -a -t ${service} -r ${servers[0]}:80 -m -w 3`);
  await type(director, `ipvsadm -a -t ${service} -r ${servers[1]}:80 -m -w 1`);
  expect(
    'of 40 requests, rs1 has answered 30 and rs2 10',
    sameCounts(await sendRequests(network), { rs1: 30, rs2: 10 }),
  );
}

async function look(network: Network, service: string): Promise<void> {
  const { director } = network;
  title('What the director knows');
  const listing = await type(director, 'ipvsadm -Ln');
  show(listing);
  expect(
    'the listing has the service and both real servers',
    listing.includes(`TCP  ${service} wrr\n`) && listing.match(/ Masq {4}[31] /g)?.length === 2,
  );
  const connections = await typeUntil(director, 'ipvsadm -Lnc', areClosed);
  show(connections, 6);
  expect('the connections that it remembers are all closed by now', areClosed(connections));
  const pattern = new RegExp(`${service.replaceAll('.', '\\.')} +${REQUESTS} `);
  const counted = (text: string) => pattern.test(text);
  const statistics = await typeUntil(director, 'ipvsadm -Ln --stats', counted);
  show(statistics);
  expect(`the service has counted ${REQUESTS} connections`, counted(statistics));
}

/**
 * Whether there are connections, none of them open. How many depends on the machine: the kernel keeps most of them for
 * 2 minutes, and one that a late packet has reset for 10 s.
 */
function areClosed(listing: string): boolean {
  const rows = listing.split('\n').filter((line) => line.startsWith('TCP '));
  return rows.length > 0 && rows.every((row) => / (?:TIME_WAIT|CLOSE) /.test(row));
}

async function drain(network: Network, service: string, server: string): Promise<void> {
  title('Taking rs1 out of service: weight 0');
  await type(network.director, `ipvsadm -e -t ${service} -r ${server}:80 -m -w 0`);
  expect('rs1 gets nothing new', sameCounts(await sendRequests(network), { rs2: REQUESTS }));
  await type(network.director, `ipvsadm -e -t ${service} -r ${server}:80 -m -w 3`);
}

async function diagnose(network: Network): Promise<void> {
  const { client, director } = network;
  title('Somebody turns forwarding off');
  await type(director, 'sysctl -qw net.ipv4.ip_forward=0');
  const answer = await type(client, `curl -s -m 1 http://${network.virtual.ipv4}/ || echo waits`);
  expect('a client waits in vain', answer === 'waits\n');
  const found = await type(director, 'ipvs doctor || true');
  show(found);
  const mend = 'sysctl -w net.ipv4.ip_forward=1';
  expect('the doctor knows why, and how to fix it', found.includes(`    ${mend}\n`));
  await type(director, mend);
  expect(
    'after that, traffic flows again, 30 to 10',
    sameCounts(await sendRequests(network), { rs1: 30, rs2: 10 }),
  );
}

async function saveAndRestore(network: Network): Promise<void> {
  const { director } = network;
  title('Saving, clearing, restoring');
  await type(director, 'ipvsadm-save -n > /run/ipvsadm.rules');
  const rules = await type(director, 'cat /run/ipvsadm.rules');
  show(rules);
  await type(director, 'ipvsadm -C');
  expect(
    'without rules, nobody answers',
    sameCounts(await sendRequests(network), { refused: REQUESTS }),
  );
  await type(director, 'ipvsadm-restore < /run/ipvsadm.rules');
  expect('the rules are as they were', (await type(director, 'ipvsadm-save -n')) === rules);
  expect(
    'traffic flows again, 30 to 10',
    sameCounts(await sendRequests(network), { rs1: 30, rs2: 10 }),
  );
}

/** Where the agent has its log. */
const LOG = '/run/agent.log';

function agentFile(service: string, servers: readonly string[]): string {
  return `services:
  - name: web
    service: tcp:${service}
    scheduler: wrr
    check: {type: http, interval: 1s, downInterval: 1s}
    sorryServer: 192.168.10.1:8080
    servers:
      - {server: ${servers[0]}:80, weight: 3}
      - {server: ${servers[1]}:80, weight: 1}
`;
}

/** Types `ipvs status` until that many servers are up, and shows it. */
async function statusWith({ director }: Network, up: number): Promise<string> {
  const isThere = (text: string) => (text.match(/ up +\d+[smh] /g)?.length ?? 0) === up;
  // Its status is 1 while something is down.
  const status = await typeUntil(director, 'ipvs status || true', isThere);
  show(status);
  expect(`for the agent, ${up} of 2 real servers are up`, isThere(status));
  return status;
}

async function outlive(
  network: Network,
  service: string,
  servers: readonly string[],
): Promise<void> {
  const { director, realServers } = network;
  const few = 8;
  // Of this machine only: all are processes of one kernel.
  const dies = 'pkill --ns $$ --nslist net busybox';
  const [rs1, rs2] = realServers.map(({ namespace }) => namespace);
  if (rs1 === undefined || rs2 === undefined) throw new Error('there are two real servers');
  title('Real servers die; the agent takes them out, and in again');
  await serveName(director, { name: 'sorry', port: 8080 });
  await type(director, `cat > /run/web.yaml <<END\n${agentFile(service, servers)}END`);
  await type(director, `ipvs agent -f /run/web.yaml > ${LOG} 2>&1 & echo $! > /run/agent.pid`);
  await statusWith(network, 2);
  await type(rs1, dies);
  const one = await statusWith(network, 1);
  expect('and why', one.includes('connection refused'));
  expect('rs2 answers all', sameCounts(await sendRequests(network, few), { rs2: few }));
  await type(rs2, dies);
  await statusWith(network, 0);
  const answers = await sendRequests(network, few);
  expect('the sorry server answers all', sameCounts(answers, { sorry: few }));
  for (const machine of [rs1, rs2]) await type(machine, `busybox httpd -h ${folderOf(machine)}`);
  await statusWith(network, 2);
  expect(
    'traffic flows as before, 3 to 1',
    sameCounts(await sendRequests(network, few), { rs1: 6, rs2: 2 }),
  );
  await type(director, 'kill $(cat /run/agent.pid)');
}

/** Where {@link serveName} has the pages of a machine. */
const folderOf = ({ name }: Namespace): string => `/run/www/${name}-80`;

async function demonstrate(lab: Lab): Promise<number> {
  const network = await prepare(lab);
  const service = `${network.virtual.ipv4}:80`;
  const servers = network.realServers.map(({ addresses }) => addresses.ipv4);
  await balance(network, service, servers);
  await look(network, service);
  await drain(network, service, servers[0] ?? '');
  await saveAndRestore(network);
  await diagnose(network);
  await outlive(network, service, servers);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  say();
  if (failures.length > 0) {
    say(chalk.bold.red(`Not as expected: ${failures.join('; ')}`));
    return 1;
  }
  say(chalk.bold.green(`All went as expected, in ${seconds} s. To try it yourself: npm run lab`));
  return 0;
}

const start = performance.now();
title('Booting a Linux kernel with IPVS, as a process of this machine');
const onStep = (text: string): void => {
  say(chalk.dim(`${((performance.now() - start) / 1000).toFixed(1)} s  ${text}`));
};
await withLab({ onStep }, demonstrate);
