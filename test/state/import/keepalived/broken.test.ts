/** Whatever a file holds, reading it ends, with a state or with what is wrong in which line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StateFileError } from '../../../../src/state/file/desired.js';
import { importKeepalived } from '../../../../src/state/import/keepalived/import-keepalived.js';
import { importOf } from '../../../support/import-files.js';

const VALID = readFileSync(
  join(import.meta.dirname, '../../../kernel/neighbours/keepalived.conf'),
  'utf8',
);

const IN_SERVICE = (line: string) =>
  `virtual_server 192.0.2.1 80 {\nprotocol TCP\n${line}\nreal_server 10.0.0.2 80 {\n}\n}`;

test.each([
  ['virtual_server 192.0.2.1 80 {', '1: virtual_server: its block is not closed; a } is missing'],
  ['}', '1: } closes nothing'],
  ['{', '1: { opens a block, but no keyword stands before it'],
  ['hello world', '1: hello: not a keyword of keepalived'],
  ['virtual_server 192.0.2.1 80', '1: virtual_server: a block, { … }, is missing'],
  ['virtual_server www.example.com 80 {\n}', '1: virtual_server: "www.example.com" is not an IPv4'],
  ['virtual_server 192.0.2.1 http {\n}', '1: virtual_server: "http" is not a whole number'],
  ['virtual_server fwmark 0 {\n}', '1: virtual_server: "0" is not a whole number from 1'],
  ['virtual_server group g {\n}', '1: virtual_server: there is no virtual_server_group "g"'],
  ['virtual_server_group g {\n192.0.2.9-3 80\n}', '2: "192.0.2.9-3" is not a range'],
  ['virtual_server_group g {\n10.0.0.0/8 80\n}', '2: 10.0.0.0/8: more than 65536 addresses'],
  ['virtual_server_group g {\n10.0.0.1/24 80\n}', '2: "10.0.0.1/24" is not a range'],
  [IN_SERVICE('lb_algo best'), '3: lb_algo: "best" is none of rr, wrr'],
  [IN_SERVICE('lb_kind dr'), '3: lb_kind: "dr" is none of NAT, DR, TUN'],
  [IN_SERVICE('lb_kind TUN type gue'), '3: lb_kind: a gue tunnel needs a port'],
  [IN_SERVICE('delay_loop 5s'), '3: delay_loop: "5s" is not a time in seconds'],
  [IN_SERVICE('persistence_timeout 0'), '3: persistence_timeout: "0" is not a whole number'],
  [IN_SERVICE('protocol ICMP'), '3: protocol: "icmp" is none of TCP, UDP, SCTP'],
  [IN_SERVICE('protocol'), '3: protocol: a value is missing'],
  [IN_SERVICE('quorum_up "unclosed'), '3: a quotation mark (") is not closed'],
  [IN_SERVICE('weight 1 {\n}'), '3: weight: it has no block'],
  [`${IN_SERVICE('')}\n${IN_SERVICE('')}`, '7: virtual_server: tcp:192.0.2.1:80 is there already'],
  ['a\0b', '1: a control character'],
])('%j is a fault with its line', async (text, message) => {
  const error = await importOf(importKeepalived, text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StateFileError);
  expect((error as Error).message).toContain(`/etc/a.conf:${message}`);
});

test('all faults are told at once', async () => {
  const text = IN_SERVICE('lb_algo best\nlb_kind worse');
  await expect(importOf(importKeepalived, text)).rejects.toThrow(/:3: .*\n.*:4: /);
});

test('a file that is not there is a fault', async () => {
  const sources = { read: () => Promise.resolve(undefined) };
  const reading = importKeepalived('/none', { ...sources } as never);
  await expect(reading).rejects.toThrow('/none: there is no such file');
});

/** Numbers that look random, the same each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state;
  }
}

const PIECES = [
  ...['{', '}', '"', "'", '\\', '\n', '#', '!', '$A', '$A=', '${A}', '~SEQ(', '~LST(', '@one '],
  ...['include a.conf', '0', '-1', '99999999999', '::', '\u0007', '\u00e9', ' \\\n', '[', '*'],
];

test(
  'text that was damaged anywhere throws nothing but that fault',
  { timeout: 120_000 },
  async () => {
    const random = numbers(7);
    const lines = VALID.split('\n');
    let [good, bad] = [0, 0];
    for (let round = 0; round < 600; round += 1) {
      const damaged = [...lines];
      for (let times = random.next().value % 4; times >= 0; times -= 1) {
        const at = random.next().value % damaged.length;
        const line = damaged[at] ?? '';
        const column = random.next().value % (line.length + 1);
        const piece = PIECES[random.next().value % PIECES.length] ?? '';
        const other = damaged[random.next().value % damaged.length] ?? '';
        const ways = [
          () => (damaged[at] = line.slice(0, column) + piece + line.slice(column)),
          () => (damaged[at] = line.slice(0, column)),
          () => (damaged[at] = other),
          () => damaged.splice(at, 1),
        ];
        ways[random.next().value % ways.length]?.();
      }
      const error = await importOf(importKeepalived, damaged.join('\n')).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) good += 1;
      else bad += 1;
      if (error !== undefined) expect(error).toBeInstanceOf(StateFileError);
    }
    expect(good).toBeGreaterThan(50);
    expect(bad).toBeGreaterThan(50);
  },
);
