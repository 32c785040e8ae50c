import { jsonText } from '../../common/json.js';
import { printable } from '../../common/printable.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { ruleOfServer, ruleOfService } from '../rule-text.js';
import type { DesiredService, DesiredState } from './desired.js';
import { fullService, shortServer, shortService, stateHeader } from './document.js';
import { asItem, yamlEntry, yamlItem } from './yaml-text.js';

/** How a state file may be written. */
export type StateFormat = 'yaml' | 'json' | 'rules';

/** Comments of a state file, each as lines without the `#`. JSON has no place for them. */
export interface StateComments {
  /** At the beginning of the file. */
  readonly head?: readonly string[] | undefined;
  /** Before a virtual service, by its text as {@link formatServiceId} gives it. */
  readonly services?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Before a real server: by the text of its service, then by its own as {@link formatDestinationId} gives it. */
  readonly servers?: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> | undefined;
  /** At the end of the file. */
  readonly tail?: readonly string[] | undefined;
}

export interface FormatStateOptions {
  readonly comments?: StateComments | undefined;
}

/**
 * Writes a state file, which {@link parseState} reads back as it was. Services and real servers keep their order. Names,
 * health checks and other keys of the agent have no place in `rules`, which are those of `ipvsadm-save`.
 *
 * @example
 * ```ts
 * import { formatState, parseState } from 'ipvs/state';
 *
 * const state = parseState('{"services":[{"service":"tcp:192.0.2.1:80","servers":["10.0.0.2:80"]}]}');
 * console.log(formatState(state, 'rules').split('\n')[1]); // -a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1
 * ```
 */
export function formatState(
  state: DesiredState,
  format: StateFormat,
  { comments = {} }: FormatStateOptions = {},
): string {
  switch (format) {
    case 'yaml':
      return text(yamlLines(state, comments));
    case 'json':
      return `${jsonText({ ...stateHeader(state), services: state.services.map(fullService) })}\n`;
    case 'rules':
      return text(ruleLines(state, comments));
  }
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const SERVICE = '  ';
const SERVICE_KEYS = '    ';
const SERVER = '      ';

function yamlLines(state: DesiredState, comments: StateComments): string[] {
  const { services } = state;
  return [
    ...commentLines(comments.head, ''),
    ...Object.entries(stateHeader(state)).flatMap(([key, value]) => yamlEntry(key, value, '')),
    services.length === 0 ? 'services: []' : 'services:',
    ...services.flatMap((service) => yamlService(service, comments)),
    ...commentLines(comments.tail, ''),
  ];
}

function yamlService(service: DesiredService, comments: StateComments): string[] {
  const key = formatServiceId(service.id);
  const { keys, commonMethod } = shortService(service);
  const ofServers = comments.servers?.get(key);
  const lines = Object.entries(keys).flatMap(([name, value]) =>
    yamlEntry(name, value, SERVICE_KEYS),
  );
  const servers = service.destinations.flatMap((server) => [
    ...commentLines(ofServers?.get(formatDestinationId(server.id)), SERVER),
    ...yamlItem(shortServer(server, commonMethod), SERVER),
  ]);
  const list = servers.length === 0 ? `${SERVICE_KEYS}servers: []` : `${SERVICE_KEYS}servers:`;
  return [
    ...commentLines(comments.services?.get(key), SERVICE),
    ...asItem([...lines, list, ...servers], SERVICE),
  ];
}

function ruleLines(state: DesiredState, comments: StateComments): string[] {
  return [
    ...commentLines(comments.head, ''),
    ...timeoutRules(state),
    ...(state.syncDaemons ?? []).map(daemonRule),
    ...state.services.flatMap((service) => serviceRuleLines(service, comments)),
    ...commentLines(comments.tail, ''),
  ];
}

function serviceRuleLines(service: DesiredService, comments: StateComments): string[] {
  const key = formatServiceId(service.id);
  const ofServers = comments.servers?.get(key);
  return [
    ...commentLines(comments.services?.get(key), ''),
    ruleOfService(service),
    ...service.destinations.flatMap((server) => [
      ...commentLines(ofServers?.get(formatDestinationId(server.id)), ''),
      ruleOfServer(service.id, server),
    ]),
  ];
}

/** In rules, 0 leaves a timeout as it is. */
function timeoutRules({ timeouts }: DesiredState): string[] {
  if (timeouts === undefined) return [];
  const { tcpSeconds = 0, tcpFinSeconds = 0, udpSeconds = 0 } = timeouts;
  return [`--set ${tcpSeconds} ${tcpFinSeconds} ${udpSeconds}`];
}

function daemonRule(daemon: SyncDaemonInput): string {
  const { state, syncId, maximumLength, group, port, ttl } = daemon;
  const options = {
    '--mcast-interface': daemon.interface,
    '--syncid': syncId,
    '--sync-maxlen': maximumLength,
    '--mcast-group': group?.toString(),
    '--mcast-port': port,
    '--mcast-ttl': ttl,
  };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [name, String(value)],
  );
  return ['--start-daemon', state, ...words].join(' ');
}

/** What is quoted from elsewhere ends no comment: its line ends begin further ones. */
function commentLines(lines: readonly string[] = [], indent: string): string[] {
  return lines
    .flatMap((line) => line.split(/\r\n|[\r\n\u0085\u2028\u2029]/))
    .map((line) => `${indent}# ${printable(line)}`.trimEnd());
}
