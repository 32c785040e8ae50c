import type { Rates } from '../../ipvs/model/statistics.js';
import { exactDigits, shortBytes, shortNumber } from '../../terminal/human.js';

/** Rates in a line. */
export function ratesText(rates: Rates | undefined, isExact: boolean): string {
  if (rates === undefined) return '';
  const number = isExact ? exactDigits : shortNumber;
  const bytes = isExact ? (value: number) => `${exactDigits(value)}B` : shortBytes;
  const { connectionsPerSecond, incomingBytesPerSecond, incomingPacketsPerSecond } = rates;
  const { outgoingBytesPerSecond, outgoingPacketsPerSecond } = rates;
  return [
    `${number(connectionsPerSecond)} connections/s`,
    `in ${bytes(incomingBytesPerSecond)}/s, ${number(incomingPacketsPerSecond)} packets/s`,
    `out ${bytes(outgoingBytesPerSecond)}/s, ${number(outgoingPacketsPerSecond)} packets/s`,
  ].join('  ');
}
