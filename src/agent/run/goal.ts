import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { ServiceId, ServiceSettings } from '../../ipvs/model/service.js';
import type { WantedDestination, WantedService } from '../../state/table.js';

/** What the agent wants of one service now: desired ⊕ health ⊕ drains ⊕ maintenance. */
export type ServiceGoal =
  | {
      readonly kind: 'keep';
      readonly id: ServiceId;
      readonly name: string | undefined;
      readonly settings: ServiceSettings;
      readonly destinations: readonly WantedDestination[];
      /** Real servers that have left the file and are drained: they stay with weight 0, if they are there. */
      readonly leaving: ReadonlySet<string>;
    }
  /** It has left the file: it stays, if it is there, with weight 0 for all of its servers. */
  | { readonly kind: 'drain'; readonly id: ServiceId }
  | { readonly kind: 'remove'; readonly id: ServiceId };

/** What a service is to become, given what it is. Undefined: it is not to be there. */
export function effectiveOf(
  goal: ServiceGoal,
  current: WantedService | undefined,
): WantedService | undefined {
  if (goal.kind === 'remove') return undefined;
  if (goal.kind === 'drain') return current && { ...current, destinations: quiet(current) };
  const { id, settings, destinations, leaving } = goal;
  if (leaving.size === 0 || current === undefined) return { id, settings, destinations };
  const named = new Set(destinations.map((one) => formatDestinationId(one.id)));
  const goers = quiet(current).filter((one) => {
    const key = formatDestinationId(one.id);
    return leaving.has(key) && !named.has(key);
  });
  return { id, settings, destinations: [...destinations, ...goers] };
}

function quiet({ destinations }: WantedService): WantedDestination[] {
  return destinations.map(({ id, settings }) => ({ id, settings: { ...settings, weight: 0 } }));
}
