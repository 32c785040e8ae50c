import { formatVirtual, isTemplate } from '../ipvs/model/connection.js';
import { formatEndpoint } from '../ipvs/model/service.js';
import type { Connection } from '../ipvs/proc/read-connections.js';

/** An entry of the connection table in JSON. */
export interface ConnectionJson {
  /** `ip` for the template of a service by mark. */
  readonly protocol: string;
  /** Address and port; port 0 in a template. */
  readonly client: string;
  /** What the client asked for: address and port, or `mark:7` for the template of a service by mark. */
  readonly service: string;
  readonly server: string;
  readonly state: string;
  readonly expiresInSeconds: number;
  /** Whether it keeps a persistent client on its real server, and is no connection. */
  readonly template?: true;
}

export function connectionJson(connection: Connection): ConnectionJson {
  const { protocol, source, destination, state, expiresInSeconds } = connection;
  return {
    protocol,
    client: formatEndpoint(source.address, source.port),
    service: formatVirtual(connection),
    server: formatEndpoint(destination.address, destination.port),
    state,
    expiresInSeconds,
    ...(isTemplate(connection) && { template: true }),
  };
}
