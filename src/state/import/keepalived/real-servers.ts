import { IpAddress } from '../../../ipvs/model/address.js';
import { formatDestinationId } from '../../../ipvs/model/destination.js';
import type { DestinationId } from '../../../ipvs/model/destination.js';
import type { About, ImportReport } from '../report.js';
import type { ReadServer } from './health.js';
import { methodOf } from './places.js';
import { realServerKeywords, unsupportedOfRealServers } from './servers.js';
import type { RealServer, VirtualServer } from './servers.js';
import { readBlock } from './settings.js';
import type { Statement } from './tree.js';
import { endpointAt } from './values.js';

/** Reads a real_server; none when its address is wrong. @param aboutOf what notes of it are about, once that is known. */
export function readRealServer(
  statement: Statement,
  report: ImportReport,
  aboutOf: (server: RealServer) => About | undefined,
): readonly ReadServer[] {
  const endpoint = endpointAt(statement, 0, report);
  const server: RealServer = {
    address: endpoint?.address ?? IpAddress.parse('0.0.0.0'),
    port: endpoint?.port ?? 0,
    statement,
    timing: {},
    checkers: [],
    weight: undefined,
    method: undefined,
    upperThreshold: 0,
    lowerThreshold: 0,
    inhibit: undefined,
    virtualHost: undefined,
  };
  const own = report.about(() => aboutOf(server));
  readBlock(
    server,
    statement,
    { keywords: realServerKeywords, unsupported: unsupportedOfRealServers },
    own,
  );
  if (endpoint === undefined) return [];
  return [{ server, report: own }];
}

/** The real servers that keepalived uses: of the right family, unless tunnelled, and each once. */
export function withoutOthers(
  virtual: VirtualServer,
  servers: readonly ReadServer[],
  report: ImportReport,
): readonly ReadServer[] {
  const kept: ReadServer[] = [];
  for (const one of servers) {
    const { server } = one;
    const text = formatDestinationId(server);
    if (methodOf(server, virtual).forwardingMethod !== 'tun') {
      virtual.family ??= server.address.family;
      if (virtual.family !== server.address.family) {
        report.lost(
          server.statement,
          `real_server ${text}: keepalived leaves it out, as its family is not the service's`,
        );
        continue;
      }
    }
    kept.push(one);
  }
  return kept;
}

/** The first of those that are the same in the kernel, where they may have another port than they were given. */
export function withoutDoubles(
  servers: readonly ReadServer[],
  places: ReadonlyMap<RealServer, DestinationId>,
): readonly ReadServer[] {
  const known = new Set<string>();
  return servers.filter(({ server, report }) => {
    const text = formatDestinationId(places.get(server) ?? server);
    if (known.has(text)) {
      report.lost(
        server.statement,
        `real_server ${text}: keepalived uses the first one alone, and this is a second one`,
      );
      return false;
    }
    known.add(text);
    return true;
  });
}
