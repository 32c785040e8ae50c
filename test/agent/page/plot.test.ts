import { describe, expect, test } from 'vitest';
import {
  highestOf,
  plotOf,
  plotText,
  pointAt,
  thinned,
} from '../../../src/agent/page/model/plot.js';

const SIZE = { width: 90, height: 12, points: 4 };

describe('a plot', () => {
  test('ends at the right, and its highest value is at the top', () => {
    expect(plotOf([0, 5, 10, 5], SIZE)).toEqual({
      line: 'M0 11L30 6L60 1L90 6',
      area: 'M0 11L30 6L60 1L90 6V12H0Z',
    });
  });

  test('begins further right where less than an hour is known', () => {
    expect(plotOf([5, 10], SIZE).line).toBe('M60 6L90 1');
  });

  test('has a gap where nothing is known, and a dot where one reading stands alone', () => {
    expect(plotOf([5, null, 10, 5], SIZE).line).toBe('M0 6h1M60 1L90 6');
  });

  test('of nothing is nothing, and of zeros a line at the bottom', () => {
    expect(plotOf([], SIZE)).toEqual({ line: '', area: '' });
    expect(plotOf([null, null], SIZE).line).toBe('');
    expect(plotOf([0, 0, 0, 0], SIZE).line).toBe('M0 11L30 11L60 11L90 11');
  });

  test('keeps a peak that is one reading long, however narrow it is', () => {
    const values = Array.from({ length: 360 }, (_, index) => (index === 200 ? 1_000 : 1));
    const { line } = plotOf(values, { width: 30, height: 12, points: 360 });
    expect(line).toMatch(/L[\d.]+ 1L/);
    expect(highestOf(values)).toBe(1_000);
    expect(line.split('L').length).toBeLessThanOrEqual(21);
  });
});

test('of neighbours the greatest is kept, and what is known goes before what is not', () => {
  expect(thinned([1, 2, 3], 3)).toEqual([1, 2, 3]);
  expect(thinned([9, 1, 2, null, 3], 3)).toEqual([9, 2, 3]);
  expect(thinned([null, null, 1, 2], 2)).toEqual([null, 2]);
});

test('in words it is the last, the lowest and the highest value', () => {
  expect(plotText([4, null, 2, 3], String)).toBe('now 3, lowest 2, highest 4');
  expect(plotText([null], String)).toBe('nothing known yet');
});

test('a place on a plot has the reading of then', () => {
  expect(pointAt([1, null, 3], 1, 5)).toEqual({ value: 3, pointsAgo: 0 });
  expect(pointAt([1, null, 3], 0.74, 5)).toEqual({ value: null, pointsAgo: 1 });
  expect(pointAt([1, null, 3], 0.5, 5)).toEqual({ value: 1, pointsAgo: 2 });
  expect(pointAt([1, null, 3], 0.2, 5)).toBeUndefined();
  expect(pointAt([1], 1.5, 5)).toEqual({ value: 1, pointsAgo: 0 });
});
