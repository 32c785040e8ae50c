import { checkObject, shown } from './checks.js';
import type { CommandAttributes } from '../wire/schema.js';

/** Seconds that idle connections are kept. */
export interface Timeouts {
  readonly tcpSeconds: number;
  /** After a FIN. */
  readonly tcpFinSeconds: number;
  readonly udpSeconds: number;
}

/** Timeouts to set; what is left out stays as it is. */
export type TimeoutsInput = { readonly [K in keyof Timeouts]?: Timeouts[K] | undefined };

/** 0 leaves a timeout as it is, for the kernel: no caller means that by it. */
export function encodeTimeouts(timeouts: TimeoutsInput): CommandAttributes {
  checkObject(timeouts, 'timeouts');
  const secondsOf = (field: keyof Timeouts) => {
    const seconds = timeouts[field];
    if (seconds === undefined) return 0;
    if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 0xffff_ffff) return seconds;
    throw new RangeError(`${field}: ${shown(seconds)} is not a whole number from 1 to 4294967295`);
  };
  return {
    TIMEOUT_TCP: secondsOf('tcpSeconds'),
    TIMEOUT_TCP_FIN: secondsOf('tcpFinSeconds'),
    TIMEOUT_UDP: secondsOf('udpSeconds'),
  };
}

export function decodeTimeouts(attributes: CommandAttributes): Timeouts {
  return {
    tcpSeconds: attributes.TIMEOUT_TCP ?? 0,
    tcpFinSeconds: attributes.TIMEOUT_TCP_FIN ?? 0,
    udpSeconds: attributes.TIMEOUT_UDP ?? 0,
  };
}
