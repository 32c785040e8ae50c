import type { CheckTarget } from '../../../src/agent/config/config.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';

/** Long enough for all that is meant to end by itself, on any machine. */
export const LONG_MS = 60_000;

/** A server of a service that a check is to ask. */
export function targetOf(
  address: string,
  port: number,
  more: Partial<CheckTarget> = {},
): CheckTarget {
  const parsed = IpAddress.parse(address);
  return {
    address: parsed,
    port,
    source: undefined,
    through: 'server',
    timeoutMs: LONG_MS,
    service: { protocol: 'tcp', address: IpAddress.parse('192.0.2.1'), port: 80 },
    serviceName: 'web',
    server: { address: parsed, port },
    ...more,
  };
}
