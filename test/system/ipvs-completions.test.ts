/** What bash, zsh and fish offer when Tab is typed behind ipvs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checks } from '../../src/doctor/checks.js';
import { bash, fish, Stage, zsh } from './shells.js';
import type { Shell } from './shells.js';

/** The line, what is offered among others, and what is not. */
const lines: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['ipvs ', ['rules', 'doctor', 'install'], ['load', 'up', 'service']],
  ['ipvs ru', ['rules'], ['doctor']],
  ['ipvs rules ', ['load', 'reload', 'clear', 'save'], ['rules', 'doctor', 'start']],
  ['ipvs rules load --f', ['--file'], ['--empty', '--vip']],
  ['ipvs rules save --', ['--file', '--empty'], ['--vip', '--passive']],
  ['ipvs doctor --', ['--vip', '--passive', '--json'], ['--file', '--prefix']],
  ['ipvs doctor --ignore ', checks.map(({ id }) => id), ['--vip', 'service']],
  ['ipvs doctor --passive --ignore forw', ['forwarding-off'], ['service-empty']],
  ['ipvs rules load -f a-r', ['a-rules-file'], ['--file']],
  ['ipvs director ', ['up', 'down', 'status'], ['--vip', 'start']],
  ['ipvs director up a-r', ['a-rules-file'], ['--method']],
  ['ipvs director up --interface ', ['lo'], ['a-rules-file', '--method']],
  ['ipvs realserver up --method ', ['nat', 'dr', 'tun'], ['a-rules-file']],
  ['ipvs ', ['list'], ['complete']],
  ['ipvs list ', ['web', 'tcp:192.0.2.1:80', '10.0.0.2:8080'], ['--stats', 'a-rules-file']],
  ['ipvs list tcp:192.0.2.1:', ['tcp:192.0.2.1:80', 'tcp:192.0.2.1:443'], ['udp:192.0.2.1:53']],
  ['ipvs list web 10', ['10.0.0.2:8080'], ['tcp:192.0.2.1:80']],
  ['ipvs list --server ', ['10.0.0.2:8080'], ['web', 'tcp:192.0.2.1:80']],
  ['ipvs list --sort wei', ['weight'], ['server']],
  ['ipvs set ', ['web', 'tcp:192.0.2.1:80'], ['weight=', '10.0.0.2:8080']],
  ['ipvs set web ', ['10.0.0.2:8080', 'weight=', 'persistence=none'], ['web']],
  ['ipvs set tcp:192.0.2.1:80 10.0.0.2:8080 we', ['weight='], ['10.0.0.2:8080']],
  ['ipvs set web -q 10.0.0.2:8080 scheduler=w', ['scheduler=wrr', 'scheduler=wlc'], ['weight=']],
  ['ipvs drain --timeout 60 ', ['10.0.0.2:8080'], ['web']],
  ['ipvs import ', ['keepalived', 'ldirectord', 'rules'], ['a-rules-file']],
  ['ipvs import rules a-r', ['a-rules-file'], ['rules']],
  ['ipvs apply -f a-r', ['a-rules-file'], ['--prune']],
  ['ipvs apply --prune ', ['none', 'owned', 'all'], ['a-rules-file']],
  ['ipvs doctor --vip ', [], ['a-rules-file', 'service', '--vip']],
];

/** What the command knows of the kernel's table. */
const KNOWN = `case "$*" in
'complete selector') printf '%s\\n' web tcp:192.0.2.1:80 tcp:192.0.2.1:443 udp:192.0.2.1:53 10.0.0.2:8080 ;;
'complete service') printf '%s\\n' web tcp:192.0.2.1:80 ;;
'complete server') echo 10.0.0.2:8080 ;;
*) echo 'not asked for' >&2; exit 2 ;;
esac`;

const shells = { bash, zsh, fish: (stage: Stage) => fish(stage) } as const;

describe.each(Object.keys(shells) as (keyof typeof shells)[])('%s', (name) => {
  let stage: Stage;
  let shell: Shell;
  beforeAll(async () => {
    stage = new Stage(undefined);
    stage.write('work/a-rules-file', '');
    stage.program('ipvs', KNOWN);
    shell = await shells[name](stage);
  });
  afterAll(async () => {
    await shell[Symbol.asyncDispose]();
    stage[Symbol.dispose]();
  });

  test.each(lines)('%j', async (line, some, none) => {
    const { offered } = await shell.complete(line);
    expect(some.filter((word) => !offered.includes(word))).toEqual([]);
    expect(none.filter((word) => offered.includes(word))).toEqual([]);
  });
});
