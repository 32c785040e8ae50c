import type { Destination } from '../../ipvs/model/destination.js';
import { isFull } from '../../ipvs/model/overload.js';
import { savedFlags } from '../../rules/grammar/scheduler-flags.js';
import type { NamedService } from '../table-reader.js';

/** What is worth a look in a row, in a word, and how much it is to stand out. */
export interface Status {
  readonly word: string;
  readonly level: 'bad' | 'warning';
}

/** Undefined: the server takes connections. */
export function serverStatus(server: Destination): Status | undefined {
  const { settings, activeConnections, inactiveConnections } = server;
  if (settings.weight === 0) {
    const isEmpty = activeConnections + inactiveConnections === 0;
    return { word: isEmpty ? 'drained' : 'draining', level: 'warning' };
  }
  return isFull(server) ? { word: 'overloaded', level: 'bad' } : undefined;
}

/** Undefined: at least one of its servers takes connections. */
export function serviceStatus({ destinations }: NamedService): Status | undefined {
  if (destinations.length === 0) return { word: 'no servers', level: 'bad' };
  const isDown = destinations.every((server) => serverStatus(server) !== undefined);
  return isDown ? { word: 'unavailable', level: 'bad' } : undefined;
}

/** Settings of a service that most do not have, in words. */
export function serviceRemarks({ settings }: NamedService): readonly string[] {
  const { scheduler, schedulerFlags, persistence, persistenceEngine, onePacket } = settings;
  return [
    ...(persistence === undefined ? [] : [`persistent ${persistence.timeoutSeconds}s`]),
    ...(persistenceEngine === undefined ? [] : [persistenceEngine]),
    ...savedFlags(scheduler, schedulerFlags),
    ...(onePacket ? ['one packet'] : []),
  ];
}
