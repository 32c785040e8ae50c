import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importRules } from '../../../src/state/import/rules.js';
import { StateFileError } from '../../../src/state/file/desired.js';
import { rulesOf } from '../../../src/state/rule-text.js';
import { arbitraryTable, rulesOf as rulesOfTable } from '../../support/arbitrary-table.js';
import { importSources } from '../../support/import-sources.js';

const imported = (text: string) => importRules('r', importSources({ r: text }));

async function problems(text: string): Promise<readonly string[]> {
  const error: unknown = await imported(text).catch((reason: unknown) => reason);
  return error instanceof StateFileError ? error.message.split('\n') : [];
}

test('rules are a state: services, real servers, timeouts, daemons', async () => {
  const { state, notes } = await imported(`# saved
-A -t 192.0.2.1:http -s wrr -p 600
-a -t 192.0.2.1:80 -r one.example.com:8080 -m -w 3
ipvsadm -A -f 7 -6 -s wlc

--set 900 0 300
--start-daemon master --mcast-interface eth1 --syncid 2
--start-daemon backup --mcast-interface eth1
`);
  expect(state.services.flatMap(rulesOf)).toEqual([
    '-A -t 192.0.2.1:80 -s wrr -p 600',
    '-a -t 192.0.2.1:80 -r 192.0.2.10:8080 -m -w 3',
    '-A -f 7 -6 -s wlc',
  ]);
  expect(state.timeouts).toEqual({ tcpSeconds: 900, udpSeconds: 300 });
  expect(state.syncDaemons).toMatchObject([
    { state: 'master', interface: 'eth1', syncId: 2 },
    { state: 'backup', interface: 'eth1' },
  ]);
  expect(state.services[0]).toMatchObject({ name: undefined, health: {} });
  expect(notes).toEqual([]);
});

test('rules are carried out in order: -C, -E, -e, -D and -d count', async () => {
  const { state } = await imported(
    ['-A -f 1', '-C', '-A -f 2', '-E -f 2 -s rr', '-a -f 2 -r 10.0.0.2', '-a -f 2 -r 10.0.0.3']
      .concat('-e -f 2 -r 10.0.0.2 -w 7', '-d -f 2 -r 10.0.0.3', '-A -f 3', '-D -f 3')
      .join('\n'),
  );
  expect(state.services.flatMap(rulesOf)).toEqual([
    '-A -f 2 -s rr',
    '-a -f 2 -r 10.0.0.2:0 -g -w 7',
  ]);
});

test('timeouts and daemons that no rule names stay as they are; a stop means none', async () => {
  const { state } = await imported('-A -f 1\n');
  expect([state.timeouts, state.syncDaemons]).toEqual([undefined, undefined]);
  const stopped = await imported(
    '--start-daemon master\n--stop-daemon master\n--stop-daemon backup',
  );
  expect(stopped.state.syncDaemons).toEqual([]);
});

test('rules that change no table are told of', async () => {
  const { notes } = await imported('-A -f 1\n-Z\n-L -n');
  expect(notes).toEqual([
    {
      file: 'r',
      line: 2,
      kind: 'info',
      message: '-Z leaves the table as it is: nothing is imported of it',
    },
    {
      file: 'r',
      line: 3,
      kind: 'info',
      message: '-L -n leaves the table as it is: nothing is imported of it',
    },
  ]);
});

test('faults and contradictions are all refused, with their lines in order', async () => {
  const text =
    '-A -f 1\n-A -f 1\n-a -f 9 -r 10.0.0.2\nnonsense\n--start-daemon master\n--start-daemon master';
  const said = await problems(text);
  expect(said.map((one) => one.slice(0, 4))).toEqual(['r:2:', 'r:3:', 'r:4:', 'r:6:']);
  expect(said[0]).toMatch(/ -A -f 1$/);
  expect(said[2]).toBe('r:4: not a rule: a line begins with a command such as -A or -a: nonsense');
  expect(said[3]).toMatch('r:6: a master daemon is started above already: --start-daemon master');
});

test('hosts and ports that nobody knows are refused', async () => {
  expect(await problems('-A -t nobody:80\n-A -t 192.0.2.1:nothing')).toHaveLength(2);
});

test('a file that is not there is refused', async () => {
  await expect(importRules('gone', importSources({}))).rejects.toThrow('gone: no such file');
});

test('the rules of any table come to that table', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTable, async (table) => {
      const { state } = await imported(rulesOfTable(table).join('\n'));
      expect(state.services.flatMap(rulesOf)).toEqual(rulesOfTable(table));
    }),
    { numRuns: 200 },
  );
});

test('whatever stands in the file, it is imported or refused', async () => {
  const word = fc.constantFrom(
    '-A',
    '-a',
    '-t',
    '-f',
    '-r',
    '192.0.2.1:80',
    '7',
    '--set',
    '-w',
    '-C',
  );
  const line = fc
    .array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 5 })))
    .map((words) => words.join(' '));
  await fc.assert(
    fc.asyncProperty(fc.array(line), async (lines) => {
      await problems(lines.join('\n'));
    }),
    { numRuns: 500 },
  );
});
