import { describe, expect, test } from 'vitest';
import { answeredFor, revertedState } from '../../src/setup/three-way-merge.js';
import { commandLine } from '../../src/setup/command.js';

const keyOf = (line: string): string => line.split('=')[0] ?? '';

describe('taking back what was done', () => {
  test.each([
    ['what is as it was set', ['a'], ['b'], ['b'], ['a'], []],
    ['what is as it was found', ['a'], ['b'], ['a'], ['a'], []],
    ['what was added', [], ['b'], ['b'], [], []],
    ['not what somebody has changed since', ['a'], ['b'], ['c'], ['c'], ['c']],
    ['not what somebody has deleted since', ['a'], ['b'], [], [], ['(no longer there)']],
  ])('takes back %s', (_, original, applied, current, to, left) => {
    expect(revertedState({ original, applied }, current)).toEqual({ to, left });
  });

  test.each([
    [
      'each line that is as it was set',
      ['a=1', 'b=1'],
      ['a=2', 'b=2'],
      ['a=2', 'b=2'],
      ['a=1', 'b=1'],
      [],
    ],
    [
      'the others beside one that was changed',
      ['a=1', 'b=1'],
      ['a=2', 'b=2'],
      ['a=3', 'b=2'],
      ['a=3', 'b=1'],
      ['a=3'],
    ],
    ['what was added, though it was changed', [], ['a=2'], ['a=3'], [], []],
    ['nothing that others have added', ['a=1'], ['a=2'], ['a=2', 'c=9'], ['a=1', 'c=9'], []],
    ['what was deleted', ['a=1', 'b=1'], ['a=1'], ['a=1'], ['a=1', 'b=1'], []],
    ['nothing that somebody has deleted', ['a=1', 'b=1'], ['a=2', 'b=2'], ['a=2'], ['a=1'], []],
  ])('takes back %s', (_, original, applied, current, to, left) => {
    expect(revertedState({ original, applied }, current, keyOf)).toEqual({ to, left });
  });
});

test('what others have added between two ups is not answered for', () => {
  const record = {
    step: { kind: 'service', name: 'x', wanted: ['a=1'] },
    original: ['b=1'],
    applied: ['a=1', 'b=1'],
  } as const;
  expect(answeredFor(record, ['a=1', 'b=1', 'c=1'], keyOf)).toEqual(['a=1', 'b=1']);
});

test('a command is shown as a shell reads it', () => {
  expect(commandLine({ setting: 'net/ipv4/conf/eth0.7/arp_ignore', value: '1' })).toBe(
    'sysctl -w net.ipv4.conf.eth0/7.arp_ignore=1',
  );
  expect(commandLine({ program: 'ip', words: ['link', 'set', 'a$b', 'up'] })).toBe(
    "ip link set 'a$b' up",
  );
});
