/** What the agent shows at an address: metrics, health, traffic, the page; read-only. */
import { expect, test } from 'vitest';
import type { TrafficJson } from '../../../src/agent/control/traffic-shapes.js';
import { PATIENCE_MS } from '../../lab/patience.js';
import { configureAgent, RS1, RS2, useAgentScene, VIP, web } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import { expressions } from '../../support/monitoring.js';
import { folderOf, read, start, stop, write } from '../../support/programs.js';

const scene = useAgentScene(useLab());

const PATIENCE = { timeout: PATIENCE_MS, interval: 500 };
const AT = '127.0.0.1:9786';
const WEB = `tcp:${VIP}:80`;
const CHECK =
  '{type: http, interval: 500ms, fastInterval: 300ms, downInterval: 500ms, timeout: 5s, rise: 1, fall: 2}';

const CONFIG = `reconcile: 1s
services:
  - name: web
    service: ${WEB}
    scheduler: rr
    method: dr
    check: ${CHECK}
    sorryServer: {server: '127.0.0.1:80', method: nat}
    servers: ['${RS1}:80', {server: '${RS2}:80', weight: 3}]
`;

async function get(path: string, ...words: string[]): Promise<readonly [string, string]> {
  const { stdout } = await scene().director.run([
    ...['curl', '-s', '-m', '60', '-w', '\n%{http_code}', ...words],
    `http://${AT}${path}`,
  ]);
  const end = stdout.lastIndexOf('\n');
  return [stdout.slice(end + 1), stdout.slice(0, end)];
}

const metrics = async () => (await get('/metrics'))[1];
const isUp = (server: string) =>
  `ipvs_server_up{service="${WEB}",name="web",server="${server}:80"}`;

test('the agent answers at an address: metrics that promtool passes, health, traffic, the page; and changes nothing', async () => {
  const { director, servers } = scene();
  await configureAgent(director, CONFIG);
  const agent = await scene().start('--listen', AT);
  await expect.poll(metrics, PATIENCE).toContain(`${isUp(RS1)} 1\n`);
  expect((await get('/healthz'))[0]).toBe('200');

  await web.be(servers[0], 'failing');
  await expect.poll(metrics, PATIENCE).toContain(`${isUp(RS1)} 0\n`);
  const labels = `service="${WEB}",name="web"`;
  const server = `${labels},server="${RS1}:80"`;
  // The verdict comes first, and then the table.
  await expect.poll(metrics, PATIENCE).toContain(`ipvs_server_weight{${server}} 0\n`);
  const text = await metrics();
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      `ipvs_server_weight{${server}} 0`,
      `ipvs_server_state{${server},state="down"} 1`,
      `ipvs_server_state{${server},state="up"} 0`,
      `ipvs_server_transitions_total{${server},to="down"} 1`,
      expect.stringMatching(/^ipvs_server_check_failures_total\{.*,reason="status 500, /),
      expect.stringMatching(/^ipvs_server_check_duration_seconds_bucket\{.*,le="\+Inf"\} [1-9]/),
      `ipvs_service_up_servers{${labels}} 1`,
      `ipvs_service_quorum_met{${labels}} 1`,
      `ipvs_service_fail_open{${labels}} 0`,
      `ipvs_service_sorry{${labels}} 0`,
      'ipvs_agent_config_valid 1',
      'ipvs_agent_drift_repairs_total 0',
    ]) as unknown,
  );
  const checked = await director.run(['promtool', 'check', 'metrics'], { stdin: text });
  expect(checked).toEqual({ code: 0, stdout: '', stderr: '' });

  const traffic = async () =>
    JSON.parse((await get(`/v1/traffic?services=${WEB}`))[1]) as TrafficJson;
  await expect
    .poll(async () => (await traffic()).services[0]?.history?.connectionsPerSecond.length, PATIENCE)
    .toBeGreaterThan(0);
  expect((await traffic()).services[0]?.servers?.map((one) => one.weight)).toEqual([0, 3]);

  expect((await get('/'))[1]).toContain('<!doctype html>');
  const before = (await agent.writes()).length;
  for (const words of [
    ['-X', 'POST'],
    ['-X', 'DELETE'],
  ]) {
    expect((await get('/v1/drain', ...words))[0]).toBe('404');
  }
  expect((await get('/v1/status', '-H', 'Host: evil.example'))[0]).toBe('421');
  expect((await get('/v1/status', '-X', 'POST'))[0]).toBe('405');
  expect((await agent.writes()).length).toBe(before);

  await configureAgent(director, 'services: [');
  await expect.poll(metrics, PATIENCE).toContain('ipvs_agent_config_valid 0\n');
});

interface Answer {
  readonly status?: string;
  readonly error?: string;
  readonly data?: { readonly result?: readonly { readonly value: readonly unknown[] }[] };
}

test("Debian's prometheus scrapes the agent, and finds what the dashboard and the alerts ask for", async () => {
  const { director, servers } = scene();
  for (const one of servers) await web.be(one, 'well');
  await configureAgent(director, CONFIG);
  await scene().start('--listen', AT);
  const folder = folderOf(director);
  const config = `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: ipvs
    static_configs: [{targets: ['${AT}']}]
`;
  await write(director, 'prometheus.yml', config);
  const line = `exec prometheus --config.file=prometheus.yml --storage.tsdb.path=${folder}/tsdb --web.listen-address=127.0.0.1:9090`;
  const pid = await start(director, line, 'prometheus.log');
  const ask = async (path: string): Promise<Answer> => {
    const url = `http://127.0.0.1:9090/api/v1/${path}`;
    const { stdout } = await director.run(['curl', '-s', '-m', '60', url]);
    return JSON.parse(stdout || '{}') as Answer;
  };
  const query = async (text: string): Promise<readonly unknown[] | undefined> => {
    const { data } = await ask(`query?query=${encodeURIComponent(text)}`);
    return data?.result?.map(({ value }) => value[1]);
  };
  try {
    await expect.poll(() => query('sum(ipvs_server_up)'), PATIENCE).toEqual(['2']);
    expect(await query(`up{job="ipvs"}`)).toEqual(['1']);
    await web.be(servers[0], 'failing');
    for (const expression of expressions()) {
      const { status, error } = await ask(`query?query=${encodeURIComponent(expression)}`);
      expect([expression, status, error]).toEqual([expression, 'success', undefined]);
    }
    const names = new Set(expressions().flatMap((text) => text.match(/\bipvs_[a-z_]+/g) ?? []));
    for (const name of names) {
      // Those of histograms are with their parts.
      const found = async () => (await query(`count(${name})`))?.length;
      await expect.poll(found, { ...PATIENCE, message: name }).toBe(1);
    }
  } catch (error) {
    console.log((await read(director, 'prometheus.log')).slice(-2000));
    throw error;
  } finally {
    await stop(director, pid);
  }
});
