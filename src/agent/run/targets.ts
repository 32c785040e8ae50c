import { formatDestinationId } from '../../ipvs/model/destination.js';
import {
  AmbiguousServerError,
  parseSelector,
  resolveServer,
  select,
} from '../../state/selection.js';
import type { Selectable } from '../../state/selection.js';
import { ControlError } from '../control/control.js';
import type { AgentConfig, ServiceConfig } from '../config/config.js';

/** A real server of one service, by its keys. */
export interface Target {
  readonly service: string;
  readonly server: string;
}

interface Entry extends Selectable {
  readonly config: ServiceConfig;
}

/**
 * The places of real servers, in the services that are named or in all that have them.
 * @throws ControlError when something is not there.
 */
export function targetsOf(
  { services }: AgentConfig,
  request: { readonly servers: readonly string[]; readonly services?: readonly string[] },
): readonly Target[] {
  const table = services.map((config): Entry => ({
    config,
    id: config.id,
    name: config.name,
    destinations: config.servers,
  }));
  const within = request.services === undefined ? table : servicesNamed(table, request.services);
  return request.servers.flatMap((text) => {
    const server = serverNamed(within, text);
    const places = within.filter(({ config }) => config.servers.some(({ key }) => key === server));
    return places.map(({ config }) => ({ service: config.key, server }));
  });
}

function servicesNamed(table: readonly Entry[], texts: readonly string[]): readonly Entry[] {
  const { entries, missing } = select(table, texts.map(selectorOf));
  const [first] = missing;
  if (first === undefined) return entries;
  throw new ControlError(`the agent has no service ${first.text}`, 'unknown');
}

function serverNamed(table: readonly Entry[], text: string): string {
  const selector = selectorOf(text);
  if (selector.kind !== 'server') throw new ControlError(`${text} is not a real server`, 'unknown');
  try {
    const found = resolveServer(table, selector);
    if (found !== undefined) return formatDestinationId(found);
  } catch (error) {
    if (!(error instanceof AmbiguousServerError)) throw error;
    throw new ControlError(error.message);
  }
  throw new ControlError(`the agent has no real server ${text}`, 'unknown');
}

function selectorOf(text: string) {
  try {
    return parseSelector(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ControlError(error.message, 'unknown');
  }
}
