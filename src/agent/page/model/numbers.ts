/** Numbers as people read them: as many digits as tell something, always the same for the same number. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
// Always one digit behind the point, so that points stand below each other.
const tenths = new Intl.NumberFormat('en', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

export function countText(count: number): string {
  return whole.format(count);
}

/** A number per second, without its unit: 0, 0.3, 12.0, 1,234. */
export function rateText(rate: number): string {
  return rate < 0.05 || rate >= 99.95 ? whole.format(rate) : tenths.format(rate);
}

const UNITS = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'];

/** 812 B/s, 1.2 kB/s, 140 MB/s: units of 1,000. */
export function bytesText(bytesPerSecond: number): string {
  let value = bytesPerSecond;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? whole : tenths;
  return `${digits.format(value)} ${UNITS[unit] ?? ''}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something is so: 12 s, 5 min, 3 h, 12 d. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}

/** `1 server`, `2 servers` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
