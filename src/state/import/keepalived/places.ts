import type { DestinationId } from '../../../ipvs/model/destination.js';
import { isMark } from '../../../ipvs/model/service.js';
import type { ServiceId } from '../../../ipvs/model/service.js';
import type { Group } from './groups.js';
import type { VirtualServer } from './servers.js';
import type { Method } from './settings.js';
import type { Endpoint } from './values.js';

/** What a virtual_server is called by: an address, a mark, or a group of them. */
export type Target = Endpoint | { readonly firewallMark: number } | Group;

/** How a real server, or a sorry server, is reached: as it says, as the service says, or by NAT. */
export function methodOf(
  { method }: { readonly method: Method | undefined },
  virtual: VirtualServer,
) {
  return method ?? virtual.method ?? ({ forwardingMethod: 'nat' } satisfies Method);
}

/** The port of a real server: only NAT can change it. */
export function placeOf(
  { address, port }: Endpoint,
  { forwardingMethod }: Method,
  id: ServiceId,
  target: Target,
): DestinationId {
  const ofService = isMark(id) ? 0 : id.port;
  if (forwardingMethod !== 'nat') return { address, port: ofService };
  return { address, port: port === 0 && 'address' in target ? ofService : port };
}
