import { IpAddress } from '../../ipvs/model/address.js';
import { isLoopback } from '../../ipvs/model/network.js';

/** Where the agent listens. */
export interface ListenAddress {
  readonly address: IpAddress;
  readonly port: number;
}

/** `127.0.0.1:9786`, `[::1]:9786`, `localhost:9786`; undefined for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = plain === 'localhost' ? '127.0.0.1' : (bracketed ?? plain ?? '');
  const address = IpAddress.tryParse(host);
  const number = Number(port ?? NaN);
  const isWritten = (address?.family === 'ipv6') === (bracketed !== undefined);
  if (address === undefined || !isWritten) return undefined;
  return number >= 1 && number <= 65_535 ? { address, port: number } : undefined;
}

/** As it stands in a URL. */
export function formatListenAddress({ address, port }: ListenAddress): string {
  return address.family === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whether only this machine can reach it. */
export const isPrivate = ({ address }: ListenAddress): boolean => isLoopback(address);
