import { beforeAll, describe, expect, test } from 'vitest';
import { systemErrorText } from '../../../src/common/system-errors.js';
import { useBoth } from '../../support/both.js';
import { sharedMessages, textOf, wordsOf } from '../../support/messages.js';

/** Every text on standard error is the genuine program's, unless it says otherwise on purpose. */

const both = useBoth();

beforeAll(async () => {
  await both.prepare(
    'ip link add eth0 type dummy; ip addr add 192.0.2.9/24 dev eth0; ip link set eth0 up',
  );
});

describe('the genuine program says the same, with the same status', () => {
  const tables = [...new Set(sharedMessages.map(({ table = '' }) => table))];

  test.each(tables)('on the table %j', async (table) => {
    const wanted = sharedMessages.filter((one) => (one.table ?? '') === table && !one.deviates);
    both.load(table);
    const results = await both.agree(wanted.map((message) => ({ words: wordsOf(message) })));
    expect(results).toEqual(
      wanted.map((message) => ({
        code: message.status,
        stdout: '',
        stderr: `${textOf(message)}\n`,
      })),
    );
    if (table.includes('daemon')) await both.agree([{ words: ['--stop-daemon', 'master'] }]);
  });
});

test('what errors of the system are called is what the C library calls them', async () => {
  const script = 'for (1..140, 4095) { $! = $_; print "$!\\n" }';
  const { stdout } = await both.ours().run(['perl', '-e', script], { env: { LC_ALL: 'C' } });
  const numbers = [...Array.from({ length: 140 }, (_, index) => index + 1), 4095];
  expect(numbers.map((errno) => `${systemErrorText(errno)}\n`).join('')).toBe(stdout);
});
