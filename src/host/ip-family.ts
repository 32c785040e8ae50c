import type { IpVersion } from './network.js';

/** An address: its text, or a value whose text it is. */
type Address = string | { toString(): string };

/** The version that programs want to know of an address. */
export function versionOf(address: Address): IpVersion {
  return address.toString().includes(':') ? 6 : 4;
}

/** The length of an address that has no net around it. */
export const HOST_LENGTH = { 4: 32, 6: 128 } as const;

/** A virtual address by itself, whatever net it is in, on an interface, as iproute2 writes it. */
export function hostAddress(address: Address, device: string): string {
  return `${address.toString()}/${HOST_LENGTH[versionOf(address)]} dev ${device}`;
}
