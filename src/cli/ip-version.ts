import type { IpAddress } from '../ipvs/address.js';
import type { IpVersion } from '../machine/network.js';

/** The version that programs want to know of an address. */
export function versionOf(address: IpAddress | string): IpVersion {
  return address.toString().includes(':') ? 6 : 4;
}
