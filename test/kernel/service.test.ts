import { beforeAll, describe, expect, test } from 'vitest';
import { ourCommandLine, testsExecutable } from '../lab/our-commands.js';
import { Systemd } from '../lab/systemd.js';
import { buildNatNetwork, countAnswers, serveName } from '../lab/network.js';
import { useLab, useNamespace } from '../support/director.js';

/** The rules as a service of the system: on a real kernel, under a real systemd, with real traffic. */

const lab = useLab();
const director = useNamespace();
const IPVS = ourCommandLine('ipvs');
const RULES = '-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1\n';

/** A line of shell on the director. */
const sh = (line: string) => director().run(['bash', '-c', line]);
const rules = async () => (await director().genuine(['-Sn'])).stdout;

describe('ipvs.service', () => {
  let systemd: Systemd;
  const file = '/run/service/rules';
  const write = async (text: string) => {
    expect((await sh(`printf %s '${text}' >${file}`)).code).toBe(0);
  };

  beforeAll(async () => {
    systemd = await Systemd.start(director(), file);
    const prefix = '/run/service/usr';
    const folder = `${prefix}/lib/systemd/system`;
    // As in the packages of the executable.
    const install = testsExecutable
      ? `mkdir -p ${folder} && sed 's:@ipvs@:/usr/sbin/ipvs:' ${systemd.package}/systemd/ipvs.service >${folder}/ipvs.service`
      : `${process.execPath} ${systemd.package}/bin/ipvs.js install --prefix ${prefix}`;
    expect(await sh(install)).toMatchObject({ code: 0, stderr: '' });
    // It tells what it is allowed to do, from within.
    const tell = 'ExecStartPre=/bin/grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status';
    await systemd.add(`${folder}/ipvs.service`, [tell]);
  });

  test('restores the rules at its start, in its sandbox', async () => {
    await write(RULES);
    expect(await systemd.systemctl('start', 'ipvs')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await rules()).toBe(RULES);
    const CAP_NET_ADMIN = (1 << 12).toString(16).padStart(16, '0');
    expect(await systemd.said()).toBe(
      `CapBnd:\t${CAP_NET_ADMIN}\nNoNewPrivs:\t1\nSeccomp:\t2\n` +
        '/etc/ipvsadm.rules: virtual services: 1, real servers: 1, changes: 2\n',
    );
  });

  test('takes over changed rules when it is reloaded', async () => {
    const changed = RULES.replace('-w 1', '-w 5');
    await write(changed);
    expect((await systemd.systemctl('reload', 'ipvs')).code).toBe(0);
    expect(await rules()).toBe(changed);
    expect(await systemd.said()).toContain('changes: 1\n');
  });

  test('keeps the rules that run when those of the file are faulty, and says why', async () => {
    await write('-A -t nonsense\n');
    expect((await systemd.systemctl('reload', 'ipvs')).code).not.toBe(0);
    expect(await systemd.said()).toContain(
      'line 1: illegal virtual server address[:port] specified\n',
    );
    expect(await rules()).toBe(RULES.replace('-w 1', '-w 5'));
  });

  test('warns of a file without rules, and deletes nothing', async () => {
    await write('# nothing yet\n');
    expect((await systemd.systemctl('reload', 'ipvs')).code).toBe(0);
    expect(await systemd.said()).toContain('Warning: /etc/ipvsadm.rules has no virtual services.');
    expect(await rules()).not.toBe('');
  });

  test('clears the table when it is stopped', async () => {
    expect((await systemd.systemctl('stop', 'ipvs')).code).toBe(0);
    expect(await rules()).toBe('');
    expect((await systemd.systemctl('is-active', 'ipvs')).stdout).toBe('inactive\n');
  });

  test('starts what was saved', async () => {
    expect((await director().genuine(['-R'], { stdin: RULES })).code).toBe(0);
    // The file itself is a mount point here, which cannot be replaced.
    const save = `${IPVS} rules save -f ${file}.saved && cat ${file}.saved >${file}`;
    expect(await sh(`${save} && /sbin/ipvsadm -C`)).toMatchObject({ code: 0, stderr: '' });
    expect((await systemd.systemctl('start', 'ipvs')).code).toBe(0);
    expect(await rules()).toBe(RULES);
  });
});

describe('ipvs service', () => {
  test('saves nothing by halves: a full disk leaves the old file', async () => {
    const script = `
      mkdir -p /run/full && mount -t tmpfs -o size=8k none /run/full && cd /run/full
      echo '-A -f 9' >rules && /sbin/ipvsadm -C
      for i in $(seq 500); do echo "-A -f $i"; done | /sbin/ipvsadm -R
      ${IPVS} rules save -f rules
      echo $?; cat rules; ls -A`;
    expect(await sh(script)).toMatchObject({
      stdout: '3\n-A -f 9\nrules\n',
      stderr: 'Cannot write rules, which is as it was: No space left on device\n',
    });
  });

  test('reloads without a gap: no request fails while real servers are changed', async () => {
    await using network = await buildNatNetwork(lab());
    const [first, second] = network.realServers;
    if (first === undefined || second === undefined) throw new Error('two real servers');
    await serveName(first.namespace, { name: 'rs1' });
    await serveName(second.namespace, { name: 'rs2' });
    const service = `-t ${network.virtual.ipv4}:80`;
    const reload = (...lines: string[]) => {
      const stdin = lines.map((line) => `${line.replace('SERVICE', service)}\n`).join('');
      const script = `cat >/run/reload; ${IPVS} rules reload -f /run/reload`;
      return network.director.run(['sh', '-c', script], { stdin });
    };
    const one = `-a SERVICE -r ${first.addresses.ipv4} -m`;
    const other = `-a SERVICE -r ${second.addresses.ipv4} -m`;
    expect(await reload('-A SERVICE -s rr', one)).toMatchObject({ code: 0, stderr: '' });
    const counting = countAnswers(network.client, `http://${network.virtual.ipv4}/`, 150);
    await reload('-A SERVICE -s wrr', one, other);
    await reload('-A SERVICE -s wrr', `${one} -w 5`, other);
    await reload('-A SERVICE -s wlc', one, `${other} -w 5`);
    const answers = await counting;
    expect([...answers.keys()].sort()).toEqual(['rs1', 'rs2']);
  });
});
