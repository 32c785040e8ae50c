import { describe, test } from 'vitest';
import { commandLines } from '../../../src/rules/grammar/commands.js';
import { optionLines } from '../../../src/rules/grammar/options.js';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { lines, linesOf } from '../../support/lines.js';
import { samples } from './tables.js';

/** How words become options: libpopt's grammar, as users have it in their fingers. */

const both = useBoth();

describe('the first option', () => {
  test('has to be a command; positionals may stand before it', async () => {
    both.load('-A -t 1.1.1.1:77');
    await both.agree(
      lines(`
        foo
        -
        --
        ''
        =
        -=
        --=
        --=3
        -q
        -n
        -6
        --nosuch
        --list=3
        --list=
        --help=3
        -L=3
        -L=
        -A=
        foo -L
        - -L
        '' -L -n
        -- -L
        foo -- -L
        -list
        -lnX
        -l -n
        -Ln -n
        -nL
        -AL
        -LA
        -Lh
        -LZ
        -L -help
        -L --help
        -L -v
        -L --version
        1 --set 2 3
        1 2 3 --set
        --set=1 2 3
        -A --set 1 2 3
        -L --start-daemon master
        -L --start-daemon
        -L --stop-daemon=master
        -C foo bar
        -C -q foo
        -C ''
        -Z ''
        -S foo
        -R foo
        -D foo -t 1.1.1.1:90
        -A foo -t 1.1.1.1:90
      `),
    );
  });

  test('every command by each of its names, cut short, and with a value it does not take', async () => {
    // Help and version are in words of our own.
    const others = commandLines.filter(({ name }) => name !== 'help' && name !== 'version');
    const names = others.flatMap(({ long, short, alias }) => [
      `--${long.slice(0, -1)}`,
      `--${long}x`,
      `-${long}`,
      ...(short === undefined ? [] : [`-${short}=`, `-${short}q`, `-${short}-`, `--${short}`]),
      ...(alias === undefined ? [] : [`-${alias}=`, `-${alias}q`]),
    ]);
    both.load('');
    await both.agree(linesOf([...names, '--hel', '--versio', '-h=', '-v=', '-h=3', '--version=']));
  });
});

/** An empty list of flags, and what may wait for an option behind it, are deviations, with tests of their own. */
const DEVIATES = /^-Z ?(?:--sched-flags=|-b=|6[3q])$/;

describe('an option', () => {
  testInPart('by its long name: whole, not cut short, with its value', 3, async (every) => {
    const ways = [
      (long: string) => `-Z --${long}=`,
      (long: string) => `-Z --${long}=3 --nosuch`,
      (long: string) => `-Z --${long.slice(0, -1)}`,
      (long: string) => `-Z --${long}`,
      (long: string) => `-Z --${long} --`,
      (long: string) => `-Z -- --${long}`,
    ];
    const cases = pairsOneIn(every, optionLines, ways).map(([{ long }, way]) => way(long));
    both.load('-A -t 1.1.1.1:77');
    await both.agree(linesOf(cases.filter((line) => !DEVIATES.test(line))));
  });

  testInPart('by its letter: alone, in a cluster, with a value in every way', 3, async (every) => {
    const letters = optionLines.flatMap(({ short }) => (short === undefined ? [] : [short]));
    const ways = [
      (letter: string) => `-Z -${letter}`,
      (letter: string) => `-Z -${letter}=`,
      (letter: string) => `-Z${letter}3`,
      (letter: string) => `-Z -${letter}=3`,
      (letter: string) => `-Z -${letter} -`,
      (letter: string) => `-L${letter}n`,
      (letter: string) => `-Z${letter}q`,
      (letter: string) => `-Zn${letter}`,
    ];
    const cases = pairsOneIn(every, letters, ways).map(([letter, way]) => way(letter));
    both.load('-A -t 1.1.1.1:77');
    await both.agree(linesOf(cases.filter((line) => !DEVIATES.test(line))));
  });

  test('that does not exist is quoted with its whole word', async () => {
    both.load('');
    await both.agree(
      lines(`
        -L -q
        -Lqn
        -Lnq
        -L -nq=3
        -L --nosuch
        -L --nosuch=3
        -L --nosuch=
        -L ---
        -L ---list
        -L --=
        -L -=
        -Ln=3
        -Lc=3
        -Ln=
        -L --numeric=
        -L --numeric=3
        -At
        -A -w
        -A --weight
        -A --weight --
        -A -t
        -A -t --
        -A -t -t
        -A -t -t 1.1.1.1:80
        -A -q -t
        -A -tq
      `),
    );
  });

  test('given twice, or with another of its kind', async () => {
    const cases = optionLines.flatMap(({ long, short, value }) => {
      const { metavar } = value;
      const sample = metavar === undefined ? '' : ` ${samples[metavar] ?? '9'}`;
      const again = short === undefined ? `--${long}` : `-${short}`;
      return [`-Z --${long}${sample} ${again}${sample}`, `-Z ${again}${sample} -n --${long}`];
    });
    both.load('-A -t 1.1.1.1:77');
    await both.agree([
      ...linesOf(cases),
      ...lines(`
        -A -t 1.1.1.1:91 -t 1.1.1.1:92
        -A -t 1.1.1.1:91 -f 3
        -A -f 3 -u 1.1.1.1:91
        -a -t 1.1.1.1:77 -r 2.2.2.2 -g -m
        -a -t 1.1.1.1:77 -r 2.2.2.2 -i -i
        -L --sort --sort
        -D -f 1 -6 -6
      `),
    ]);
  });
});
