import { checkObject } from './checks.js';
import type { DestinationSettings, DestinationSettingsInput } from './destination.js';
import type { ServiceSettings, ServiceSettingsInput } from './service.js';

type PersistenceInput = NonNullable<ServiceSettingsInput['persistence']>;
type TunnelInput = NonNullable<DestinationSettingsInput['tunnel']>;
type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What to change about a virtual service. What is left out, or is undefined, stays as it is. */
export type ServicePatch = Omit<ServiceSettingsInput, 'persistence' | 'persistenceEngine'> & {
  /** What is left out of it stays too; `null` switches persistence off. */
  readonly persistence?: Optional<PersistenceInput> | null | undefined;
  /** `null`: no engine. */
  readonly persistenceEngine?: string | null | undefined;
};

/** What to change about a real server. What is left out, or is undefined, stays as it is. */
export type DestinationPatch = Omit<DestinationSettingsInput, 'tunnel'> & {
  /** Of the same type of tunnel, what is left out stays too; `null` is the plain ipip. */
  readonly tunnel?: Optional<TunnelInput> | null | undefined;
};

/** The settings of a virtual service after a patch. */
export function patchService(now: ServiceSettings, patch: ServicePatch): ServiceSettingsInput {
  checkObject(patch, 'patch');
  const { persistence, persistenceEngine, ...others } = patch;
  return {
    ...now,
    ...named(others),
    persistence: patchPersistence(now.persistence, persistence),
    persistenceEngine:
      persistenceEngine === null ? undefined : (persistenceEngine ?? now.persistenceEngine),
  };
}

function patchPersistence(
  now: ServiceSettings['persistence'],
  patch: ServicePatch['persistence'],
): PersistenceInput | undefined {
  if (patch === undefined) return now;
  if (patch === null) return undefined;
  // Without a timeout on either side this is refused by name when it is encoded.
  checkObject(patch, 'persistence');
  return { ...now, ...named(patch) } as PersistenceInput;
}

/** The settings of a real server after a patch. */
export function patchDestination(
  now: DestinationSettings,
  patch: DestinationPatch,
): DestinationSettingsInput {
  checkObject(patch, 'patch');
  const { tunnel, ...others } = patch;
  const after = { ...now, ...named(others) };
  // Another method has no tunnel: an old kernel would be asked for what is of no use.
  const before = after.forwardingMethod === 'tun' ? now.tunnel : undefined;
  return { ...after, tunnel: patchTunnel(before, tunnel) };
}

function patchTunnel(
  now: DestinationSettings['tunnel'],
  patch: DestinationPatch['tunnel'],
): TunnelInput | undefined {
  if (patch === undefined) return now;
  if (patch === null) return undefined;
  checkObject(patch, 'tunnel');
  const isOther = patch.type !== undefined && patch.type !== now?.type;
  return (isOther ? patch : { ...now, ...named(patch) }) as TunnelInput;
}

/** Without what is undefined, which would take the place of a value. */
function named<T extends object>(patch: T): T {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as T;
}
