import { formatDestinationId } from '../../ipvs/model/destination.js';
import { familyOf, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { WantedDestination, WantedService } from '../table.js';

/** What a state file may not ask for, although each value by itself is right. */
export interface Fault {
  /** The key that is at fault. */
  readonly key: string;
  readonly message: string;
}

/** Why a state file may not hold a service; undefined when it may. */
export function serviceFault({
  id,
  settings: { persistence },
}: Pick<WantedService, 'id' | 'settings'>): Fault | undefined {
  const family = familyOf(id);
  if (family === 'ipv4' && persistence?.prefixLength !== undefined) {
    return { key: 'persistence', message: 'prefixLength is for IPv6; for IPv4 write netmask' };
  }
  if (family === 'ipv6' && persistence?.netmask !== undefined) {
    return { key: 'persistence', message: 'netmask is for IPv4; for IPv6 write prefixLength' };
  }
  return undefined;
}

/** Why a state file may not hold a server; undefined when it may. */
export function serverFault(
  service: ServiceId,
  { id, settings }: WantedDestination,
): Fault | undefined {
  const { forwardingMethod: method, upperThreshold, lowerThreshold, tunnel } = settings;
  const server = formatDestinationId(id);
  if (method === 'bypass') {
    return { key: 'method', message: `${server}: method bypass is the kernel's own` };
  }
  if (method !== 'tun' && id.address.family !== familyOf(service)) {
    const families = 'is not of the address family of its service';
    return { key: 'server', message: `${server} ${families}, which only method tun allows` };
  }
  if (!isMark(service) && service.port !== 0 && id.port !== service.port && keepsPort(method)) {
    const { port } = service;
    return {
      key: 'server',
      message: `${server}: with method ${method} the port must be that of the service, ${port}; only method nat has another`,
    };
  }
  if (lowerThreshold > upperThreshold) {
    return {
      key: 'lowerThreshold',
      message: `${server}: lowerThreshold ${lowerThreshold} is above upperThreshold ${upperThreshold}`,
    };
  }
  if (tunnel?.type === 'unknown') {
    return { key: 'tunnel', message: `${server}: the type of its tunnel is not known here` };
  }
  if (tunnel?.type === 'gue' && tunnel.port === 0) {
    return { key: 'tunnel', message: `${server}: a gue tunnel needs a port` };
  }
  return undefined;
}

/** Only masquerading maps ports. */
const keepsPort = (method: string): boolean => method === 'dr' || method === 'tun';
