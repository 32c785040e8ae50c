import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import { destinationFault, serviceFault as ruleFault } from '../../rules/restorable.js';
import { ruleOfServer, ruleOfService } from '../rule-text.js';
import type { WantedDestination, WantedService } from '../table.js';
import type { DesiredService, DesiredState } from './desired.js';
import { serverFault } from './faults.js';
import type { StateComments, StateFormat } from './format.js';

/** A table of the kernel as a state, with what a file cannot express as comments. */
export interface TableState {
  readonly state: DesiredState;
  readonly comments: StateComments;
  /** What is a comment alone, one sentence each. */
  readonly lost: readonly string[];
}

const NOTHING = {};

/** @param nameOf what a service is called, if it has a name. */
export function stateOfTable(
  table: readonly WantedService[],
  format: StateFormat,
  nameOf: (key: string) => string | undefined,
): TableState {
  const faults = format === 'rules' ? inRules : inFiles;
  const services: DesiredService[] = [];
  const comments = new Map<string, readonly string[]>();
  const lost: string[] = [];
  let pending: string[] = [];
  const lose = (rule: string, reason: string) => {
    pending.push(`not exported: ${rule} (${reason})`);
    lost.push(`Not exported, because ${NAMES[format]} cannot express it (${reason}): ${rule}`);
  };
  for (const service of table) {
    const reason = faults.service(service);
    if (reason !== undefined) {
      lose(ruleOfService(service), reason);
      continue;
    }
    const key = formatServiceId(service.id);
    const destinations = service.destinations.filter((server) => {
      const fault = faults.server(service.id, server);
      if (fault !== undefined) lose(ruleOfServer(service.id, server), fault);
      return fault === undefined;
    });
    if (pending.length > 0) comments.set(key, pending);
    pending = [];
    services.push({
      id: service.id,
      settings: service.settings,
      name: nameOf(key),
      destinations: destinations.map(({ id, settings }) => ({ id, settings, health: NOTHING })),
      health: NOTHING,
    });
  }
  const state = { timeouts: undefined, syncDaemons: undefined, services, agent: NOTHING };
  return { state, comments: { services: comments, tail: pending }, lost };
}

const NAMES: Readonly<Record<StateFormat, string>> = {
  yaml: 'a state file',
  json: 'a state file',
  rules: 'a rules file',
};

/** Why something cannot be expressed. */
interface Faults {
  service(service: WantedService): string | undefined;
  server(service: ServiceId, server: WantedDestination): string | undefined;
}

const inFiles: Faults = {
  service: () => undefined,
  server: (service, server) => serverFault(service, server)?.message,
};

const inRules: Faults = {
  service: ruleFault,
  server: (_service, server) => destinationFault(server),
};
