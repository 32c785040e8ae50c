import { describe, expect, test } from 'vitest';
import { ourCommandLine } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';
import { initializeText, ROOT_REFUSED } from '../support/messages.js';

/** Who may what, and where: users, capabilities, namespaces. */

const director = useNamespace();
const other = useNamespace('other');
const OURS = ourCommandLine('ipvsadm');
const NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups';

/** What the genuine program says to who is not root. */
const REFUSED = initializeText('EPERM');
const REFUSED_ROOT = `${REFUSED}${ROOT_REFUSED}\n`;

/** A line of shell in the director's namespace. */
function sh(line: string) {
  return director().run(['bash', '-c', line]);
}

describe('who is not root', () => {
  test('gets a message, with the status of the genuine program and no stack trace', async () => {
    for (const line of ['-L', '-Ln', '-C', '-S']) {
      const { code, stdout, stderr } = await sh(`${NOBODY} ${OURS} ${line}`);
      expect([line, code, stdout, stderr]).toEqual([line, 2, '', REFUSED]);
    }
  });

  test('gets the message from a restore of valid rules too', async () => {
    const { code, stderr } = await sh(`echo -A -f 77 | ${NOBODY} ${OURS} -R`);
    expect([code, stderr]).toEqual([2, REFUSED]);
  });

  test('needs no more than CAP_NET_ADMIN', async () => {
    const capable = `${NOBODY} --inh-caps=+net_admin --ambient-caps=+net_admin`;
    expect(await sh(`${capable} ${OURS} -A -f 77 -s rr`)).toEqual(silent(''));
    expect(await sh(`${capable} ${OURS} -Sn`)).toEqual(silent('-A -f 77 -s rr\n'));
    expect(await sh(`${capable} ${OURS} -C`)).toEqual(silent(''));
  });
});

describe('root that the kernel refuses', () => {
  test.each([
    ['without CAP_NET_ADMIN', 'setpriv --bounding-set=-net_admin --inh-caps=-net_admin'],
    ['in a user namespace', 'unshare -r'],
    ['in a user and a network namespace', 'unshare -r -n'],
  ])('%s learns which capability is missing, and changes nothing', async (_where, prefix) => {
    for (const words of ['-Ln', '-A -f 1', '-C', '-R <<<"-A -f 1"']) {
      const { code, stdout, stderr } = await sh(`${prefix} ${OURS} ${words}`);
      expect([words, code, stdout, stderr]).toEqual([words, 2, '', REFUSED_ROOT]);
    }
    expect((await director().genuine(['-Sn'])).stdout).toBe('');
  });

  test('has the help all the same', async () => {
    const { code, stdout, stderr } = await sh(`unshare -r -n ${OURS} -h`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('--add-service');
  });
});

describe('another network namespace', () => {
  const into = (prefix: string) => prefix.replace('%s', other().name);

  const expectItsTable = async (prefix: string) => {
    const run = (words: string) => sh(`${into(prefix)} ${OURS} ${words}`);
    expect(await sh(`${OURS} -A -f 1 -s rr`)).toEqual(silent(''));
    expect(await run('-A -f 2 -s wrr')).toEqual(silent(''));
    expect(await run('-R <<<"-a -f 2 -r 10.0.0.2 -m"')).toEqual(silent(''));
    for (const words of ['-Ln', '-Sn', '-Lnc', '-L --timeout']) {
      const theirs = await other().genuine(words.split(' '));
      expect([words, await run(words)]).toEqual([words, theirs]);
    }
    expect((await director().genuine(['-Sn'])).stdout).toBe('-A -f 1 -s rr\n');
    expect(await run('-C')).toEqual(silent(''));
    expect((await sh(`${OURS} -Sn`)).stdout).toBe('-A -f 1 -s rr\n');
    expect(await sh(`${OURS} -C`)).toEqual(silent(''));
  };
  test.each(['ip netns exec %s'])('%s', expectItsTable);
  test.each(['nsenter --net=/run/netns/%s'])('%s', { tags: 'long' }, expectItsTable);
});

function silent(stdout: string) {
  return { code: 0, stdout, stderr: '' };
}
