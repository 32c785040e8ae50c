/** The version of the Internet Protocol. */
export type Family = 'ipv4' | 'ipv6';

export const families: readonly Family[] = ['ipv4', 'ipv6'];

/** As shown to people. */
export const familyNames: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** The prefix length of an address by itself, without a network around it. */
export const HOST_PREFIX_LENGTH: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** The family of a valid address: `2001:db8::1`. */
export function addressFamily(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
