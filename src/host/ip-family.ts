import type { IpAddress } from '../ipvs/model/address.js';
import type { IpVersion } from './network.js';

/** The version that programs want to know of an address. */
export function versionOf(address: IpAddress | string): IpVersion {
  return address.toString().includes(':') ? 6 : 4;
}

/** The length of an address that has no net around it. */
export const HOST_LENGTH = { 4: 32, 6: 128 } as const;

/** A virtual address by itself, whatever net it is in, on an interface, as iproute2 writes it. */
export function hostAddress(address: IpAddress | string, device: string): string {
  return `${address.toString()}/${HOST_LENGTH[versionOf(address)]} dev ${device}`;
}
