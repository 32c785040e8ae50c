import { describe, test } from 'vitest';
import { useBoth } from '../../support/both.js';
import { pairsOneIn, testInPart } from '../../support/in-part.js';
import { lines, linesOf } from '../../support/lines.js';
import type { Case } from '../../support/lines.js';

/** Where the values of options stand, where words are missing, and which mistake is reported first. */

const both = useBoth();

/** A service of its own for each line: what the line asked for shows in the table. */
function services(texts: readonly string[]): Case[] {
  return linesOf(texts.map((text, index) => text.replaceAll('@', `1.1.1.1:${index + 1}`)));
}

describe('values', () => {
  test('behind an option, attached to it, with an equals sign, in clusters', async () => {
    both.load('');
    await both.agree(
      services([
        '-At @',
        '-At@',
        '-At=@',
        '-At= @',
        '-At==@',
        '-A -t@ -srr',
        '-A -t=@ -s=rr -p=30',
        '-At=@ -s=rr -p30',
        '-A -t @ -s =rr',
        '-A -t @ -s=',
        "-A -t @ -s ''",
        '-A -t @ --scheduler=',
        "-A -t @ --scheduler ''",
        '--add-service --tcp-service=@ --scheduler=rr --persistent=30',
        '--add-service --tcp-service @ --scheduler rr',
        '--add-service --tcp-service= --scheduler rr',
        '--add-service --tcp-serv @',
        '-Ats @ rr',
        '-A -ot @',
        '-A -ou @',
        '-Aou@ -srr',
        '-A -sp rr -t @',
        '-A -ps rr -t @',
        '-Apt @',
        '-Ap30 -t @',
        '-Aotf @ 3',
        '-A -t @ -s -p',
        '-A -t @ -s --',
        '-A -t @ -s -- -p',
        '-A -t @ -s -',
        '-A -t @ -b flag-1 -- -p',
      ]),
    );
  });

  testInPart('the value of -p, which may be missing', 3, async (every) => {
    const forms = [
      '-p 5',
      '-p5',
      '-p=5',
      '-p 05',
      '--persistent 5',
      '--persistent=5',
      '--persistent',
      '--persistent --',
      '--persistent -- 5',
      '--persistent -5',
      '-p',
      '-p -s rr',
      '--persistent -s rr',
      '-p -',
      '-p --',
      '-p -- 5',
      '-p -5',
      '-p=-5',
      '-p-5',
      '-p=',
      '-p= -s rr',
      '--persistent= -s rr',
      '--persistent=',
      "-p ''",
      "--persistent ''",
      '-p x',
      '-p rr',
      '-p 5 6',
      '-p5 6',
      '-p 5 -p 6',
      '-p -p',
      '-ps rr',
      '-ps',
      '-p5s rr',
      '-p=5s',
      '-p==5',
      '-o -p5',
      '-op 5',
      '-op5',
      '-op=5',
      '-op',
      '-op -s rr',
      '-opM 5',
    ];
    const places = [
      (form: string) => `-A -u @ ${form}`,
      (form: string) => `-A ${form} -u @`,
      (form: string) => `-A -u @ -s lc ${form}`,
    ];
    both.load('');
    await both.agree(
      services(pairsOneIn(every, forms, places).map(([form, place]) => place(form))),
    );
  });

  test('behind -- words are no options any more', async () => {
    both.load('-A -t 1.1.1.1:77');
    await both.agree(
      lines(`
        --
        -- --
        -- -Z
        -Z --
        -Z -- --
        -Z -- -
        -Z -- ''
        -Z -- -t 1.1.1.1:77
        -Z -t -- 1.1.1.1:77
        -Z -t 1.1.1.1:77 --
        -Z --tcp-service -- --
        -L -- -n
        -Ln --
        --set -- 1 2 3
        --set 1 -- 2 3
        --set 1 2 3 --
        --set -- -1 2 3
        --set 1 2 -- -3
        --set 1 2 3 -- 4
        -- --set 1 2 3
        --start-daemon -- master
        --stop-daemon master --
        -L -
        - -L
        -L - -
        -L ''
        -L '' ''
        -L foo
        -L foo bar
        -L -n foo --stats
      `),
    );
  });

  test('of --set are positionals', async () => {
    both.load('');
    await both.agree(
      lines(`
        --set
        --set 1
        --set 1 2
        --set 1 2 3 4
        --set 1 2 3 ''
        --set '' 2 3
        --set 1 2 ''
        --set x 2 3 4
        --set 1 x 3
        --set 1 2 x
        --set -1 2 3
        --set 1 -2 3
        --set 0 0 0
        --set 0 7 0
        --set +5 010 8
        1 --set 2 3
        --set 1 -n 2 3
        --set -n 1 2 3
        --set 1 2 -q
        --set 1 2 --syncid 4
      `),
    );
  });
});

test('what is complained of first', async () => {
  both.load('-A -t 1.1.1.1:77');
  await both.agree(
    lines(`
      -L -w x -q
      -L -q -w x
      -L -w 1 -q
      -L -w 1 foo
      -L foo -w 1
      -L foo -w x
      -A -b foo -w 1
      -A -b foo bar
      -D -t 1.1.1.1:77 -b foo
      -D -b foo
      -A -t 1.1.1.1 -o -w 1
      -A -t 1.1.1.1 -o
      -A -t 1.1.1.1 -b sh-port
      -a -t 1.1.1.1:77 -r [::1]:80 --tun-csum
      -a -t 1.1.1.1:77 -r 2.2.2.2 -w 1 -s rr
      -a -t 1.1.1.1:77 -s rr
      -a -s rr
      -a -w 1 -x 2 -y 3
      -E -g -w 1
      -L --timeout -c -w 1
      -L --timeout --daemon --stats
      -L -t 1.1.1.1:77 --timeout --stats
      --set 1 2
      --set 1 2 -w 1
      --set 1 2 x -w 1
      --set 1 2 3 4 -w 1
      --set 1 2 3 -w x
      --set 1 2 3 -w 1
      --set 1 2 3 -b foo
      --start-daemon foo -q
      --start-daemon foo --syncid x
      --start-daemon master --syncid x --mcast-ttl x
      --start-daemon master -w 1 bar
      --stop-daemon foo bar
      -L -6
      -L -6 foo
      -L -6 -w 1
      -Z -6
      --set 1 2 -6
      --set -6 1 2 3 4
      -C -6
      -A -t 1.1.1.1:1 -6
      -A -t 1.1.1.1:1 -6 -b foo
      -A -t 1.1.1.1:1 -6 -w 1
      -A -t 1.1.1.1:1 -f 1 -6
    `),
  );
});
