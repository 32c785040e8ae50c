/** The unit of the agent under a real systemd: it is ready when it says so, and nobody notices when it starts again. */
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { testsExecutable } from '../../lab/our-commands.js';
import { Systemd } from '../../lab/systemd.js';
import { useAgentScene } from '../../support/agent.js';
import { useLab } from '../../support/director.js';
import {
  beginTraffic,
  linesOf,
  livingConfig,
  PATIENCE,
  sh,
  WHOLE,
} from '../../support/living-agent.js';

const scene = useAgentScene(useLab());

const UNIT = 'ipvs-agent.service';
const FILE = '/run/service/agent.yaml';
/** Long beside what a beat takes on a slow machine. */
const WATCHDOG_S = 20;

let systemd: Systemd;
/** All that the unit has said in a test. */
let output = '';

const systemctl = async (...words: string[]) => {
  const { code, stdout, stderr } = await systemd.systemctl(...words);
  expect([words, code, stderr]).toEqual([words, 0, '']);
  return stdout.trim();
};
const property = (name: string) => systemctl('show', '--value', '-p', name, UNIT);
const said = async () => (output += await systemd.said());
const says = (pattern: RegExp) => expect.poll(said, PATIENCE).toMatch(pattern);
const configure = (text: string) =>
  sh(scene().director, `cat >${FILE}.new <<'END'\n${text}END\nmv ${FILE}.new ${FILE}`);

/** The requests that have written to the table since this was asked last. */
const writes = async () => {
  const found = linesOf(await said(), /request \d+ (?:(?:NEW|SET|DEL)_|FLUSH|ZERO)/);
  output = '';
  return found;
};

const isActive = () => expect.poll(() => property('ActiveState'), PATIENCE).toBe('active');

/** Waits for another main process than that one, which has looked at the table and checked. */
async function startedAfter(pid: string): Promise<void> {
  const next = async () => {
    const [state, now] = [await property('ActiveState'), await property('MainPID')];
    return state === 'active' && now !== pid && now !== '0';
  };
  await expect.poll(next, PATIENCE).toBe(true);
  const now = await property('MainPID');
  const looks = async () => linesOf(await said(), RegExp(`^IPVS .* GET_SERVICE`)).length;
  expect(now).not.toBe(pid);
  const before = await looks();
  await expect.poll(looks, PATIENCE).toBeGreaterThan(before + 3);
}

beforeAll(async () => {
  const { director } = scene();
  systemd = await Systemd.start(director, '/run/service/rules');
  const prefix = '/run/service/usr';
  const folder = `${prefix}/lib/systemd/system`;
  // As in the packages of the executable.
  const install = testsExecutable
    ? `mkdir -p ${folder} && sed 's:@ipvs@:/usr/sbin/ipvs:' ${systemd.package}/systemd/${UNIT} >${folder}/${UNIT}`
    : `${process.execPath} ${systemd.package}/bin/ipvs.js install --prefix ${prefix}`;
  await sh(director, `{ ${install}; } >/dev/null`);
  const start = (await sh(director, `sed -n 's/^ExecStart=//p' ${folder}/${UNIT}`)).trim();
  // The lab's root is read-only: the file and the state are elsewhere.
  await systemd.within('mount -t tmpfs none /var/lib');
  await systemd.add(`${folder}/${UNIT}`, [
    'ExecStart=',
    `ExecStart=${start} -f ${FILE}`,
    'Environment=NODE_DEBUG=ipvs',
    `WatchdogSec=${WATCHDOG_S}s`,
  ]);
});

beforeEach(async () => {
  await configure(livingConfig());
  await systemctl('start', UNIT);
  await scene().becomes(...WHOLE);
  await says(/server up web 127\.0\.0\.1:80/);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log((await said()).slice(-3000));
  await systemctl('stop', UNIT);
  await said();
  output = '';
});

test('it is started when the agent says that it is ready, and is ready again after each reload', async () => {
  expect(await property('ActiveState')).toBe('active');
  expect(await property('StatusText')).toBe('checking');
  await writes();
  for (const comment of ['one', 'two', 'three', 'four', 'five']) {
    await configure(`# ${comment}\n${livingConfig()}`);
    await systemctl('reload', UNIT);
    await says(/config loaded: [^]*is read|config loaded/);
    await isActive();
    expect(await writes()).toEqual([]);
  }
  expect(await property('NRestarts')).toBe('0');
});

test('a restart and a kill -9 leave the table as it is: nothing is written, and no request fails', async () => {
  const traffic = await beginTraffic(scene().client);
  await writes();
  const first = await property('MainPID');
  await systemctl('restart', UNIT);
  await startedAfter(first);
  expect(await writes()).toEqual([]);
  const second = await property('MainPID');
  await systemctl('kill', '--signal=KILL', '--kill-who=main', UNIT);
  await startedAfter(second);
  expect(await property('NRestarts')).toBe('1');
  expect(await writes()).toEqual([]);
  await traffic.allAnswered();
});

test('the watchdog starts an agent again that stands still, and no request fails', async () => {
  const traffic = await beginTraffic(scene().client);
  await writes();
  const pid = await property('MainPID');
  await systemctl('kill', '--signal=STOP', '--kill-who=main', UNIT);
  await expect.poll(() => property('NRestarts'), PATIENCE).toBe('1');
  await startedAfter(pid);
  expect(await writes()).toEqual([]);
  await traffic.allAnswered();
});

test('systemd holds it for little exposed', async () => {
  const table = await systemd.within(`systemd-analyze security --no-pager ${UNIT}`);
  const [, exposure = '10'] = /Overall exposure level for \S+: (\d+\.\d)/.exec(table) ?? [];
  expect(Number(exposure)).toBeLessThanOrEqual(2.5);
});
