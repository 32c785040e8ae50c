import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import type { Namespace } from '../../lab/lab.js';
import { useLab } from '../../support/director.js';
import { machineState, settled } from '../../support/machine-state.js';
import { ipvs, ipvsDone, writeRules } from '../../support/setup-lab.js';
import { shell } from '../../support/shell.js';

/** `down` brings back what `up` has found, and nothing of anybody else: on a machine with a past. */

const lab = useLab();
const FILE = '/run/undo-rules';
const RULES = [
  '-A -t 192.0.2.80:80 -s wlc',
  '-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 3',
  '-a -t 192.0.2.80:80 -r 10.0.0.12:80 -m -w 1',
  '-A -t [2001:db8:2::80]:80 -s rr',
  '-a -t [2001:db8:2::80]:80 -r [2001:db8:1::11]:80 -m -w 1',
  '--set 600 0 0',
  '--start-daemon master --mcast-interface eth0 --syncid 7',
];
/** What is there before: odd values, and things of others that have to survive. */
const PAST = `
ip link add eth0 type dummy && ip link add eth1 type dummy
ip link set eth0 up && ip link set eth1 up
ip address add 192.0.2.1/24 dev eth0 && ip address add 10.0.0.1/24 dev eth1
ip address add 2001:db8:2::1/64 dev eth0 && ip address add 2001:db8:1::1/64 dev eth1
ip address add 192.0.2.99/32 dev lo && ip route add 198.51.100.7 dev lo
ip route add default via 192.0.2.254 proto static
ip -6 route add default via fe80::1 dev eth0 proto ra
cd /proc/sys/net
echo 1 >ipv4/conf/eth1/forwarding
echo 1 >ipv4/conf/default/forwarding
echo 1 >ipv6/conf/eth0/forwarding
echo 0 >ipv4/conf/eth0/send_redirects
iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT
ipvsadm -A -t 192.0.2.99:25 -s sh
ipvsadm -a -t 192.0.2.99:25 -r 10.0.0.13 -m
ipvsadm -A -t [2001:db8:2::80]:80 -s wrr
ipvsadm -a -t [2001:db8:2::80]:80 -r [2001:db8:1::99]:80 -m -w 5
`;

let director: Namespace;
beforeAll(async () => {
  director = await lab().namespace('director');
  await shell(director, PAST);
  await settled(director);
  await writeRules(lab(), FILE, RULES);
});
afterAll(() => director.close());

