import { counted } from '../../common/plural.js';
import { lineWidth } from '../../terminal/painter.js';
import type { Line, Span } from '../../terminal/painter.js';
import { cutToWidth, padToWidth, textWidth } from '../../terminal/text-width.js';
import { questionOf } from './action.js';
import { rateOf, shownText } from './columns.js';
import { helpLines } from './help.js';
import { GAP, HISTORY_WIDTH, layoutOf } from './layout.js';
import type { Layout, PlacedColumn } from './layout.js';
import type { Row, ServiceRow } from './sample.js';
import { sparkline } from './sparkline.js';
import { LONGEST_HISTORY } from './rates.js';
import { columnsOf, HEAD_LINES, paneOf, selectedIndex, visibleRows } from './state.js';
import type { TopState } from './state.js';
import { ratesText } from './totals.js';

const MARK = '> ';

/** The screen: as many lines as it has, each as wide at most. */
export function viewLines(state: TopState, unicode: boolean): readonly Line[] {
  const { columns: width, rows: height } = state.size;
  const lines = state.isHelpShown ? helpLines(width) : listLines(state, unicode);
  const shown = lines.slice(0, height).map((line) => cutLine(line, width));
  const missing = Array.from({ length: Math.max(0, height - shown.length) }, () => []);
  return [...shown, ...missing];
}

function listLines(state: TopState, unicode: boolean): readonly Line[] {
  const { size, isExact } = state;
  const pane = paneOf(state);
  const visible = visibleRows(state);
  const rows = state.rows.slice(pane.offset, pane.offset + visible);
  const idWidth = state.rows.reduce((most, { key }) => Math.max(most, key.length), 0);
  const needed = Math.max(idWidth, state.opened?.length ?? 0);
  const width = size.columns - MARK.length;
  const layout = layoutOf(columnsOf(state), rows, { idWidth, width, isExact });
  if (layout === undefined || needed > size.columns) return [tooNarrow(needed + MARK.length)];
  const selected = selectedIndex(state) - pane.offset;
  const body = rows.map((row, index) =>
    rowLine(state, layout, { row, index, isSelected: index === selected, unicode }),
  );
  const foot = Array.from({ length: visible - body.length }, () => []);
  if (size.rows <= HEAD_LINES) return [titleLine(state, layout, unicode), ...body];
  return [
    ...headLines(state),
    titleLine(state, layout, unicode),
    ...body,
    ...foot,
    keysLine(state),
  ];
}

const tooNarrow = (needed: number): Line => [
  {
    text: `Too narrow: at least ${needed} columns.`,
    style: 'warning',
  },
];

function headLines(state: TopState): readonly Line[] {
  const { sample, opened, openedSample, intervalSeconds, isPaused } = state;
  const time = sample === undefined ? '' : `  ${sample.clock.slice(-8)}`;
  const left: Line = [
    { text: 'ipvs top', style: 'strong' },
    { text: `${time}  every ${intervalSeconds} s` },
    ...(isPaused ? [{ text: '  paused', style: 'warning' } as const] : []),
  ];
  const servers = openedSample?.key === opened ? openedSample?.servers : undefined;
  const count = opened === undefined ? sample?.services.length : servers?.length;
  const what = opened === undefined ? 'service' : 'real server';
  const all = count === undefined ? '' : counted(count, what);
  const isFiltered = count !== undefined && paneOf(state).filter !== '';
  const right = isFiltered ? `${state.rows.length.toLocaleString('en')} of ${all}` : all;
  const first = spread(left, [{ text: right }], state.size.columns);
  if (opened === undefined) {
    return [first, [{ text: ratesText(sample?.total, state.isExact) }], statusLine(state, '')];
  }
  const service = sample?.services.find(({ key }) => key === opened);
  return [
    first,
    serviceLine(opened, service),
    statusLine(state, ratesText(service?.rates, state.isExact)),
  ];
}

/** What service it is; how it is set comes last, where it may be cut. */
function serviceLine(opened: string, service: ServiceRow | undefined): Line {
  if (service === undefined) return [{ text: opened, style: 'strong' }];
  const { name, settings } = service;
  const { scheduler, persistence, onePacket } = settings;
  const words = [
    ...(name === '' ? [] : [shownText(name)]),
    shownText(scheduler),
    ...(persistence === undefined ? [] : [`persistent ${persistence.timeoutSeconds} s`]),
    ...(onePacket ? ['one-packet'] : []),
  ];
  return [{ text: opened, style: 'strong' }, { text: GAP + words.join(GAP) }];
}

