/** `ipvs schema` says what the verbs print of a director with traffic, and what they print is what ipvsadm shows. */
import { beforeAll, expect, test } from 'vitest';
import { outputs } from '../../../src/cli/schema/outputs.js';
import { verbs } from '../../../src/cli/verbs.js';
import { ask, askByDatagram, hold, release } from '../../lab/peers.js';
import { useCluster } from '../../support/cluster.js';
import { useLab } from '../../support/director.js';
import { folderOf, write } from '../../support/programs.js';
import { schemaErrors } from '../../support/schema.js';
import { PATIENCE_MS } from '../../lab/patience.js';

const CLIENT = '192.168.1.101';
const VIP = '192.168.1.200';
const [R1, R2] = ['192.168.1.191', '192.168.1.192'];

const lab = useLab();
const cluster = useCluster(lab, 2);
let tcp = 0;
let udp = 0;
let persistent = 0;

beforeAll(async () => {
  tcp = (await cluster().start('-s wrr', ['-w 3 -x 1', '-w 1'])).port;
  udp = (await cluster().start('-s rr', ['', ''], '-u')).port;
  persistent = (await cluster().start('-s rr -p 600', ['', ''])).port;
  await cluster().balance('-f 7', '-s mh -b mh-port', ['-i', '-g']);
  const { client } = cluster();
  await hold(client, { host: VIP, port: tcp, times: 4 });
  await askByDatagram(client, { host: VIP, port: udp, times: 2 });
  await ask(client, { host: VIP, port: persistent, times: 2 });
});

/** The verb of a command line, which may be of two words. */
function verbOf(line: string): string {
  const names = verbs.map(({ path }) => path.join(' '));
  const name = names.find((one) => line === one || line.startsWith(`${one} `));
  if (name === undefined) throw new Error(`${line}: no such verb`);
  return name;
}

/** What a command prints in a format, each value of which must be what the schema says. */
async function printed(line: string, format: 'json' | 'ndjson', statuses = [0]) {
  const { code, stdout, stderr } = await cluster().director.ipvs([
    ...line.split(' '),
    '-o',
    format,
  ]);
  expect(statuses, `${line}: status ${code}, ${stderr}${stdout}`).toContain(code);
  const texts = format === 'json' ? [stdout] : stdout.split('\n').slice(0, -1);
  const values = texts.map((text) => JSON.parse(text) as unknown);
  const name = outputs[verbOf(line)]?.[format] ?? '';
  for (const value of values) {
    expect({ line, value, errors: schemaErrors(name, value) }).toEqual({ line, value, errors: [] });
  }
  return values;
}

test('the schema describes what is printed by verbs that look', async () => {
  const counts = ['client', 'service', 'server', 'state'].map(
    (what) => `connections --count-by ${what}`,
  );
  const lines = ['list', 'list --no-servers', 'connections', 'connections --count', 'stats'];
  for (const line of [...lines, ...counts, 'stats --interval 0.1 --count 1', `stats mark:7`]) {
    for (const format of ['json', 'ndjson'] as const) {
      expect(await printed(line, format)).not.toEqual([]);
    }
  }
  await printed('export', 'json');
  await printed('doctor --passive', 'json', [0, 1, 2]);
  await printed('doctor --list', 'json');
  await printed(`realserver status --method dr --vip 192.0.2.77`, 'json', [0, 3]);
  await printed(`realserver up --dry-run --method dr --vip 192.0.2.77`, 'json');
});

test('the schema describes what is printed by verbs that change something', async () => {
  const { director } = cluster();
  const file = `${folderOf(director)}/wanted`;
  const rules = `-A -t ${VIP}:9 -s rr\n-a -t ${VIP}:9 -r ${R1}:9 -g -w 2\n`;
  const state = `version: 1
timeouts: {tcpSeconds: 901}
syncDaemons: [{role: master, interface: eth0, syncId: 3}]
services:
  - {service: 'tcp:${VIP}:9', scheduler: wlc, method: dr, servers: ['${R2}:9']}
`;
  await write(director, 'rules', rules);
  await write(director, 'wanted', state);
  await printed(`director status ${folderOf(director)}/rules`, 'json', [0, 3]);
  await printed(`import rules ${folderOf(director)}/rules`, 'json');
  await printed(`diff --prune all -f ${file}`, 'json', [1]);
  await printed(`apply --dry-run -f ${file}`, 'json', [1]);
  await printed(`apply --max-cut 0 --prune all -f ${file}`, 'json', [1]);
  await printed(`apply -f ${file}`, 'json');
  const service = `tcp:${VIP}:9`;
  await printed(`set ${service} persistence=60 scheduler=sh schedulerFlags=sh-port`, 'json');
  await printed(`set ${service} ${R2} method=tun upperThreshold=9`, 'json');
  await printed('add mark:9/ipv6 scheduler=rr', 'json');
  // The kernel has no such scheduler, and says so.
  await printed('set mark:9/ipv6 scheduler=nonesuch', 'json', [3]);
  await printed(`add ${service} ${R1} weight=2 method=dr`, 'json');
  await printed(`drain ${R1} --service ${service} --timeout 1`, 'json');
  await printed(`undrain ${R1}:9`, 'json');
  await printed(`drain ${R1} --service tcp:${VIP}:${tcp} --timeout 0`, 'ndjson', [1]);
  // Either of the two has the client.
  await printed(`drain ${R1}:${persistent} --timeout 0`, 'ndjson', [0, 1]);
  await printed(`undrain ${R1}:${tcp} ${R1}:${persistent}`, 'json');
  await printed(`delete ${service} ${R1}`, 'json');
  await printed(`delete ${service}`, 'json');
  await printed('delete mark:9/ipv6', 'json');
  await director.ipvsadm(['--stop-daemon', 'master']);
});

