/** A process that cannot find its socket's descriptor has the event loop bring the kernel's answers. */
import { expect, test } from 'vitest';
import { ourCommandLine } from '../lab/our-commands.js';
import { useNamespace } from '../support/director.js';
import { PATIENCE_MS } from '../lab/patience.js';

const director = useNamespace();

test('where there is no /dev/null, the commands change and list a table all the same', async () => {
  const rules = Array.from({ length: 600 }, (_, index) => `-A -f ${index + 1} -s rr\n`).join('');
  const script = `mount -t tmpfs none /dev && ! test -e /dev/null
    ${ourCommandLine('ipvsadm-restore')} && ${ourCommandLine('ipvsadm')} -a -f 7 -r 10.0.0.2 -m
    ${ourCommandLine('ipvsadm')} -a -f 601 -r 10.0.0.2; ${ourCommandLine('ipvsadm')} -S -n`;
  const { stdout, stderr } = await director().run(['unshare', '-m', 'sh', '-c', script], {
    stdin: rules,
    deadlineMs: PATIENCE_MS,
  });
  expect(stderr).toBe('Service not defined\n');
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(601);
  expect(lines.slice(6, 8)).toEqual(['-A -f 7 -s rr', '-a -f 7 -r 10.0.0.2:0 -m -w 1']);
});
