import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apply } from '../../lab/cluster.js';
import { buildNatNetwork, type Network } from '../../lab/network.js';
import { ask, serve } from '../../lab/peers.js';
import { useLab } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Metrics beside those of the programs whose names they can have. */

const EXPORTER = '/usr/bin/prometheus-node-exporter';
const PROMTOOL = '/usr/bin/promtool';
const VIP = '172.16.100.1';

const RULES = [
  `-A -t ${VIP}:80 -s rr -p 60`,
  `-a -t ${VIP}:80 -r 192.168.10.11 -m -w 3`,
  `-a -t ${VIP}:80 -r 192.168.10.12 -m -w 1234567`,
  `-A -t ${VIP}:443 -s wlc`,
  `-a -t ${VIP}:443 -r 192.168.10.11:443 -m -w 0`,
  `-A -u ${VIP}:53 -s rr`,
  `-a -u ${VIP}:53 -r 192.168.10.11 -m -w 1000000`,
  '-A -t [2001:db8::1]:80 -s rr',
  '-a -t [2001:db8::1]:80 -r [2001:db8:0:0:1:0:0:2]:8080 -m -w 100000',
  '-a -t [2001:db8::1]:80 -r [::10.0.0.9]:8080 -m -w 999999',
  '-A -f 7 -s rr',
  '-a -f 7 -r 192.168.10.11 -m -w 2',
  '-A -f 4026531840 -s rr',
  '-a -f 4026531840 -r 192.168.10.12:8080 -m -w 5',
  '-A -f 7 -6 -s rr',
  '-a -f 7 -6 -r 2001:db8::2 -m -w 4',
  '-A -f 8 -s rr',
];

const lab = useLab();
let network: Network;

beforeAll(async () => {
  network = await buildNatNetwork(lab());
  await Promise.all(
    network.realServers.map(({ namespace }, index) =>
      serve(namespace, { name: `rs${index + 1}`, tcp: [80] }),
    ),
  );
  await apply(network.director, ...RULES);
  await ask(network.client, { host: VIP, port: 80, times: 3 });
});
afterAll(() => network.close());

async function metrics(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await network.director.ipvs(['metrics', ...words]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

const isOf = (prefix: string) => (line: string) => line.replace(/^# \w+ /, '').startsWith(prefix);
const linesOf = (text: string, prefix: string) => text.split('\n').filter(isOf(prefix)).join('\n');

/** What the genuine exporter prints of IPVS, in this namespace. */
async function exported(...words: string[]): Promise<string> {
  const options = ['--collector.disable-defaults', '--collector.ipvs', ...words].join(' ');
  const script = `ip link set lo up
    ${EXPORTER} ${options} --web.listen-address=127.0.0.1:9100 2>/dev/null & exporter=$!
    curl -sS --retry 100 --retry-connrefused --retry-delay 1 http://127.0.0.1:9100/metrics
    kill $exporter`;
  const { stdout } = await network.director.run(['sh', '-c', script]);
  return linesOf(stdout, 'node_ipvs_');
}

const needsExporter = test.skipIf(!existsSync(EXPORTER));

needsExporter('node_exporter prints the same, to the byte', async () => {
  // Counters are added up every two seconds: the whole comparison is made again when they were between the two.
  await expect
    .poll(
      async () => {
        const theirs = await exported();
        const ours = linesOf(await metrics('--compat', 'node_exporter'), 'node_ipvs_');
        expect(theirs).toContain('1.234567e+06');
        expect(theirs).not.toContain('node_ipvs_connections_total 0');
        return ours === theirs ? 'equal' : { ours, theirs };
      },
      { timeout: PATIENCE_MS },
    )
    .toBe('equal');
});

needsExporter('node_exporter shortens labels alike', async () => {
  const theirs = await exported('--collector.ipvs.backend-labels=remote_address,proto');
  const ours = await metrics('--compat', 'node_exporter', '--labels', 'remote_address,proto');
  expect(linesOf(ours, 'node_ipvs_backend_')).toBe(linesOf(theirs, 'node_ipvs_backend_'));
});

test
  .skipIf(!existsSync(PROMTOOL))
  .each([
    { words: [] },
    { words: ['--labels', 'service'] },
    { words: ['--compat', 'node_exporter,keepalived'] },
  ])('promtool finds no fault with ipvs metrics $words', async ({ words }) => {
  const stdin = await metrics(...words);
  expect(stdin).toContain('# TYPE ipvs_server_weight gauge\n');
  const { code, stdout, stderr } = await lab().run([PROMTOOL, 'check', 'metrics'], { stdin });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('counters are those of the table', async () => {
  await expect
    .poll(() => metrics(), { timeout: PATIENCE_MS })
    .toContain(`ipvs_service_connections_total{service="tcp:${VIP}:80"} 3\n`);
});
