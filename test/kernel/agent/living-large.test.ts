/** A file of thousands of servers that is read again while they are checked. */
import { expect, test } from 'vitest';
import { configureAgent, useAgentScene } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import { control, PATIENCE, sh } from '../../support/living-agent.js';

const scene = useAgentScene(useLab());

/** The answer is large, and the guest has one processor. */
const SELDOM = { ...PATIENCE, interval: 2000 };

const [SERVICES, EACH] = [50, 100];
const SERVERS = SERVICES * EACH;

/** Addresses of the loopback, where the director's own web server answers. */
const largeConfig = (firstWeight = 1): string => {
  const lines = [
    'reconcile: 20s',
    'defaults:',
    '  scheduler: rr',
    '  method: dr',
    '  initial: up',
    '  check: {type: tcp, interval: 20s, timeout: 10s, rise: 1, fall: 1}',
    'services:',
  ];
  for (let service = 0; service < SERVICES; service += 1) {
    lines.push(`  - service: tcp:192.0.2.${service + 1}:80`, '    servers:');
    for (let server = 0; server < EACH; server += 1) {
      const weight = service === 0 && server === 0 ? firstWeight : 1;
      lines.push(`      - {server: '127.1.${service}.${server + 1}:80', weight: ${weight}}`);
    }
  }
  return `${lines.join('\n')}\n`;
};

test(
  'a file of 5,000 servers is reloaded: nothing is written but what has changed, and no server pays for the time it takes',
  { tags: 'long', timeout: 3_000_000 },
  async ({ task }) => {
    const { director } = scene();
    await configureAgent(director, largeConfig());
    const agent = await scene().start();
    const count = async (pattern: string) =>
      Number(await sh(director, `grep -cE '${pattern}' ${agent.logFile} || true`));
    const writes = () => count('request [0-9]+ ((NEW|SET|DEL)_|FLUSH)');
    const checked = async () =>
      (await control.status(director)).services
        .flatMap(({ servers }) => servers)
        .filter(({ state, checks }) => state === 'up' && checks[0]?.at !== undefined).length;
    await expect.poll(checked, SELDOM).toBe(SERVERS);
    // A look at the table, whose answers the trace has.
    const looks = () => count('request [0-9]+ GET_SERVICE');
    const looked = async () => {
      const before = await looks();
      await expect.poll(looks, PATIENCE).toBeGreaterThan(before + 1);
    };
    await looked();
    const written = await writes();
    expect(written).toBeGreaterThanOrEqual(SERVICES + SERVERS);

    const times: number[] = [];
    for (const comment of ['one', 'another', 'a third']) {
      await configureAgent(director, `# ${comment}\n${largeConfig()}`);
      const startMs = performance.now();
      expect(await control.reload(director)).toEqual({ configValid: true });
      times.push(performance.now() - startMs);
    }
    await looked();
    expect(await writes()).toBe(written);

    await configureAgent(director, largeConfig(2));
    expect(await control.reload(director)).toEqual({ configValid: true });
    const first = () => sh(director, `ipvsadm -Sn | grep -c -- '-r 127.1.0.1:80 -g -w 2' || true`);
    await expect.poll(first, PATIENCE).toBe('1\n');
    await looked();
    expect(await writes()).toBe(written + 1);

    expect(await count('server down|service down')).toBe(0);
    expect(await checked()).toBe(SERVERS);
    const slowest = Math.max(...times) / 1000;
    task.meta.closingLine = `agent: ${SERVERS} servers, the slowest of ${times.length} reloads took ${slowest.toFixed(1)} s`;
  },
);
