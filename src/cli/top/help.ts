import type { Line } from '../../terminal/painter.js';
import { bindings } from './commands.js';

const KEYS_WIDTH = 14;
const COLUMN_WIDTH = 40;

/** All keys, in as many columns as there is room for. */
export function helpLines(width: number): readonly Line[] {
  const entries = bindings.map(({ shown, about }) => shown.padEnd(KEYS_WIDTH) + about);
  const columns = Math.max(1, Math.min(2, Math.floor(width / COLUMN_WIDTH)));
  const rows = Math.ceil(entries.length / columns);
  const lines = Array.from({ length: rows }, (_, row): Line => {
    const cells = Array.from(
      { length: columns },
      (_, column) => entries[column * rows + row] ?? '',
    );
    return [
      {
        text: cells
          .map((cell) => cell.padEnd(COLUMN_WIDTH))
          .join('')
          .trimEnd(),
      },
    ];
  });
  return [
    [{ text: 'Keys of ipvs top', style: 'strong' }],
    [],
    ...lines,
    [],
    [{ text: 'Rates are those since the reading before.' }],
    [{ text: 'Any key goes back.', style: 'faint' }],
  ];
}
