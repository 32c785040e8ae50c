import type { Operation } from '../ipvs/client/operations.js';
import { toDestinationId } from '../ipvs/model/destination.js';
import { isMark, toServiceId } from '../ipvs/model/service.js';
import { formatEndpoint, numericNaming } from '../rules/format-endpoint.js';
import {
  destinationRule,
  formatService,
  serviceRule,
  serviceRules,
} from '../rules/format-rules.js';
import { destinationSettings, serviceSettings } from './table.js';
import type { WantedDestination, WantedService } from './table.js';

/** Wanted tables and operations as rules, which are text: for printing and for journals. Everything else works on values. */

/** The rule that adds a virtual service, without its real servers. */
export function ruleOfService(service: Pick<WantedService, 'id' | 'settings'>): string {
  return serviceRule(service, numericNaming);
}

export function ruleOfServer(service: WantedService['id'], server: WantedDestination): string {
  return destinationRule(service, server, numericNaming);
}

/** A service as rules: itself, then its real servers in the order they have there. */
export function rulesOf(service: WantedService): readonly string[] {
  return serviceRules(service, service.destinations, numericNaming);
}

/** A service with its real servers in the order of their rules, which does not depend on who added which first. */
export function inRuleOrder(service: WantedService): WantedService {
  const rules = service.destinations.map((server) => ({
    server,
    rule: ruleOfServer(service.id, server),
  }));
  rules.sort((one, other) => (one.rule < other.rule ? -1 : one.rule > other.rule ? 1 : 0));
  return { ...service, destinations: rules.map(({ server }) => server) };
}

/** The rule that asks for an operation on a service or a real server: `-e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1`. */
export function ruleOf(operation: Operation): string {
  if (!('service' in operation)) return operation.type === 'flush' ? '-C' : '-Z';
  const id = toServiceId(operation.service);
  const name = formatService(id, numericNaming);
  switch (operation.type) {
    case 'addService':
    case 'replaceService': {
      const rule = ruleOfService({ id, settings: serviceSettings(id, operation.settings) });
      return operation.type === 'addService' ? rule : withCommand('-E', rule);
    }
    case 'deleteService':
      return `-D ${name}`;
    case 'zeroService':
      return `-Z ${name}`;
    case 'deleteDestination': {
      const protocol = isMark(id) ? undefined : id.protocol;
      const server = toDestinationId(operation.destination);
      return `-d ${name} -r ${formatEndpoint(server, protocol, numericNaming)}`;
    }
    default: {
      const server = toDestinationId(operation.destination);
      const settings = destinationSettings(id, server, operation.settings);
      const rule = ruleOfServer(id, { id: server, settings });
      return operation.type === 'addDestination' ? rule : withCommand('-e', rule);
    }
  }
}

/** Rules begin with their command, `-A` or `-a`. */
const withCommand = (command: string, rule: string): string => `${command}${rule.slice(2)}`;
