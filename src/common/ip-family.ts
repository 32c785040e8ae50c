/** The version of the Internet Protocol. */
export type Family = 'ipv4' | 'ipv6';

export const families: readonly Family[] = ['ipv4', 'ipv6'];

/** As people write it. */
export const familyNames: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** The prefix length of an address by itself, without a network around it. */
export const HOST_PREFIX_LENGTH: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** The family of an address that is known to be one: `2001:db8::1`. */
export function addressFamily(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
