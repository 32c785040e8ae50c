import { expect, test } from 'vitest';
import { LARGE, rulesOf, sizeOf } from '../../bench/rules.js';
import { installOurCommands, ourCommands } from '../lab/our-commands.js';
import { useLab } from '../support/director.js';

/**
 * How long both programs take is printed; what they make of the rules is tested. An emulator translates a program before
 * it runs it, again and again one that compiles itself: of the times, those in the kernel tell most.
 */

/** Only what hangs comes near. */
const DEADLINE_MS = 240_000;

const lab = useLab();

interface Restored {
  /** Seconds: in all, in the program, in the kernel. */
  readonly times: string;
  /** The rules after it, as the genuine program saves them. */
  readonly saved: string;
}

async function restoreWith(program: string, stdin: string): Promise<Restored> {
  await using namespace = await lab().namespace('restore');
  const script = `cat >/run/tmp/rules
    TIMEFORMAT='%1R s, of these %1U s its own, %1S s in the kernel'
    { time ${program} -R </run/tmp/rules; } 2>&1
    /sbin/ipvsadm -Sn`;
  const result = await namespace.run(['bash', '-c', script], { stdin, deadlineMs: DEADLINE_MS });
  const [times = '', ...saved] = result.stdout.split('\n');
  return { times, saved: saved.join('\n') };
}

test(`both programs restore ${sizeOf(LARGE)}`, async () => {
  await installOurCommands(lab());
  const text = rulesOf(LARGE);
  const programs = { genuine: '/sbin/ipvsadm', ours: `${ourCommands}/ipvsadm` };
  for (const [name, program] of Object.entries(programs)) {
    const { times, saved } = await restoreWith(program, text);
    // Not by value: the difference of two such texts would fill screens.
    expect(saved === text).toBe(true);
    process.stdout.write(`ipvsadm -R of ${sizeOf(LARGE)}, ${name}: ${times}\n`);
  }
});
