import { describe, expect, test } from 'vitest';
import { commandLines } from '../../../src/rules/grammar/commands.js';
import { commanderProgram, helpText } from '../../../src/ipvsadm/help.js';
import { legality, optionLines } from '../../../src/rules/grammar/options.js';

describe('the tables of commands and options', () => {
  const longs = [...commandLines, ...optionLines].map(({ long }) => long);
  const shorts = [
    ...commandLines.flatMap(({ short, alias }) => [short, alias]),
    ...optionLines.map(({ short }) => short),
  ].filter((letter) => letter !== undefined);

  test('no two have the same name or letter', () => {
    expect(new Set(longs).size).toBe(longs.length);
    expect(new Set(shorts).size).toBe(shorts.length);
  });

  test('a letter is one character, a long name has no equals sign', () => {
    expect(shorts.filter((letter) => !/^[A-Za-z0-9]$/.test(letter))).toEqual([]);
    expect(longs.filter((name) => !/^[a-z][a-z0-9-]+$/.test(name))).toEqual([]);
  });

  test('every one has a sentence of help, without a full stop', () => {
    const helps = [...commandLines, ...optionLines].map(({ help }) => help);
    expect(helps.filter((help) => !/^\S.*[^.\s]$/.test(help))).toEqual([]);
  });

  test('every name of error texts is some option, and legal somewhere', () => {
    const reported = new Set(optionLines.map(({ report }) => report));
    const names = Object.entries(legality);
    expect(names.filter(([name]) => !reported.has(name as keyof typeof legality))).toEqual([]);
    expect(names.filter(([, commands]) => Object.keys(commands).length === 0)).toEqual([]);
  });

  test('an argument has a name, and only then', () => {
    const odd = optionLines.filter(
      ({ value }) => (value.argument === 'none') !== (value.metavar === undefined),
    );
    expect(odd.map(({ long }) => long)).toEqual([]);
  });

  test('a range begins below its end', () => {
    const ranges = optionLines.flatMap(({ value }) =>
      value.range === undefined ? [] : [value.range],
    );
    expect(ranges.filter(([lowest, highest]) => lowest >= highest)).toEqual([]);
    expect(ranges.length).toBeGreaterThan(5);
  });
});

describe('help', () => {
  test('names every command and option', () => {
    const text = helpText();
    const missing = [...commandLines, ...optionLines].filter(
      ({ long }) => !text.includes(`--${long}`),
    );
    expect(missing.map(({ long }) => long)).toEqual([]);
  });

  test('fits 80 columns and has examples', () => {
    const lines = helpText().split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toContain('Examples:');
  });

  test('comes from a commander program with all options', () => {
    // The second letter of a command is an option of its own there.
    const aliases = commandLines.filter(({ alias }) => alias !== undefined).length;
    expect(commanderProgram().options).toHaveLength(
      commandLines.length + optionLines.length + aliases,
    );
  });
});
