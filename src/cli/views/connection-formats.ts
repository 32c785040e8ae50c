import { jsonLine, jsonText } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import { isTemplate, formatVirtual } from '../../ipvs/model/connection.js';
import { formatEndpoint } from '../../ipvs/model/service.js';
import type { Connection, Endpoint } from '../../ipvs/proc/read-connections.js';
import type { ConnectionCounts, Grouping } from '../../state/connection-counts.js';
import type { ConnectionCount } from '../../state/connection-counts.js';
import { connectionJson } from '../../state/connection-json.js';
import type { LineWriter } from '../../terminal/io.js';
import { TableStream } from '../../terminal/table-stream.js';
import { SCHEMA_VERSION } from '../verb.js';

/** How connections and their counts are printed: each while it is read, since there may be millions. */
export interface ConnectionReport {
  table(output: LineWriter): Promise<void>;
  json(output: LineWriter): Promise<void>;
  ndjson(output: LineWriter): Promise<void>;
}

type Pieces<T> = AsyncIterable<readonly T[]>;

export function connectionReport(connections: Pieces<Connection>): ConnectionReport {
  return {
    table: (output) => connectionTable(output, connections),
    json: (output) => jsonList(output, {}, 'connections', objectsOf(connections)),
    ndjson: (output) => ndjson(output, 'connection', objectsOf(connections)),
  };
}

export function countReport(count: number): ConnectionReport {
  return {
    table: (output) => output.line(String(count)),
    json: (output) => output.line(jsonText({ schemaVersion: SCHEMA_VERSION, count })),
    ndjson: (output) => output.line(jsonLine({ type: 'count', count })),
  };
}

/** @param limit the most groups. */
export function countsReport(
  by: Grouping,
  counts: ConnectionCounts,
  limit: number | undefined,
): ConnectionReport {
  const pieces = () => piecesOf(counts, limit);
  return {
    table: (output) => countTable(output, by, pieces()),
    json: (output) => jsonList(output, { count: counts.total }, 'counts', pieces()),
    ndjson: (output) => ndjson(output, 'count', pieces()),
  };
}

const PIECE = 500;

// eslint-disable-next-line @typescript-eslint/require-await -- as what is read from a file comes
async function* piecesOf(
  counts: ConnectionCounts,
  limit = Infinity,
): AsyncGenerator<readonly ConnectionCount[], void, undefined> {
  let piece: ConnectionCount[] = [];
  let left = limit;
  for (const count of counts.sorted()) {
    if (left <= 0) break;
    left -= 1;
    piece.push(count);
    if (piece.length < PIECE) continue;
    yield piece;
    piece = [];
  }
  yield piece;
}

const COLUMNS = [
  { title: 'Protocol' },
  { title: 'Client' },
  { title: 'Service' },
  { title: 'Server' },
  { title: 'State' },
  { title: 'Expires', align: 'right' },
  { title: '' },
] as const;

async function connectionTable(output: LineWriter, connections: Pieces<Connection>): Promise<void> {
  const table = new TableStream(COLUMNS);
  const servers = new EndpointTexts();
  for await (const piece of connections) {
    await output.lines(table.push(piece.map((one) => rowOf(one, servers))));
  }
  await output.lines(table.end());
}

/** The texts of endpoints that come again and again, as virtual services and real servers do. */
class EndpointTexts {
  readonly #texts = new WeakMap<Endpoint, string>();

  of(endpoint: Endpoint): string {
    const known = this.#texts.get(endpoint);
    if (known !== undefined) return known;
    const text = formatEndpoint(endpoint.address, endpoint.port);
    this.#texts.set(endpoint, text);
    return text;
  }
}

function rowOf(connection: Connection, texts: EndpointTexts): readonly string[] {
  const { protocol, source, virtual, destination, state, expiresInSeconds } = connection;
  return [
    printable(protocol),
    formatEndpoint(source.address, source.port),
    protocol === 'ip' ? formatVirtual(connection) : texts.of(virtual),
    texts.of(destination),
    printable(state),
    clockTime(expiresInSeconds),
    isTemplate(connection) ? 'template' : '',
  ];
}

/** `14:57`, `1:00:00`. */
function clockTime(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number) => String(number).padStart(2, '0');
  const rest = `${two(minutes)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const TITLES: Readonly<Record<Grouping, string>> = {
  client: 'Client',
  service: 'Service',
  server: 'Server',
  state: 'State',
};

async function countTable(
  output: LineWriter,
  by: Grouping,
  counts: Pieces<ConnectionCount>,
): Promise<void> {
  const table = new TableStream([{ title: 'Connections', align: 'right' }, { title: TITLES[by] }]);
  for await (const piece of counts) {
    await output.lines(table.push(piece.map((one) => [String(one.count), nameOf(by, one)])));
  }
  await output.lines(table.end());
}

function nameOf(by: Grouping, count: ConnectionCount): string {
  const name = count[by] ?? '';
  const { protocol } = count;
  return printable(protocol === undefined || protocol === 'ip' ? name : `${protocol}:${name}`);
}

/** One object a line. */
async function ndjson<T extends object>(
  output: LineWriter,
  type: string,
  pieces: Pieces<T>,
): Promise<void> {
  for await (const piece of pieces) {
    await output.lines(piece.map((one) => `${jsonLine({ type, ...one })}\n`).join(''));
  }
}

/** One object with a list, whose items stand in a line each. */
async function jsonList<T extends object>(
  output: LineWriter,
  facts: object,
  key: string,
  pieces: Pieces<T>,
): Promise<void> {
  const head = jsonLine({ schemaVersion: SCHEMA_VERSION, ...facts, [key]: [] });
  await output.lines(head.slice(0, -']}'.length));
  let before = '\n';
  for await (const piece of pieces) {
    for (const one of piece) {
      await output.lines(`${before}${jsonLine(one)}`);
      before = ',\n';
    }
  }
  await output.lines(before === '\n' ? ']}\n' : '\n]}\n');
}

/** Connections as the objects that JSON shows. */
async function* objectsOf(connections: Pieces<Connection>) {
  for await (const piece of connections) yield piece.map(connectionJson);
}
