/** What a terminal shows while there is much to do. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Progress } from '../../src/terminal/progress.js';
import { command, silence } from '../support/command.js';
import type { FakeRequest } from '../../src/testing/fake-kernel.js';
import { patternOf, progressTexts } from '../support/messages.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const CLEARED = '\r\u001B[K';
const line = (text: string) => `\r${text}\u001B[K`;

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A terminal, and what was written to it. */
function terminal() {
  const written: string[] = [];
  const open = vi.fn(() => Promise.resolve({ write: (text: string) => void written.push(text) }));
  return { written, open };
}

describe('progress', () => {
  test('is not shown within the first second', async () => {
    const { written, open } = terminal();
    const progress = new Progress(open);
    for (now = 5000; now < 6000; now += 10) await progress.show(() => 'never');
    await progress.clear();
    expect(written).toEqual([]);
    expect(open).not.toHaveBeenCalled();
  });

  test('is shown ten times a second at most, and is gone at the end', async () => {
    const { written, open } = terminal();
    const progress = new Progress(open);
    for (now = 0; now <= 1300; now += 10) await progress.show(() => `at ${now}`);
    await progress.clear();
    expect(written).toEqual([
      line('at 1000'),
      line('at 1100'),
      line('at 1200'),
      line('at 1300'),
      CLEARED,
    ]);
    expect(open).toHaveBeenCalledOnce();
  });

  test('is not put into words when it is not shown', async () => {
    const text = vi.fn(() => 'words');
    const progress = new Progress(terminal().open);
    for (now = 0; now <= 1000; now += 10) await progress.show(text);
    expect(text).toHaveBeenCalledOnce();
  });

  test('is cleared once, and shown again behind that', async () => {
    const { written, open } = terminal();
    const progress = new Progress(open);
    await progress.show(() => 'zero');
    now = 1000;
    await progress.show(() => 'one');
    await progress.clear();
    await progress.clear();
    now = 1100;
    await progress.show(() => 'two');
    expect(written).toEqual([line('one'), CLEARED, line('two')]);
  });

  test('waits for a slow terminal', async () => {
    let arrived = false;
    const write = async () => {
      await Promise.resolve();
      arrived = true;
    };
    const progress = new Progress(() => Promise.resolve({ write }));
    await progress.show(() => 'zero');
    now = 1000;
    await progress.show(() => 'one');
    expect(arrived).toBe(true);
  });

  test('asks once whether there is a terminal', async () => {
    const open = vi.fn(() => Promise.resolve(undefined));
    const progress = new Progress(open);
    for (now = 0; now < 5000; now += 100) await progress.show(() => 'nobody sees it');
    await progress.clear();
    expect(open).toHaveBeenCalledOnce();
  });

  test('without a terminal does nothing', async () => {
    const progress = new Progress(undefined);
    const text = vi.fn(() => 'nobody sees it');
    for (now = 0; now < 5000; now += 100) await progress.show(text);
    await progress.clear();
    expect(text).not.toHaveBeenCalled();
  });
});

/** A kernel that takes 700 ms for the first rule of a batch, and refuses the rule for one mark. */
const slow = (refused?: number) =>
  tableKernel({
    refuse: ({ attributes }: FakeRequest) => {
      const mark = attributes.SERVICE?.FWMARK ?? 0;
      if (mark % 512 === 1) now += 700;
      return mark === refused ? 'ENOMEM' : undefined;
    },
  });
const rules = Array.from({ length: 2000 }, (_, index) => `-A -f ${index + 1}\n`).join('');

describe('a restore', () => {
  test('of which there is much to do says on a terminal how far it is, and clears that', async () => {
    const { written, open } = terminal();
    expect(await command('-R', { kernel: slow(), stdin: rules, terminal: open })).toEqual(silence);
    expect(written).toEqual([line('1024 of 2000 rules'), line('1536 of 2000 rules'), CLEARED]);
  });

  test('says on a terminal how much it has read', async () => {
    const { written, open } = terminal();
    const pieces = function* () {
      for (let piece = 0; piece < 4; piece += 1) {
        yield '# nothing\n'.repeat(10);
        now += 600;
      }
    };
    expect(await command('-R', { stdin: pieces(), terminal: open })).toEqual(silence);
    expect(written).toEqual([line('20 lines read'), line('30 lines read'), CLEARED]);
  });

  test('clears it before it complains', async () => {
    const order: string[] = [];
    const { open } = terminal();
    const sink = { write: (text: string) => void order.push(text) };
    open.mockResolvedValue(sink);
    const { stderr } = await command('-R', { kernel: slow(1030), stdin: rules, terminal: open });
    expect(stderr).toBe('line 1030: Memory allocation problem\n  -A -f 1030\n');
    expect(order).toEqual([
      line('1024 of 2000 rules'),
      CLEARED,
      line('1536 of 2000 rules'),
      CLEARED,
    ]);
  });

  test('shows nothing where no terminal is', async () => {
    const open = vi.fn(() => Promise.resolve(undefined));
    const setting = { kernel: slow(), stdin: rules, terminal: open };
    expect(await command('-R', setting)).toEqual(silence);
    expect(open).toHaveBeenCalledOnce();
    expect(await command('-R', { kernel: slow(), stdin: rules })).toEqual(silence);
  });

  test('that is soon done does not even ask for a terminal', async () => {
    const { open } = terminal();
    expect(await command('-R', { stdin: rules, terminal: open })).toEqual(silence);
    expect(open).not.toHaveBeenCalled();
  });

  test('has a text for each kind of progress', () => {
    const shown = ['20 lines read', '1024 of 2000 rules'];
    const patterns = progressTexts.map((text) => new RegExp(`^${patternOf(text, '\\d+')}$`));
    expect(shown.map((text, index) => patterns[index]?.test(text))).toEqual([true, true]);
  });
});
