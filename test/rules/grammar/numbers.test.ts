import { describe, expect, test } from 'vitest';
import {
  readInetAton,
  readInteger,
  readLeadingInteger,
} from '../../../src/rules/grammar/numbers.js';

describe('a whole number', () => {
  test.each([
    ['5', 5],
    [' 5', 5],
    ['\t\n5', 5],
    ['+5', 5],
    ['010', 10],
    ['0', 0],
    ['100', 100],
  ])('%j is %d', (text, value) => {
    expect(readInteger(text, 0, 100)).toBe(value);
  });

  test.each([
    '',
    ' ',
    '5 ',
    '0x10',
    '-1',
    '101',
    '1.5',
    '1e1',
    'five',
    '--5',
    '5\n',
    '99999999999999999999',
  ])('%j is none from 0 to 100', (text) => {
    expect(readInteger(text, 0, 100)).toBeUndefined();
  });
});

describe('the number that a text begins with', () => {
  test.each([
    ['64abc', 64],
    [' 64', 64],
    ['-1', -1],
    ['abc', 0],
    ['', 0],
  ])('of %j is %d', (text, value) => {
    expect(readLeadingInteger(text)).toBe(value);
  });
});

/** What inet_aton(3) of glibc 2.36 makes of them. */
describe('an IPv4 address in any form that inet_aton takes', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['10.1', '10.0.0.1'],
    ['1.2.65535', '1.2.255.255'],
    ['0x0a000001', '10.0.0.1'],
    ['010.1', '8.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['0', '0.0.0.0'],
    ['00', '0.0.0.0'],
    ['1.2.3.4 x', '1.2.3.4'],
    ['0x1\t', '0.0.0.1'],
  ])('%j is %s', (text, address) => {
    expect(readInetAton(text)?.join('.')).toBe(address);
  });

  test.each([
    '',
    ' 1.2.3.4',
    '1.2.3.4x',
    '1.2.3.',
    '1.2.3.256',
    '1.2.65536',
    '4294967296',
    '1.2.3.4.5',
    '08.1',
    '09',
    '0x',
    '0xg',
    '0x.1',
    '1..2',
    '256.1',
    '-1',
  ])('%j is none', (text) => {
    expect(readInetAton(text)).toBeUndefined();
  });
});
