import { expect } from 'vitest';
import type { Namespace } from '../lab/lab.js';
import { shown } from './shown.js';
import { PATIENCE_MS } from '../lab/patience.js';

/** How long to wait for what comes by itself: the end of a connection, counters that are added up every 2 seconds. */
export const SOON = { timeout: PATIENCE_MS };

/** Types lines of ipvsadm, one after the other, each of which must succeed and print nothing. */
export async function type(director: Namespace, lines: string): Promise<void> {
  for (const line of lines.split('\n').map((text) => text.trim())) {
    if (line !== '') expect(await shown(director, line)).toBe('');
  }
}

export interface Counters {
  readonly conns: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

/** The statistics of a service and, below their addresses, of its real servers; the service is at its own. */
export async function statistics(
  director: Namespace,
  service: string,
): Promise<Record<string, Counters>> {
  const listing = await shown(director, `-Ln -t ${service} --stats --exact`);
  const rows = listing.matchAll(/^(?:TCP| {2}->) +(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$/gm);
  return Object.fromEntries(
    [...rows].map(([, address = '', ...fields]) => {
      const [conns = 0, inPackets = 0, outPackets = 0, inBytes = 0, outBytes = 0] =
        fields.map(Number);
      return [address, { conns, inPackets, outPackets, inBytes, outBytes }];
    }),
  );
}

/** The connections of a service, sorted: `STATE CLIENT -> REAL SERVER`, without the client's port. */
export async function connections(director: Namespace, service: string): Promise<string[]> {
  const listing = await shown(director, '-Lnc');
  const found = listing.split('\n').flatMap((line) => {
    const [, , state = '', source = '', virtual, server = ''] = line.split(/ +/);
    return virtual === service ? [`${state} ${source.replace(/:\d+$/, '')} -> ${server}`] : [];
  });
  return found.sort();
}