interface Shown {
  readonly services: readonly (Measured & { service: string; servers: readonly Server[] })[];
}
interface Measured {
  readonly statistics: Readonly<Record<string, number>>;
  readonly rates: Readonly<Record<string, number>>;
}
type Server = Measured & { readonly server: string };

/** The five numbers of each row of ipvsadm, by what the row is about. */
async function ofIpvsadm(options: string): Promise<Record<string, number[]>> {
  const words = ['-Ln', '-t', `${VIP}:${tcp}`, ...options.split(' ')];
  const { stdout } = await cluster().director.genuine(words);
  const rows = stdout.matchAll(/^(?:TCP| {2}->) +(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) *$/gm);
  return Object.fromEntries(
    Array.from(rows, ([, name = '', ...numbers]) => [name, numbers.map(Number)]),
  );
}

async function ofList(key: keyof Measured): Promise<Record<string, number[]>> {
  const [value] = await printed(`list tcp:${VIP}:${tcp}`, 'json');
  const [service] = (value as Shown).services;
  const rows = [
    [`${VIP}:${tcp}`, service],
    ...(service?.servers ?? []).map((one) => [one.server, one]),
  ];
  return Object.fromEntries(
    (rows as [string, Measured][]).map(([name, measured]) => [name, Object.values(measured[key])]),
  );
}

test.each([
  { key: 'statistics', options: '--stats --exact' },
  { key: 'rates', options: '--rate' },
] as const)('$key are those of ipvsadm $options', async ({ key, options }) => {
  await expect
    .poll(
      async () => {
        await ask(cluster().client, { host: VIP, port: tcp, times: 4 });
        const theirs = await ofIpvsadm(options);
        const ours = await ofList(key);
        // The kernel adds up every two seconds: it may have done so between the two.
        const isBusy = Object.values(theirs).some(([connections = 0]) => connections > 0);
        return isBusy && JSON.stringify(ours) === JSON.stringify(theirs)
          ? 'equal'
          : { ours, theirs };
      },
      { timeout: PATIENCE_MS },
    )
    .toBe('equal');
});

/** Connections that pass filters. */
async function found(line: string) {
  const values = await printed(`connections ${line}`, 'ndjson');
  return values as { client: string; service: string; server: string; template?: true }[];
}

test('templates are found by the service they are of: by address, with port 0, by mark', async () => {
  const { client, director } = cluster();
  await director.ipvsadm(['-E', '-f', '7', '-s', 'rr', '-p', '60']);
  await cluster().balance(`-t ${VIP}:0`, '-s rr -p 60', ['', '']);
  const other = cluster().freshPort();
  await ask(client, { host: VIP, port: other });
  const ofAddress = await found(`tcp:${VIP}:${persistent} --templates`);
  expect(ofAddress).toEqual([
    expect.objectContaining({
      client: `${CLIENT}:0`,
      service: `${VIP}:${persistent}`,
      template: true,
    }),
  ]);
  const ofAnyPort = await found(`tcp:${VIP}:0 --templates`);
  expect(ofAnyPort).toEqual([
    expect.objectContaining({ client: `${CLIENT}:0`, service: `${VIP}:0`, template: true }),
  ]);
  const mangle = 'iptables-legacy -t mangle';
  const marking = `${mangle} -A PREROUTING -d ${VIP} -p tcp --dport ${other} -j MARK --set-mark 7`;
  expect(await director.run(marking.split(' '))).toMatchObject({ code: 0, stderr: '' });
  await director.ipvsadm(['-e', '-f', '7', '-r', R1, '-g']);
  await ask(client, { host: VIP, port: other, times: 2 });
  expect(await found('mark:7 --templates')).toEqual([
    expect.objectContaining({ client: `${CLIENT}:0`, service: 'mark:7', template: true }),
  ]);
  await director.run(`${mangle} -F`.split(' '));
  for (const words of [`-D -t ${VIP}:0`, '-D -f 7']) await director.ipvsadm(words.split(' '));
});

test('filters find what ipvsadm lists, and orphans are those of servers that are deleted or quiet', async () => {
  const { client, director } = cluster();
  await release(client, undefined, true);
  const { port } = await cluster().start('-s rr', ['', '']);
  const service = `tcp:${VIP}:${port}`;
  await hold(client, { host: VIP, port, times: 6 });
  const held = `${service} --state ESTABLISHED`;
  expect(await found(held)).toHaveLength(6);
  expect(await found(`${held} --server ${R1}`)).toHaveLength(3);
  expect(await found(`${held} --client ${CLIENT}/32 --protocol tcp --no-templates`)).toHaveLength(
    6,
  );
  expect(await found(`${held} --client 198.51.100.0/24`)).toEqual([]);
  expect(await found(`${held} --expires-within 10`)).toEqual([]);
  expect(await found(`${held} --limit 2`)).toHaveLength(2);
  expect(await printed(`connections ${held} --count`, 'ndjson')).toEqual([
    { type: 'count', count: 6 },
  ]);
  expect(await found(`${held} --orphans`)).toEqual([]);
  await printed(`set ${service} ${R1} weight=0`, 'json');
  const quiet = await found(`${held} --orphans`);
  expect(quiet.map(({ server }) => server)).toEqual(Array(3).fill(`${R1}:${port}`));
  await printed(`delete ${service} ${R2}`, 'json');
  expect(await found(`${held} --orphans`)).toHaveLength(6);
  await director.ipvsadm(['-D', '-t', `${VIP}:${port}`]);
  // Whose they were is not known any more, and the real servers are there for other services.
  expect(await found(held)).toHaveLength(6);
  expect(await found(`${held} --orphans`)).toEqual([]);
});