/** What is typed, what went wrong, or what else there is to say. */
function statusLine(state: TopState, otherwise: string): Line {
  const { problem, typed, opened, openedSample, asked, said } = state;
  const { filter } = paneOf(state);
  if (asked !== undefined) return [{ text: shownText(questionOf(asked)), style: 'strong' }];
  if (said !== undefined) return [{ text: shownText(said), style: 'strong' }];
  if (problem !== undefined) return [{ text: shownText(problem), style: 'bad' }];
  if (typed !== undefined) return [{ text: `Filter: ${typed}_`, style: 'strong' }];
  if (filter !== '') return [{ text: `Filter: ${filter}` }];
  if (opened !== undefined && openedSample?.key === opened && openedSample.servers === undefined) {
    return [{ text: 'This service no longer exists. Esc goes back.', style: 'warning' }];
  }
  return [{ text: otherwise }];
}

function titleLine(state: TopState, { columns, room }: Layout, unicode: boolean): Line {
  const { key, isAscending } = paneOf(state).order;
  const arrow = isAscending ? (unicode ? '▲' : '^') : unicode ? '▼' : 'v';
  const titles = columns.map(({ column, width }): Span => {
    const isSorted = column.key === key;
    const title = column.title + (isSorted ? arrow : '');
    return { text: padToWidth(title, width, column.align), style: isSorted ? 'strong' : 'faint' };
  });
  const history = hasSparkline(room) ? [{ text: `${GAP}HISTORY`, style: 'faint' } as const] : [];
  return [{ text: ' '.repeat(MARK.length) }, ...withGaps(titles), ...history];
}

interface ShownRow {
  readonly row: Row;
  readonly index: number;
  readonly isSelected: boolean;
  readonly unicode: boolean;
}

function rowLine(
  state: TopState,
  { columns, room }: Layout,
  { row, index, isSelected, unicode }: ShownRow,
): Line {
  const cells = columns.map((placed) => cellSpan(placed, row, index, unicode));
  const line = [{ text: isSelected ? MARK : ' '.repeat(MARK.length) }, ...withGaps(cells)];
  if (hasSparkline(room)) {
    const rate = rateOf(paneOf(state).order.key);
    const values = row.history.map((rates) => rates[rate]);
    line.push({ text: GAP + sparkline(values, sparklineWidth(room), unicode) });
  }
  if (!isSelected) return line;
  const text = line.map((span) => span.text).join('');
  return [{ text: padToWidth(text, state.size.columns), style: 'selected' }];
}

function cellSpan(
  { column, width, cells }: PlacedColumn,
  row: Row,
  index: number,
  unicode: boolean,
): Span {
  const cut = cutToWidth(cells[index] ?? '', width, unicode ? '…' : '~');
  return { text: padToWidth(cut, width, column.align), style: column.style?.(row) };
}

const hasSparkline = (room: number): boolean => sparklineWidth(room) >= HISTORY_WIDTH;
const sparklineWidth = (room: number): number => Math.min(room - GAP.length, LONGEST_HISTORY);

function keysLine({ typed, opened }: TopState): Line {
  if (typed !== undefined) return [{ text: 'Enter keep the filter  Esc drop it', style: 'faint' }];
  const text =
    opened === undefined
      ? 'Enter open  / filter  < > sort  r reverse  p pause  + - interval  ? help  q quit'
      : 'Esc back  d drain  u undrain  w weight  / filter  < > sort  ? help  q quit';
  return [{ text, style: 'faint' }];
}

function withGaps(spans: readonly Span[]): Span[] {
  return spans.flatMap((span, index) => (index === 0 ? [span] : [{ text: GAP }, span]));
}

/** One line to the left and one to the right; the left one is cut where they do not fit. */
function spread(left: Line, right: Line, width: number): Line {
  const rest = width - lineWidth(right);
  if (rest <= 0) return left;
  const cut = cutLine(left, rest);
  return [...cut, { text: ' '.repeat(rest - lineWidth(cut)) }, ...right];
}

function cutLine(line: Line, width: number): Line {
  let rest = width;
  return line.map((span) => {
    const text = cutToWidth(span.text, rest);
    rest -= textWidth(text);
    return { ...span, text };
  });
}
