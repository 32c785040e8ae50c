import { beforeAll, describe, expect, test } from 'vitest';
import { useNamespace } from '../../support/director.js';

/** Where ours differs from the genuine 1.31 on purpose: lines of the connection table. */

const director = useNamespace();
const SHOW = ['-Lnc', '--persistent-conn'];
const SIGSEGV = 128 + 11;

/** Begins a call, whose id the kernel keeps with the client's template. */
async function invite(callId: string): Promise<void> {
  const datagram = [
    'INVITE sip:bob@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 10.0.1.1',
    `Call-ID: ${callId}`,
    'CSeq: 1 INVITE',
    '\r\n',
  ].join('\r\n');
  const script = 'printf %s "$1" | busybox dd bs=10000 iflag=fullblock >/dev/udp/10.0.0.1/5060';
  const { code } = await director().run(['bash', '-c', script, 'bash', datagram]);
  expect(code).toBe(0);
}

/** The columns of the templates shown, without the time they have left. */
function templates(listing: string): string[] {
  return listing
    .split('\n')
    .filter((line) => line.includes(' 10.0.1.1:0 '))
    .map((line) => line.replace(/ \d\d:\d\d /, ' ').replaceAll(/\s+/g, ' '))
    .sort();
}

const template = (callId: string) =>
  `UDP NONE 10.0.1.1:0 10.0.0.1:5060 10.0.1.9:5060 sip ${callId}`;

describe('deviation 11: connection lines of any length are read whole', () => {
  beforeAll(async () => {
    const script = `ip link add eth0 type dummy && ip addr add 10.0.1.1/24 dev eth0 &&
      ip link set eth0 up && ip route add 10.0.0.1 dev eth0`;
    expect((await director().run(['sh', '-c', script])).code).toBe(0);
    const stdin = '-A -u 10.0.0.1:5060 -s rr -p 600 --pe sip\n-a -u 10.0.0.1:5060 -r 10.0.1.9 -m\n';
    expect((await director().genuine(['-R'], { stdin })).code).toBe(0);
  });

  test('of which the genuine program takes the end for a connection, and then breaks', async () => {
    const long = `first-${'x'.repeat(186)}-end`;
    await invite(long);
    const theirs = await director().genuine(SHOW);
    expect(theirs.code).toBe(0);
    const shown = templates(theirs.stdout);
    expect(shown).toHaveLength(2);
    expect(shown).not.toContain(template(long));
    expect((await director().ipvsadm(SHOW)).code).toBe(0);
    expect(templates((await director().ipvsadm(SHOW)).stdout)).toEqual([template(long)]);

    const longest = `second-${'y'.repeat(244)}-end`;
    await invite(longest);
    expect(await director().genuine(SHOW)).toEqual({ code: SIGSEGV, stdout: '', stderr: '' });
    const mine = await director().ipvsadm(SHOW);
    expect([mine.code, mine.stderr]).toEqual([0, '']);
    expect(templates(mine.stdout)).toEqual([template(long), template(longest)]);
  });
});
