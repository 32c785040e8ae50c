import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ourCommandLine } from '../../lab/our-commands.js';
import { useNamespace } from '../../support/director.js';
import { PATIENCE_MS } from '../../lab/patience.js';

/** Input that is no rules: an error in words, the table as it was, and no more memory than it takes. */

const director = useNamespace();
const RESTORE = ourCommandLine('ipvsadm-restore');
const RULE = '-A -f 9 -s rr\n';
const USAGE = 2;
/** Of the process, which has 45 when it has read little. */
const MOST_KILOBYTES = 200_000;
/** A million rules are kept before they are carried out. */
const MOST_KILOBYTES_OF_RULES = 700_000;
/** Nothing that could steer a terminal. */
// eslint-disable-next-line no-control-regex -- they are what must not be there
const PRINTABLE = /^[^\0-\x08\x0b-\x1f\x7f-\x9f]*$/;

const rulesLeft = async () => (await director().genuine(['-Sn'])).stdout;

beforeEach(async () => {
  await director().genuine(['-C']);
  expect((await director().genuine(['-R'], { stdin: RULE })).code).toBe(0);
});

/** Busybox takes the kernel's kilobytes for pages, and multiplies them: miscutils/time.c, ptok. */
const KILOBYTES_PER_PAGE = 4;

/** Pipes what a line of shell prints into the program; says also how much memory that took. */
async function feed(line: string) {
  const measured = `busybox time -f %M -o /run/tmp/memory timeout 100 ${RESTORE}`;
  const script = `{ ${line}; } | ${measured}; echo "\${PIPESTATUS[1]}"; tail -n 1 /run/tmp/memory`;
  const { stdout, stderr } = await director().run(['bash', '-c', script], {
    deadlineMs: PATIENCE_MS,
  });
  const [code, reported = NaN] = stdout.split('\n').map(Number);
  return { code, kilobytes: reported / KILOBYTES_PER_PAGE, stderr };
}

describe('input that is no rules is an error, and changes nothing', () => {
  const x = (megabytes: number) => `head -c ${megabytes}000000 /dev/zero | tr '\\0' x`;

  const inputs = [
    ['NULs', `printf -- '-A -f 1\\0\\n\\0\\0\\n'`],
    ['a line of 10 MB', x(10)],
    ['a word of 60 KB', `head -c 60000 /dev/zero | tr '\\0' x | sed 's/^/-A -f /'`],
    ['text that is not UTF-8', `printf -- '-A -f \\xff\\xfe1\\n-A -t \\xc3\\x28:80\\n'`],
    ['control characters', `printf -- '-A -f \\033[2J1\\n-A \\033]0;owned\\007\\n\\233\\n'`],
    ['rules, and noise behind', `{ echo '-A -f 1'; head -c 100000 /dev/urandom; }`],
    ['a program', `cat /sbin/ipvsadm`],
    ['lines without an end', 'yes'],
  ] as const;
  const further = [
    ['NULs without an end', 'head -c 10000000 /dev/zero'],
    ['many lines of 10 MB', `for i in 1 2 3; do ${x(10)}; echo; done`],
    ['noise without an end', 'cat /dev/urandom'],
  ] as const;
  const expectRefused = async (_what: string, line: string) => {
    const { code, kilobytes, stderr } = await feed(line);
    expect(code).toBe(USAGE);
    expect(stderr).toMatch(/^line \d+: /);
    expect(stderr).toMatch(PRINTABLE);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(kilobytes).toBeLessThan(MOST_KILOBYTES);
    expect(await rulesLeft()).toBe(RULE);
  };
  test.each(inputs)('%s', expectRefused);
  test.each(further)('%s', { tags: 'long' }, expectRefused);

  test('rules without an end', { tags: 'long' }, async () => {
    const { code, kilobytes, stderr } = await feed(`yes -- '-A -f 1'`);
    expect(stderr).toBe('line 1000001: more than 1000000 lines\n  -A -f 1\n');
    expect(code).toBe(USAGE);
    expect(kilobytes).toBeLessThan(MOST_KILOBYTES_OF_RULES);
    expect(await rulesLeft()).toBe(RULE);
  });

  test.each([
    ['NULs', 'cat /dev/zero'],
    ['empty lines', `yes ''`],
  ])('%s that never end', { tags: 'long' }, async (_what, line) => {
    const { code, kilobytes, stderr } = await feed(line);
    expect(code).toBe(USAGE);
    expect(stderr).toMatch(/^./);
    expect(stderr).toMatch(PRINTABLE);
    expect(kilobytes).toBeLessThan(MOST_KILOBYTES);
    expect(await rulesLeft()).toBe(RULE);
  });

  test('binary noise of any kind', async () => {
    const noise = fc.uint8Array({ minLength: 1, maxLength: 3000 });
    const lines = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 50 });
    const likeRules = lines.map((all) =>
      Buffer.concat(all.flatMap((words) => [Buffer.from('-A -f '), words, Buffer.from('x\n')])),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, likeRules), async (stdin) => {
        const reported = await director().ipvsadm([], { stdin, program: 'ipvsadm-restore' });
        // Blanks and comments alone are rules: none at all.
        const empty = reported.code === 0;
        expect([reported.code, reported.stdout]).toEqual([empty ? 0 : USAGE, '']);
        expect(reported.stderr).toMatch(PRINTABLE);
        if (empty) await director().ipvsadm(['-R'], { stdin: RULE });
        expect((await director().ipvsadm(['-Sn'])).stdout).toBe(RULE);
      }),
      { numRuns: 150 },
    );
  });
});

describe('rules are read', () => {
  const rules = '-A -f 1 -s rr\n-a -f 1 -r 10.0.0.2:0 -m -w 1\n';

  test.each([
    ['without an end of the last line', `printf %s "$RULES"`],
    ['with the ends of lines of Windows', `printf %s "$RULES" | sed 's/$/\\r/'`],
    ['a byte at a time', `printf %s "$RULES" | busybox dd bs=1 2>/dev/null`],
  ])('%s', async (_how, line) => {
    const { code, stderr } = await feed(`RULES='${rules.trimEnd()}'; ${line}`);
    expect([code, stderr]).toEqual([0, '']);
    expect(await rulesLeft()).toBe(rules);
  });
});
