import { printable } from '../../common/printable.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { currentService } from '../../state/plan/current-table.js';
import type { DrainTarget } from '../../state/drain-rules.js';
import type { ServerPlace } from '../../state/plan/draining.js';
import { plan } from '../../state/plan/plan.js';
import type { CurrentServer, CurrentService, PlanStep } from '../../state/plan/plan.js';
import type { TableRecords } from '../../state/records.js';
import { parseSelector, resolveServer, resolveService } from '../../state/selection.js';
import type { PortNames, ServerSelector, ServiceSelector } from '../../state/selection.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { noService } from '../edit-target.js';
import { usage } from '../table-reader.js';

/** A place as records name it. */
export const keysOf = ({ service, server }: ServerPlace): readonly [string, string] => [
  formatServiceId(service.id),
  formatDestinationId(server.id),
];

/** A place as something to drain. */
export const targetOf = ({ service, server }: ServerPlace): DrainTarget => ({
  service: service.id,
  destination: server.id,
});

const wrong = (text: string): CliError => new CliError(`${printable(text)}.`, exitStatus.usage);

/** @throws CliError when a word does not name a real server. */
export function parseServers(words: readonly string[], ports: PortNames): ServerSelector[] {
  return words.map((word) => {
    const selector = usage(() => parseSelector(word, ports));
    if (selector.kind === 'server') return selector;
    throw wrong(
      `${word} is a virtual service. Name real servers, and the service with --service ${word}`,
    );
  });
}

/** @throws CliError when a word does not name a virtual service. */
export function parseServices(words: readonly string[], ports: PortNames): ServiceSelector[] {
  return words.map((word) => {
    const selector = usage(() => parseSelector(word, ports));
    if (selector.kind !== 'server') return selector;
    throw wrong(`--service ${word} is a real server. Name a virtual service: tcp:192.0.2.1:80`);
  });
}

/**
 * Where real servers are: in all services, or in those that are named.
 * @throws CliError when one of them is not there, or is ambiguous.
 */
export function placesOf(
  table: readonly CurrentService[],
  { services: known }: TableRecords,
  servers: readonly ServerSelector[],
  services: readonly ServiceSelector[],
): ServerPlace[] {
  const named = table.map((service) => {
    return { ...service, service, name: known.get(formatServiceId(service.id))?.name };
  });
  const chosen = services.map((selector) => {
    const found = resolveService(named, selector);
    if (found === undefined) throw noService(selector.text);
    return found.service;
  });
  const among = services.length === 0 ? table : table.filter((one) => chosen.includes(one));
  const keys = new Set<string>();
  for (const selector of servers) {
    const id = usage(() => resolveServer(among, selector));
    if (id === undefined) throw noServer(selector, services);
    keys.add(formatDestinationId(id));
  }
  return among.flatMap((service) =>
    service.destinations
      .filter(({ id }) => keys.has(formatDestinationId(id)))
      .map((server) => ({ service, server })),
  );
}

function noServer({ text }: ServerSelector, services: readonly ServiceSelector[]): CliError {
  const where = services.map((one) => one.text).join(', ');
  return services.length === 0
    ? wrong(`No virtual service has the real server ${text}. To see what there is: ipvs list`)
    : wrong(`${where} does not have the real server ${text}. To see what there is: ipvs list`);
}

/** Those that still exist, as they are now. */
export async function placesNow(
  client: IpvsClient,
  places: readonly ServerPlace[],
): Promise<ServerPlace[]> {
  const now: ServerPlace[] = [];
  for (const before of new Set(places.map(({ service }) => service))) {
    const service = await currentService(client, before.id);
    const own = places.filter((place) => place.service === before);
    const names = new Set(own.map((place) => keysOf(place)[1]));
    for (const server of service?.destinations ?? []) {
      if (service !== undefined && names.has(formatDestinationId(server.id))) {
        now.push({ service, server });
      }
    }
  }
  return now;
}

/** The steps that give real servers weights; none for a weight that is undefined or is there already. */
export function weightSteps(
  places: readonly ServerPlace[],
  weightOf: (place: ServerPlace) => number | undefined,
): readonly PlanStep[] {
  return stepsFor(places, (place) => {
    const { server } = place;
    const weight = weightOf(place) ?? server.settings.weight;
    return { ...server, settings: { ...server.settings, weight } };
  });
}

/** The steps that delete real servers. */
export function deletionSteps(places: readonly ServerPlace[]): readonly PlanStep[] {
  return stepsFor(places, () => undefined);
}

/** Plans for the services of the places alone. */
function stepsFor(
  places: readonly ServerPlace[],
  change: (place: ServerPlace) => CurrentServer | undefined,
): readonly PlanStep[] {
  const affected = new Map(places.map((place) => [place.server, place]));
  const current = [...new Set(places.map(({ service }) => service))];
  const wanted = current.map((service) => ({
    ...service,
    destinations: service.destinations.flatMap((server) => {
      const place = affected.get(server);
      const after = place === undefined ? server : change(place);
      return after === undefined ? [] : [after];
    }),
  }));
  return plan({ current, wanted }).steps;
}
