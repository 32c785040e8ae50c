import { IpAddress } from './address.js';

/** Whether an address is in a network. */
export function inNet(address: IpAddress, net: IpAddress, prefixLength: number): boolean {
  if (address.family !== net.family) return false;
  return net.bytes.every((byte, index) => {
    const bits = Math.min(Math.max(prefixLength - 8 * index, 0), 8);
    const mask = 0xff & ~(0xff >> bits);
    return (byte & mask) === ((address.bytes[index] ?? 0) & mask);
  });
}

const LOOPBACK = IpAddress.parse('127.0.0.0');

/** Whether an address is a loopback address: 127.0.0.0/8, ::1. */
export function isLoopback(address: IpAddress): boolean {
  return inNet(address, LOOPBACK, 8) || address.toString() === '::1';
}
