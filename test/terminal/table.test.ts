import { expect, test } from 'vitest';
import { tableText } from '../../src/terminal/table.js';

const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' }, { title: 'REST' }] as const;
const RED = '\u001B[31mred\u001B[39m';

test('columns are as wide as their widest cell, and lines have no blanks at their ends', async () => {
  const rows = [
    ['a', '1', ''],
    ['longer than its title', '12345678', 'x'],
  ];
  expect(await tableText(columns, rows)).toBe(
    'NAME                      COUNT  REST\n' +
      'a                             1\n' +
      'longer than its title  12345678  x\n',
  );
});

test('colours have no width', async () => {
  const rows = [
    [RED, '1', RED],
    ['ab', RED, ''],
  ];
  expect((await tableText(columns, rows)).replaceAll(RED, 'red')).toBe(
    'NAME  COUNT  REST\nred       1  red\nab      red\n',
  );
});

test('wide characters take two places, and the other columns are as without them', async () => {
  const rows = [
    ['服务', '1', RED],
    ['abcd', '22', 'x'],
  ];
  expect((await tableText(columns, rows)).replaceAll(RED, 'red')).toBe(
    'NAME  COUNT  REST\n服务      1  red\nabcd     22  x\n',
  );
});

test('without rows there are the titles', async () => {
  expect(await tableText(columns, [])).toBe('NAME  COUNT  REST\n');
});

test('ten thousands of rows take no longer than a reader waits', async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => [`row ${index}`, `${index}`, RED]);
  const before = process.cpuUsage();
  await tableText(columns, rows);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
});
