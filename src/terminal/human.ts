/** Numbers as people read them at a glance. */

const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const STEP = 1000;

/** Writes a number: shortened, or with all its digits. */
export type FormatNumber = (value: number | bigint) => string;

/** `0`, `950`, `1.5k`, `12k`, `950M`: four characters at most. Units are powers of 1000. */
export function shortNumber(value: number | bigint): string {
  const [digits, unit] = scaled(Number(value));
  return digits + unit;
}

/** `0B`, `950B`, `1.5kB`, `12MB`: bytes, in units of 1000. */
export function shortBytes(value: number | bigint): string {
  return `${shortNumber(value)}B`;
}

/** All digits of a number; of a fraction, two of those behind the point. */
export function exactDigits(value: number | bigint): string {
  return typeof value === 'bigint' ? value.toString() : String(rounded(value, 100));
}

/** A share of a whole in percent: `33%`, `0.5%`; `<0.1%` is not nothing. Undefined of nothing. */
export function percent(part: number, whole: number): string | undefined {
  if (whole <= 0) return undefined;
  const share = (100 * part) / whole;
  if (share > 0 && share < 0.1) return '<0.1%';
  return `${rounded(share, share < 10 ? 10 : 1)}%`;
}

const AGES = [
  [86_400_000, 'd', 2],
  [3_600_000, 'h', 1],
  [60_000, 'm', 1],
] as const;

/** How long ago something was: `12s`, `59m`, `47h`, `12d`. What is still to come is `0s`. */
export function ageText(milliseconds: number): string {
  for (const [unit, letter, least] of AGES) {
    if (milliseconds >= least * unit) return `${Math.floor(milliseconds / unit)}${letter}`;
  }
  return `${Math.max(0, Math.floor(milliseconds / 1000))}s`;
}

function scaled(value: number): readonly [digits: string, unit: string] {
  let rest = value;
  for (const unit of UNITS) {
    // What is rounded up to 1000 belongs to the next unit: 999.9k is 1M.
    const shown = rest < 10 ? rounded(rest, 10) : Math.round(rest);
    if (shown < STEP || unit === 'E') return [String(shown), unit];
    rest /= STEP;
  }
  return [String(rest), ''];
}

const rounded = (value: number, steps: number): number => Math.round(value * steps) / steps;
