import { describe, expect, test } from 'vitest';
import { ourCommand } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { initializeText, ROOT_REFUSED } from '../../support/messages.js';

/** Where ours differs from the genuine 1.31 on purpose: the message for root when the kernel refuses it. */

const director = useNamespace();
const REFUSED = initializeText('EPERM');

describe('deviation 13: root that the kernel refuses learns which capability is missing', () => {
  test('in a third line, which the genuine program has not', async () => {
    const contained = ['unshare', '-r', '-n'];
    const theirs = await director().run([...contained, '/sbin/ipvsadm', '-Ln']);
    // It tries to load the module, which the lab has elsewhere.
    const said = theirs.stderr.replaceAll(/^modprobe: .*\n/gm, '');
    expect([theirs.code, theirs.stdout, said]).toEqual([2, '', REFUSED]);
    const mine = await director().run([...contained, ...ourCommand('ipvsadm'), '-Ln']);
    expect(mine).toEqual({ code: 2, stdout: '', stderr: `${said}${ROOT_REFUSED}\n` });
  });
});
