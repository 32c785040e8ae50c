import type { Operation } from '../ipvs/client/operations.js';
import { toDestinationId } from '../ipvs/model/destination.js';
import { isMark, toServiceId } from '../ipvs/model/service.js';
import { formatEndpoint, numericNaming } from '../rules/format-endpoint.js';
import type { ChangeInvocation } from '../rules/invocation.js';
import {
  destinationRule,
  formatService,
  serviceRule,
  serviceRules,
} from '../rules/format-rules.js';
import type { Names } from '../rules/grammar/parsed-options.js';
import { isForKernel } from '../rules/parse-rules.js';
import { parse } from '../rules/parse.js';
import { destinationSettings, serviceSettings, WantedTable } from '../state/table.js';
import type { WantedDestination, WantedService } from '../state/table.js';
import { CliError } from '../terminal/cli-error.js';
import type { State } from './step.js';

/** Rules as text: dry runs, messages and the journal have them. Everything else works on values. */

/** The rule that adds a virtual service, without its real servers. */
export function ruleOfService(service: Pick<WantedService, 'id' | 'settings'>): string {
  return serviceRule(service, numericNaming);
}

export function ruleOfServer(service: WantedService['id'], server: WantedDestination): string {
  return destinationRule(service, server, numericNaming);
}

/** A service as rules: itself, then its real servers in the order they have there. */
export function rulesOf(service: WantedService): State {
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

/** The service that rules of a journal add to an empty table; undefined for no rules. @throws CliError */
export function serviceFromRules(rules: State, names: Names): WantedService | undefined {
  const table = new WantedTable();
  for (const rule of rules) {
    const invocation = invocationOf(rule.split(' '), names);
    if ('operation' in invocation) table.apply(invocation.operation);
  }
  return table.services()[0];
}

/** The change that the words of a rule ask for. @throws CliError when they are not such a rule. */
export function invocationOf(words: readonly string[], names: Names): ChangeInvocation {
  const parsed = parse(words, names);
  if (parsed.kind === 'invocation' && isForKernel(parsed.invocation)) {
    const { invocation } = parsed;
    if (invocation.command !== 'list' && invocation.command !== 'save') return invocation;
  }
  throw new CliError(`not a rule: ${words.join(' ')}`);
}
