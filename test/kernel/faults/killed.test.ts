import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ourCommand, ourCommandLine } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** A restore that is interrupted or killed half-way, and then repeated. */

const director = useNamespace();
const file = join(import.meta.dirname, '../fixtures/faults.ts');
const RESTORE = ourCommandLine('ipvsadm-restore');
const RULES = '/run/tmp/killed.rules';
const SERVICES = 500;
const SERVERS = 20;

const service = (place: number) =>
  ({ protocol: 'tcp', address: `10.0.${place >> 8}.${place & 0xff}`, port: 80 }) as const;

/** 10,500 rules, as they are saved. */
const rules = Array.from({ length: SERVICES }, (_, place) => {
  const name = `-t ${service(place).address}:80`;
  const servers = Array.from(
    { length: SERVERS },
    (_server, index) => `-a ${name} -r 10.1.0.${index + 1}:8080 -m -w ${index}`,
  );
  return [`-A ${name} -s wrr`, ...servers];
}).flat();

beforeAll(async () => {
  const stdin = `${rules.join('\n')}\n`;
  expect((await director().run(['sh', '-c', `cat >${RULES}`], { stdin })).code).toBe(0);
});

const moments = fc.sample(fc.noBias(fc.integer({ min: 2, max: SERVICES - 300 })), 2);

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  readonly services: number;
  readonly servers: number;
}

const signalledWhen = async (signal: string, place: number) =>
  (await director().callWithin(
    PATIENCE_MS,
    file,
    'signalledWhen',
    signal,
    ourCommand('ipvsadm-restore'),
    RULES,
    service(place),
  )) as Ended;

async function repeat(): Promise<void> {
  const again = `${RESTORE} <${RULES}`;
  const { code, stderr } = await director().run(['sh', '-c', again], { deadlineMs: PATIENCE_MS });
  expect([code, stderr]).toEqual([0, '']);
  const { stdout } = await director().genuine(['-S', '-n'], { deadlineMs: PATIENCE_MS });
  expect(stdout.split('\n').slice(0, -1)).toEqual(rules);
}

describe('ipvsadm-restore is killed', () => {
  const killedWhen = async (place: number) => {
    const killed = await signalledWhen('SIGKILL', place);
    expect(killed.signal).toBe('SIGKILL');
    expect(killed.services).toBeGreaterThanOrEqual(place);
    expect(killed.services).toBeLessThan(SERVICES);
    await repeat();
  };
  test('when there is 1 service, and repeated', () => killedWhen(1));
  test.each(moments)('when there are %i services, and repeated', { tags: 'long' }, killedWhen);
});

describe('ipvsadm-restore is interrupted', () => {
  const interrupt = async (name: string, expected: number) => {
    const { status, stderr, services, servers } = await signalledWhen(name, 20);
    expect(status).toBe(expected);
    const applied = services + servers;
    expect(applied).toBeLessThan(rules.length);
    expect(stderr).toBe(
      `interrupted: ${applied} of ${rules.length} rules applied, up to line ${applied}\n`,
    );
    await repeat();
  };
  const title = 'by %s: it says how far it came, and can be repeated';
  test.each([['SIGTERM', 143] as const])(title, interrupt);
  test.each([['SIGINT', 130] as const, ['SIGHUP', 129] as const])(
    title,
    { tags: 'long' },
    interrupt,
  );
});

test('ipvsadm-restore shows on a terminal how far long work is, and leaves nothing of it', async () => {
  // Work begins with the first line, so this is work of more than a second.
  const line = `(cat ${RULES}; sleep 1.1) | ${RESTORE}`;
  const typed = ['script', '-qec', line, '/dev/null'];
  const { code, stdout } = await director().run(typed, { deadlineMs: PATIENCE_MS });
  expect(code).toBe(0);
  // eslint-disable-next-line no-control-regex -- what a terminal is sent
  expect(stdout).toMatch(/^(?:\r\d+ (?:lines read|of 10500 rules)\x1b\[K)+\r\x1b\[K$/);
});
