import { printable } from '../../common/printable.js';
import type { IpAddress } from '../../ipvs/model/address.js';
import type { Destination } from '../../ipvs/model/destination.js';
import { isMark } from '../../ipvs/model/service.js';
import { numericNaming } from '../../rules/format-endpoint.js';
import type { Naming } from '../../rules/format-endpoint.js';
import { namingBy } from '../../rules/names.js';
import { coloursFor } from '../../terminal/colours.js';
import type { Colours } from '../../terminal/colours.js';
import { exactDigits, shortBytes, shortNumber } from '../../terminal/human.js';
import type { FormatNumber } from '../../terminal/human.js';
import type { TerminalSize } from '../../terminal/io.js';
import { tableText } from '../../terminal/table.js';
import { serverText } from './list-columns.js';
import type { ListColumn } from './list-columns.js';
import type { ListedService } from './list-filters.js';
import { serverStatus, serviceStatus } from './list-status.js';
import type { Status } from './list-status.js';
import type { ListStyle, PrintListing } from './listing.js';

/** With what its cells are written. */
interface Look {
  readonly naming: Naming;
  readonly colours: Colours;
}

/** A table; later ones take its place on a terminal, and follow an empty line elsewhere. */
export const printTable: PrintListing = async (listing, style, session, moment) => {
  const { services, missing } = listing;
  const screen = await session.io.screen?.();
  const naming = style.hasNames
    ? await namingBy(session.names, services.flatMap(addressesOf))
    : numericNaming;
  const colours = await coloursFor(session.io);
  const isForReader = services.length === 0 && screen !== undefined;
  const text =
    isForReader && missing.length === 0
      ? 'There is no virtual service to be shown.\n'
      : await listTable(services, style, { naming, colours });
  if (moment === 'once')
    return session.output.lines(services.length === 0 && missing.length > 0 ? '' : text);
  if (screen !== undefined) return session.output.lines(frame(text, screen, moment === 'first'));
  return session.output.lines(moment === 'first' ? text : `\n${text}`);
};

function addressesOf({ id, shown }: ListedService): readonly IpAddress[] {
  const servers = shown.map((server) => server.id.address);
  return isMark(id) ? servers : [id.address, ...servers];
}

const HOME = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';
const CLEAR_ALL = '\u001B[2J';

/** Text in the place of what a terminal shows, as far as there is room. */
export function frame(text: string, { rows }: TerminalSize, isFirst: boolean): string {
  const lines = text.trimEnd().split('\n');
  // The last row is left to the cursor.
  const room = rows - 1;
  const rest = lines.length - (room - 1);
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), `... ${rest} more lines`];
  const redrawn = shown.map((line) => `${line}${CLEAR_LINE}\n`).join('');
  return `${isFirst ? CLEAR_ALL : ''}${HOME}${redrawn}${CLEAR_BELOW}`;
}

/** A line of the table: a service, or a real server of one. */
interface Row {
  readonly service: ListedService;
  /** Undefined: the line is of the service itself. */
  readonly server: Destination | undefined;
}

/** Services with their real servers below them, as a table. */
async function listTable(
  services: readonly ListedService[],
  style: ListStyle,
  look: Look,
): Promise<string> {
  // With a column of its own for the real server, each line says of which service it is.
  const isFlat = style.hasServers && style.columns.some(({ key }) => key === 'server');
  const rows = services.flatMap((service) => rowsOf(service, style.hasServers, isFlat));
  const format = cellFormat(style, look, isFlat);
  const cells = rows.map((row) => style.columns.map((column) => format(row, column)));
  const isShown = style.columns.map(
    ({ isOptional }, index) =>
      style.areColumnsChosen || isOptional !== true || cells.some((row) => row[index] !== ''),
  );
  const columns = style.columns.filter((_, index) => isShown[index]);
  return tableText(
    columns.map(({ title, kind }) => ({ title, align: kind === undefined ? 'left' : 'right' })),
    cells.map((row) => row.filter((_, index) => isShown[index])),
  );
}

function rowsOf(service: ListedService, hasServers: boolean, isFlat: boolean): readonly Row[] {
  const own: Row = { service, server: undefined };
  if (!hasServers) return [own];
  const rows = service.shown.map((server): Row => ({ service, server }));
  return isFlat && rows.length > 0 ? rows : [own, ...rows];
}

/** What stands in a cell, with the colour of its row's status. */
function cellFormat(
  { isExact }: ListStyle,
  { naming, colours }: Look,
  isFlat: boolean,
): (row: Row, column: ListColumn) => string {
  const numbers: Readonly<Record<NonNullable<ListColumn['kind']>, FormatNumber>> = {
    number: exactDigits,
    count: isExact ? exactDigits : shortNumber,
    bytes: isExact ? exactDigits : shortBytes,
  };
  const paint = ({ service, server }: Row, key: string, text: string): string => {
    const isServiceCell = key === 'service' && server === undefined;
    const strong = isServiceCell ? colours.strong : (plain: string) => plain;
    if (!EYE_CATCHERS.has(key)) return text;
    const status = server === undefined ? serviceStatus(service) : serverStatus(server);
    return status === undefined ? strong(text) : painted(text, status, colours);
  };
  return (row, column) => {
    const value = valueOf(row, column, naming, isFlat);
    if (value === undefined) return '';
    const text = typeof value === 'string' ? value : numbers[column.kind ?? 'number'](value);
    const isBelow = !isFlat && row.server !== undefined && column.key === 'service';
    return (isBelow ? '  ' : '') + paint(row, column.key, printable(text));
  };
}

/** The columns that have the colour of a row's status. */
const EYE_CATCHERS: ReadonlySet<string> = new Set(['service', 'server', 'weight', 'status']);

function painted(text: string, { level }: Status, colours: Colours): string {
  return text === '' ? text : colours[level](text);
}

function valueOf({ service, server }: Row, column: ListColumn, naming: Naming, isFlat: boolean) {
  if (server === undefined) return column.service?.(service, naming);
  // In a tree the real servers stand in the column of the services.
  if (column.key === 'service' && !isFlat) return serverText(server, service, naming);
  const own = column.server?.(server, service, naming);
  if (!isFlat || column.server !== undefined) return own;
  return column.service?.(service, naming);
}
