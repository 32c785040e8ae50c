import { selectStatus } from '../../agent/control/select-status.js';
import type { ServiceStatusJson } from '../../agent/control/shapes.js';
import { firstOf } from '../../common/plural.js';
import { printable } from '../../common/printable.js';
import { parseDestinationId, parseServiceId } from '../../ipvs/model/selectors.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { DrainTarget } from '../../state/drain-rules.js';
import type { CurrentService } from '../../state/plan/plan.js';
import { resolveServer } from '../../state/selection.js';
import type { ServerSelector, ServiceSelector } from '../../state/selection.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { keptBy } from '../running-agent.js';
import type { RunningAgent } from '../running-agent.js';
import { usage } from '../table-reader.js';

/** Real servers in services that an agent keeps. */
export interface KeptTargets {
  readonly agent: RunningAgent;
  readonly targets: readonly DrainTarget[];
}

/**
 * The servers that are meant in services of the agent; undefined where there are none, and the table is changed directly.
 * @throws CliError when some are the agent's and others are not
 */
export function keptTargets(
  agent: RunningAgent | undefined,
  table: readonly CurrentService[],
  servers: readonly ServerSelector[],
  services: readonly ServiceSelector[],
): KeptTargets | undefined {
  if (agent === undefined) return undefined;
  const among = usage(() => selectStatus(agent.status.services, services));
  const within = among.selected.map(({ status }) => status);
  const found = usage(() => selectStatus(within, servers));
  const places = found.selected.map(({ status }) => status);
  if (places.length === 0) return undefined;
  const kept = keptBy(agent);
  const others = table.filter(({ id }) => !kept.has(formatServiceId(id)));
  const outside =
    services.length > 0
      ? among.missing.map(({ text }) => text)
      : others.filter((one) => hasAny(one, servers)).map(({ id }) => formatServiceId(id));
  if (outside.length > 0) {
    throw new CliError(
      `Nothing was changed: the agent keeps ${firstOf(places.map(({ service }) => service))}, but not ${printable(firstOf(outside))}. Name services of one kind with --service.`,
      exitStatus.usage,
    );
  }
  const [missing] = found.missing;
  if (missing !== undefined) {
    throw new CliError(
      `The agent has no real server ${missing.text} there. To see what there is: ipvs status`,
      exitStatus.usage,
    );
  }
  return { agent, targets: places.flatMap(targetsOf) };
}

function hasAny(service: CurrentService, servers: readonly ServerSelector[]): boolean {
  return servers.some((selector) => usage(() => resolveServer([service], selector)) !== undefined);
}

function targetsOf({ service, servers }: ServiceStatusJson): DrainTarget[] {
  const id = parseServiceId(service);
  return servers.map(({ server }) => ({ service: id, destination: parseDestinationId(server) }));
}
