const BLOCKS = Array.from(' ▁▂▃▄▅▆▇█');
const ASCII = Array.from(' ._-=+*#');

/** The latest values as a line of characters, each as high as it is beside the largest; the last one stands to the right. */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  const levels = unicode ? BLOCKS : ASCII;
  const shown = values.slice(-width);
  const largest = Math.max(...shown, 0);
  const highest = levels.length - 1;
  const level = (value: number): number =>
    value <= 0 ? 0 : Math.max(1, Math.round((value / largest) * highest));
  return shown
    .map((value) => levels[level(value)] ?? '')
    .join('')
    .padStart(width);
}
