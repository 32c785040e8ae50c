import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { DestinationSettings } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { tableChanges } from '../../state/diff.js';
import type { TableChange } from '../../state/diff.js';
import type { WantedService } from '../../state/table.js';
import { effectiveOf } from './goal.js';
import type { ServiceGoal } from './goal.js';

/** A change of the table that somebody else has made. */
export interface Drift {
  readonly service: string;
  /** Undefined: it is about the service itself. */
  readonly server: string | undefined;
  /** What was found: `weight was set to 1`. */
  readonly found: string;
}

/**
 * What somebody else has changed in an owned service. Who changes what the agent was about to, as another program that
 * checks the same servers does, has done no harm.
 * @param known how it was when it was last seen or written; undefined: it was never looked at.
 * @param current undefined: it is gone.
 */
export function driftOf(
  goal: ServiceGoal,
  known: WantedService | undefined,
  current: WantedService | undefined,
): readonly Drift[] {
  if (goal.kind !== 'keep') return [];
  if (known === undefined) return current === undefined ? [] : strangersIn(goal, current);
  if (current === undefined) {
    return [{ service: formatServiceId(goal.id), server: undefined, found: 'it was deleted' }];
  }
  const changes = tableChanges([known], [current]);
  if (changes.length === 0) return [];
  const wanted = effectiveOf(goal, current);
  const faults = new Set((wanted ? tableChanges([wanted], [current]) : []).map(placeOf));
  return changes.filter((change) => faults.has(placeOf(change))).map(toDrift);
}

const placeOf = ({ service, destination }: TableChange): string =>
  `${formatServiceId(service)} ${destination === undefined ? '' : formatDestinationId(destination)}`;

/** At the first look, what is there besides what is wanted. */
function strangersIn(goal: ServiceGoal, current: WantedService): readonly Drift[] {
  const wanted = new Set(
    effectiveOf(goal, current)?.destinations.map(({ id }) => formatDestinationId(id)),
  );
  return current.destinations
    .map(({ id }) => formatDestinationId(id))
    .filter((server) => !wanted.has(server))
    .map((server) => ({
      service: formatServiceId(current.id),
      server,
      found: 'it was in the table, and is not in the file',
    }));
}

function toDrift(change: TableChange): Drift {
  const service = formatServiceId(change.service);
  if (change.destination === undefined) {
    return { service, server: undefined, found: `its settings were changed` };
  }
  return { service, server: formatDestinationId(change.destination), found: serverText(change) };
}

function serverText(change: Extract<TableChange, { readonly destination: object }>): string {
  if (change.type === 'added') return `it was added with weight ${change.after.weight}`;
  if (change.type === 'removed') return 'it was deleted';
  const { before, after } = change;
  return before.weight === after.weight
    ? `its ${changedKeys(before, after)} changed`
    : `its weight was set from ${before.weight} to ${after.weight}`;
}

function changedKeys(before: DestinationSettings, after: DestinationSettings): string {
  if (before.forwardingMethod !== after.forwardingMethod) return 'method was';
  return before.tunnel === undefined && after.tunnel === undefined
    ? 'thresholds were'
    : 'settings were';
}
