import { describe, test } from 'vitest';
import { useBoth } from '../../support/both.js';
import { WITHOUT_THRESHOLDS } from './tables.js';

/** Rules on standard input, where they are right: what is wrong is a deviation, with tests of its own. */

const both = useBoth();

const inputs = {
  'prefixes, tabs, CRLF, empty lines, no last newline':
    'ipvsadm -A -t 9.9.9.9:9 -s rr\n-a -t 9.9.9.9:9 -r 1.2.3.4\r\n\n\t -a -t  9.9.9.9:9\t-r 1.2.3.5 ipvsadm -w 3\n  \nipvsadm\n-a -t 9.9.9.9:9 -r 1.2.3.6',
  'a prefix on every line':
    'ipvsadm -A -f 1\nipvsadm ipvsadm -A -f 2\n ipvsadm\t-A -f 3\n-A ipvsadm -f 4',
  'long names and attached values':
    '--add-service --tcp-service=9.9.9.9:9 --scheduler=rr -p30\n-at9.9.9.9:9 -r=1.2.3.4 -m -w=7\n',
  'other commands between them':
    '-A -t 9.9.9.9:9 -s rr\n-L -n -t 9.9.9.9:9\n--set 1 2 3\n-a -t 9.9.9.9:9 -r 1.2.3.4\n-S -n\n-E -t 9.9.9.9:9 -s wlc\n-Ln\n-Z\n-e -t 9.9.9.9:9 -r 1.2.3.4 -w 9\n-Ln --stats\n-L --timeout\n-d -t 9.9.9.9:9 -r 1.2.3.4\n-D -t 9.9.9.9:9\n-A -f 4\n-Ln\n-C\n-A -f 5\n--set 900 120 300',
  nothing: '',
  names: '-A -t localhost:http\n-a -t localhost:http -r localhost:http-alt -m',
  'every kind of service and real server': WITHOUT_THRESHOLDS,
};
/** More of what those above have. */
const further = {
  'CRLF everywhere': '-A -t 9.9.9.9:9 -s rr\r\n-a -t 9.9.9.9:9 -r 1.2.3.4\r\n\r\n-A -f 3\r\n',
  'tabs alone': '\t-A\t-t\t9.9.9.9:9\t\t-s\trr\t\n\t\t\n-a\t-t\t9.9.9.9:9\t-r\t1.2.3.4\t',
  'one line end': '\n',
  'empty lines': '\n\n \n\r\n\t\n',
};

describe('rules that are right', () => {
  const compare = async (_what: string, stdin: string) => {
    both.load('-A -t 1.1.1.1:1');
    const look = { words: ['-Ln'] };
    await both.agree([
      { words: ['-R'], stdin },
      look,
      { words: ['-C'] },
      { words: ['--restore'], stdin },
      { words: [], stdin, program: 'ipvsadm-restore' },
      look,
      { words: ['-x', 'foo'], stdin: `# a comment\n${stdin}`, program: 'ipvsadm-restore' },
    ]);
  };
  test.each(Object.entries(inputs))('%s', compare);
  test.each(Object.entries(further))('%s', { tags: 'long' }, compare);
});

test('rules that were saved, by either program', async () => {
  both.load(WITHOUT_THRESHOLDS);
  const [saved] = await both.agree([{ words: ['-n'], program: 'ipvsadm-save' }]);
  const stdin = saved?.stdout ?? '';
  await both.agree([
    { words: [], stdin, program: 'ipvsadm-restore' },
    { words: ['-Sn'] },
    { words: ['-C'] },
    { words: ['-R'], stdin },
    { words: ['-S'] },
  ]);
});
