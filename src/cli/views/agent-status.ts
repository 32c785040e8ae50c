import type { SelectedStatus } from '../../agent/control/select-status.js';
import type {
  ServerStatusJson,
  ServiceStatusJson,
  StatusJson,
} from '../../agent/control/shapes.js';
import { printable } from '../../common/printable.js';
import { coloursFor } from '../../terminal/colours.js';
import type { Colours } from '../../terminal/colours.js';
import { ageText } from '../../terminal/human.js';
import type { Session } from '../../terminal/session.js';
import { tableText } from '../../terminal/table.js';

type State = ServerStatusJson['state'] | ServiceStatusJson['state'];

const LEVELS: Readonly<Record<State, 'good' | 'warning' | 'bad'>> = {
  ...{ ok: 'good', degraded: 'warning', sorry: 'bad', 'fail-open': 'bad' },
  ...{ up: 'good', starting: 'warning', down: 'bad', draining: 'warning', maintenance: 'warning' },
};

const COLUMNS = [
  { title: 'SERVICE' },
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'SINCE', align: 'right' },
  { title: 'UP/QUORUM', align: 'right' },
  { title: 'WEIGHT/WANTED', align: 'right' },
  { title: 'REASON' },
] as const;

/** The agent in a line, and below it its services, each with its real servers. */
export async function statusText(
  { agent }: StatusJson,
  selected: readonly SelectedStatus[],
  session: Session,
): Promise<string> {
  const now = Date.now();
  const colours = await coloursFor(session.io);
  const { version, pid, since, configFile } = agent;
  const head = `Agent ${version}, PID ${pid}, for ${age(since, now)}, with ${configFile}`;
  const rows = selected.flatMap(({ status }) => [
    serviceRow(status, colours, now),
    ...status.servers.map((server) => serverRow(server, colours, now)),
  ]);
  if (rows.length === 0) return `${printable(head)}\n`;
  // Most files have no names.
  const shown = COLUMNS.map((_, index) => index !== 1 || rows.some((row) => row[index] !== ''));
  const table = await tableText(
    COLUMNS.filter((_, index) => shown[index]),
    rows.map((row) => row.filter((_, index) => shown[index])),
  );
  return `${printable(head)}\n\n${table}`;
}

const age = (since: string, now: number): string => ageText(now - Date.parse(since));

function serviceRow(status: ServiceStatusJson, colours: Colours, now: number): readonly string[] {
  const { service, name = '', state, since, up, quorum } = status;
  return [
    colours.strong(printable(service)),
    printable(name),
    painted(state, colours),
    age(since, now),
    `${up}/${quorum}`,
    '',
    '',
  ];
}

function serverRow(status: ServerStatusJson, colours: Colours, now: number): readonly string[] {
  const { server, state, since, weight, wantedWeight, reason = '' } = status;
  return [
    `  ${printable(server)}`,
    '',
    painted(state, colours),
    age(since, now),
    '',
    `${weight}/${wantedWeight}`,
    printable(reason),
  ];
}

function painted(state: State, colours: Colours): string {
  // An agent of another version may know states that this command does not.
  const level = Object.hasOwn(LEVELS, state) ? LEVELS[state] : undefined;
  const text = printable(state);
  return level === undefined ? text : colours[level](text);
}