describe('a director with a past', () => {
  let before: Record<string, readonly string[]>;
  beforeAll(async () => {
    before = await machineState(director);
  });

  test('S21: down leaves every address, route, setting, rule and firewall rule as it was', async () => {
    const done = await ipvs(director, 'director', 'up', FILE);
    expect(done).toMatchObject({
      code: 0,
      stderr:
        'Left as it is, because others added it: -a -t [2001:db8:2::80]:80 -r [2001:db8:1::99]:80 -m -w 5\n',
    });
    expect(
      await shell(
        director,
        'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/eth0/accept_ra',
      ),
    ).toBe('1\n2\n');
    expect(await shell(director, 'ipvsadm-save -n')).toBe(
      `-A -t 192.0.2.80:80 -s wlc
-a -t 192.0.2.80:80 -r 10.0.0.11:80 -m -w 3
-a -t 192.0.2.80:80 -r 10.0.0.12:80 -m -w 1
-A -t 192.0.2.99:25 -s sh
-a -t 192.0.2.99:25 -r 10.0.0.13:25 -m -w 1
-A -t [2001:db8:2::80]:80 -s rr
-a -t [2001:db8:2::80]:80 -r [2001:db8:1::11]:80 -m -w 1
-a -t [2001:db8:2::80]:80 -r [2001:db8:1::99]:80 -m -w 5
`,
    );
    expect((await ipvs(director, 'director', 'up', FILE)).stdout).toMatch(
      /^Nothing was changed\.$/m,
    );
    await ipvsDone(director, 'director', 'down');
    expect(await machineState(director)).toEqual(before);
  });

  test('S21: the commands of a dry run, typed into a shell, do what up does', async () => {
    const commands = await ipvsDone(director, 'director', 'up', FILE, '--dry-run');
    expect(await machineState(director)).toEqual(before);
    expect((await ipvs(director, 'director', 'up', FILE)).code).toBe(0);
    const up = await machineState(director);
    const back = await ipvsDone(director, 'director', 'down', '--dry-run');
    await ipvsDone(director, 'director', 'down');
    await shell(director, `PATH=/run/typed:$PATH\n${SYSCTL}\n${commands}`);
    expect(await machineState(director)).toEqual(up);
    await shell(director, `PATH=/run/typed:$PATH\n${SYSCTL}\n${back}`);
    expect(await machineState(director)).toEqual(before);
  });

  test('S21: what somebody has changed since stays, and is reported', async () => {
    expect((await ipvs(director, 'director', 'up', FILE)).code).toBe(0);
    await shell(
      director,
      'ipvsadm -e -t 192.0.2.80:80 -r 10.0.0.11 -m -w 0; ipvsadm -E -t [2001:db8:2::80]:80 -s lc',
    );
    const { code, stderr } = await ipvs(director, 'director', 'down');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Left as it is, because it was changed since: -A -t [2001:db8:2::80]:80 -s lc\n',
    });
    await shell(director, 'ipvsadm -E -t [2001:db8:2::80]:80 -s wrr');
    expect(await machineState(director)).toEqual(before);
  });

  test('S21: another CONFIG brings back what it does not want, and down still knows what was there at first', async () => {
    expect((await ipvs(director, 'director', 'up', FILE)).code).toBe(0);
    const other = '/run/undo-other';
    await writeRules(lab(), other, [
      '-A -t 192.0.2.81:80 -s rr',
      '-a -t 192.0.2.81:80 -r 192.0.2.31 -g',
    ]);
    const { code, stdout } = await ipvs(director, 'director', 'up', other);
    expect(code).toBe(0);
    expect(stdout).toContain('192.0.2.81/32 dev eth0: done\n');
    expect(stdout).toContain('192.0.2.80/32 dev eth0: undone\n');
    const state = await machineState(director);
    expect(state['settings']).toEqual(before['settings']);
    expect(state['links']?.join('')).not.toContain('192.0.2.80"');
    await ipvsDone(director, 'director', 'down');
    expect(await machineState(director)).toEqual(before);
  });

  test('S21: a step that fails undoes those before it', async () => {
    const wrong = '/run/undo-wrong';
    await writeRules(lab(), wrong, [...RULES, '-A -u 192.0.2.82:53 -s nosuch']);
    const { code, stdout, stderr } = await ipvs(director, 'director', 'up', wrong);
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'service -u 192.0.2.82:53, 0 real servers\n' +
        '  ipvsadm -A -u 192.0.2.82:53 -s nosuch: cannot add the service udp:192.0.2.82:53: ' +
        'the kernel has no such scheduler or persistence engine (ENOENT)\n' +
        'Nothing was changed: the steps before it were rolled back.\n',
    });
    expect(await machineState(director)).toEqual(before);
    expect(await ipvsDone(director, 'director', 'down')).toMatch(/^Nothing to do/);
  });

  describe('half-way, when the addresses are to be added', () => {
    test('S20, S21: killed with kill -9: down brings back what it had found', async () => {
      expect(await endHalfWay('KILL')).toBe('137\n');
      expect(await shell(director, 'cat /proc/sys/net/ipv4/ip_forward')).toBe('1\n');
      await ipvsDone(director, 'director', 'down');
      expect(await machineState(director)).toEqual(before);
    });

    test(
      'S20, S21: killed with kill -9: so does another up, and down after it',
      { tags: 'long' },
      async () => {
        expect(await endHalfWay('KILL')).toBe('137\n');
        expect((await ipvs(director, 'director', 'up', FILE)).stdout).toContain(
          '192.0.2.80/32 dev eth0: done',
        );
        await ipvsDone(director, 'director', 'down');
        expect(await machineState(director)).toEqual(before);
      },
    );

    const title = 'S20, S21: asked to end with SIG%s: all is undone, with status %i';
    const expectUndone = async (signal: string, status: number) => {
      expect(await endHalfWay(signal)).toBe(`${status}\n`);
      expect(await machineState(director)).toEqual(before);
    };
    test.each([['TERM', 143] as const])(title, expectUndone);
    test.each([['HUP', 129] as const])(title, { tags: 'long' }, expectUndone);
  });
});

/** The settings are written as sysctl(8) does, which not every machine has. */
const SYSCTL = `mkdir -p /run/typed; command -v sysctl >/dev/null || {
cat >/run/typed/sysctl <<'END'
#!/bin/sh
name=\${2%%=*}; echo "\${2#*=}" >"/proc/sys/$(echo "$name" | tr ./ /.)"
END
chmod +x /run/typed/sysctl; }`;

/** Ends `up` while an `ip` waits that adds an address, and its terminal is gone. @returns its exit status. */
async function endHalfWay(signal: string): Promise<string> {
  const script = `
    real=$(readlink -f /usr/sbin/ip)
    [ -e /run/real-ip ] || cp "$real" /run/real-ip
    rm -f /run/reached; mkfifo /run/reached
    cat >/run/waiting-ip <<'END'
#!/bin/sh
case "$*" in *-force*) ;; *-batch*) echo $$ >/run/reached; exec sleep 60;; esac
exec /run/real-ip "$@"
END
    chmod +x /run/waiting-ip
    mount --bind /run/waiting-ip "$real"
    ${ourCommandLine('ipvs')} director up ${FILE} >/dev/null 2>/dev/full &
    up=$!
    read -r waiting </run/reached
    kill -${signal} $up
    kill -KILL $waiting
    exec 2>/dev/null
    status=0; wait $up || status=$?
    echo $status`;
  return await shell(director, script);
}
