import { IpAddress } from '../../ipvs/model/address.js';
import { inNet } from '../../ipvs/model/network.js';
import type { Answer, Match, Packet } from './rules.js';

/** The conditions of rules, of both kinds of firewalls. */

export const unsure: Match = () => undefined;

type Side = 'destination' | 'source';

/** @param text `192.0.2.1`, `192.0.2.0/24`, `192.0.2.0/255.255.255.0`. */
export function inNetOf(side: Side, text: string): Match {
  const [start = '', length] = text.split('/');
  const net = IpAddress.tryParse(start);
  if (net === undefined) return unsure;
  const bits = length === undefined ? 8 * net.bytes.length : prefixLength(length);
  if (bits === undefined) return unsure;
  return (packet) => {
    const address = packet[side];
    if (address !== undefined) return inNet(address, net, bits);
    // The network of prefix length 0 has all addresses.
    return bits === 0 ? true : undefined;
  };
}

function prefixLength(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const mask = IpAddress.tryParse(text);
  if (mask === undefined) return undefined;
  const bits = Array.from(mask.bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** Ports from one to another. */
export function portIn(side: Side, from: number, to: number): Match {
  return (packet) => {
    const port = packet[`${side}Port`];
    if (port !== undefined) return port >= from && port <= to;
    return from <= 0 && to >= 65535 ? true : undefined;
  };
}

const NUMBERS: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '132': 'sctp' };

export function protocolIs(name: string): Match {
  if (name === 'all' || name === '0') return () => true;
  return (packet) => (NUMBERS[name] ?? name) === packet.protocol;
}

/** @param states as both kinds write them, in upper or lower case */
export function stateIn(states: readonly string[]): Match {
  const known = states.map((state) => state.toLowerCase());
  return (packet) => known.includes(packet.state);
}

/** @param name of an interface; with `+` or `*` at its end, of all that begin so */
export function comesBy(name: string): Match {
  const begins = /[+*]$/.test(name) ? name.slice(0, -1) : undefined;
  const matches = (device: string): boolean =>
    begins === undefined ? device === name : device.startsWith(begins);
  return ({ inDevice }): Answer => {
    if (inDevice !== undefined) return matches(inDevice);
    if (begins === '') return true;
    // Clients do not come in by lo.
    return name === 'lo' ? false : undefined;
  };
}

/** TCP: of these flags, those are set. */
export function flagsAre(mask: readonly string[], set: readonly string[]): Match {
  return ({ protocol, flags }: Packet): Answer =>
    protocol === 'tcp' && mask.every((flag) => flags.includes(flag) === set.includes(flag));
}
