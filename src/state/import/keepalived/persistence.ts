import { IpAddress } from '../../../ipvs/model/address.js';
import type { Persistence } from '../../../ipvs/model/service.js';
import type { ImportReport } from '../report.js';
import type { Target } from './places.js';
import type { VirtualServer } from './servers.js';

const DEFAULT_PERSISTENCE = 360;

/** How long clients stay; a service for all ports must be persistent. */
export function persistenceOf(
  virtual: VirtualServer,
  target: Target,
  report: ImportReport,
): Persistence | undefined {
  const { statement, granularity } = virtual;
  let seconds = virtual.persistenceSeconds;
  if (seconds === undefined && isForAllPorts(target)) {
    seconds = DEFAULT_PERSISTENCE;
    report.info(
      statement,
      `virtual_server: it is for all ports, so keepalived makes it persistent for ${seconds} seconds`,
    );
  }
  if (seconds === undefined) {
    if (virtual.engine !== undefined) {
      report.lost(
        virtual.engine,
        'persistence_engine: keepalived uses it only with persistence_timeout',
      );
    }
    return undefined;
  }
  const word = granularity?.words[0] ?? '';
  if (granularity !== undefined && 'addresses' in target) {
    report.lost(granularity, 'persistence_granularity: keepalived does not use it for groups');
    return { timeoutSeconds: seconds };
  }
  if (word === '') return { timeoutSeconds: seconds };
  if (/^\d+$/.test(word)) return { timeoutSeconds: seconds, prefixLength: Number(word) };
  return { timeoutSeconds: seconds, netmask: IpAddress.tryParse(word) };
}

function isForAllPorts(target: Target): boolean {
  if ('firewallMark' in target) return false;
  return ('address' in target ? [target] : target.addresses).some(({ port }) => port === 0);
}
