import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Readers of a pipe that are slow, or go away: there is more to tell than a pipe holds, which is 64 KiB. */

const director = useNamespace();
const GUEST = join(import.meta.dirname, '../agreement/guest.ts');
const OURS = ourCommandLine('ipvsadm');
const SERVICES = 100;
const SERVERS = 25;
const serverRule = (mark: number, server: number) =>
  `-a -f ${mark} -r 10.1.0.${server} -m -w 1000000`;
const DATAGRAMS = 2000;
/** A few datagrams come from the same port. */
const CONNECTIONS = 1600;
const PIPE_BYTES = 65_536;
const BROKEN_PIPE = 141;
const LEAVE_NON_BLOCKING = `${process.execPath} -e 'process.stdout.write(""); process.kill(process.pid, "SIGKILL")'`;

function sh(line: string) {
  return director().run(['bash', '-c', line], { deadlineMs: PATIENCE_MS });
}

beforeAll(async () => {
  const stdin = [
    '-A -u 10.0.0.1:5000 -s rr -o',
    '-a -u 10.0.0.1:5000 -r 10.0.1.9 -m',
    '-A -u 10.0.0.1:5001 -s rr',
    '-a -u 10.0.0.1:5001 -r 10.0.1.9 -m',
    ...Array.from({ length: SERVICES }, (_service, mark) => [
      `-A -f ${mark + 1} -s rr`,
      ...Array.from({ length: SERVERS }, (_server, index) => serverRule(mark + 1, index + 1)),
    ]).flat(),
  ].join('\n');
  expect(await director().ipvsadm(['-R'], { stdin })).toMatchObject({ code: 0, stderr: '' });
  // The entries outlive the tests, however slow the machine is.
  expect(await director().ipvsadm(['--set', '0', '0', '5900'])).toMatchObject({ code: 0 });
  const network = `ip link add eth0 type dummy && ip addr add 10.0.1.1/24 dev eth0 &&
    ip link set eth0 up && ip route add 10.0.0.1 dev eth0`;
  expect((await sh(network)).code).toBe(0);
  const datagram = { host: '10.0.0.1', port: 5001, text: 'hello' };
  await director().callWithin(
    PATIENCE_MS,
    GUEST,
    'send',
    Array(DATAGRAMS).fill(datagram),
    CONNECTIONS,
  );
});

describe.each([
  ['-Ln', {}],
  ['-Sn', { tags: 'long' }],
  ['-Lnc', { tags: 'long' }],
])('ipvsadm %s', (words, rest) => {
  test('ends quietly when its reader goes away', async () => {
    const { stdout, stderr } = await sh(`${OURS} ${words} | head -1; echo "\${PIPESTATUS[0]}"`);
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(1)).toEqual([`${BROKEN_PIPE}`, '']);
  });

  test.each([
    ['', ''],
    // A node that is killed leaves the pipe, which it has used as a stream, so to who comes next.
    [', and a pipe that itself does not', `{ ${LEAVE_NON_BLOCKING}; } 2>/dev/null;`],
  ])('waits for a reader that takes 64 bytes at a time%s', rest, async (_which, before) => {
    const whole = await sh(`${OURS} ${words}`);
    expect([whole.code, whole.stderr]).toEqual([0, '']);
    expect(whole.stdout.length).toBeGreaterThan(PIPE_BYTES);
    const flags = 'grep flags /proc/$BASHPID/fdinfo/1 >&2';
    const read = await sh(
      `set -o pipefail; { ${before} ${flags}; ${OURS} ${words}; } | busybox dd bs=64 2>/dev/null`,
    );
    const mode = before === '' ? '01' : '04001';
    expect(read.stderr.split(/\s/)).toEqual(['flags:', mode, '']);
    expect([read.code, timeless(read.stdout)]).toEqual([0, timeless(whole.stdout)]);
  });
});

test.each(['connections', 'connections -o ndjson'])(
  'ipvs %s ends quietly when its reader goes away',
  async (words) => {
    const ipvs = ourCommandLine('ipvs');
    const { stdout, stderr } = await sh(`${ipvs} ${words} | head -1; echo "\${PIPESTATUS[0]}"`);
    expect(stderr).toBe('');
    expect(stdout.split('\n').slice(1)).toEqual([`${BROKEN_PIPE}`, '']);
  },
);

/** A listing of connections without the time they have left. */
function timeless(listing: string): string {
  return listing.replaceAll(/ \d\d:\d\d /g, ' ');
}
