import { counted } from '../../common/plural.js';
import { EXPIRE_NODEST_CONN, EXPIRE_QUIESCENT_TEMPLATE } from '../../host/ipvs-sysctls.js';
import { sysctlCommand, sysctlName } from '../../host/sysctl.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { ServiceSettings } from '../../ipvs/model/service.js';
import { drainObstacles } from '../../state/drain-rules.js';
import type { DrainedServer, DrainObstacle } from '../../state/drain-rules.js';

/** How this director treats the clients of a server of weight 0. */
export interface DrainSurroundings {
  readonly timeoutSeconds: number;
  /** How long an entry of UDP is kept after its client's last packet. */
  readonly udpSeconds: number;
  /** Undefined: not known. */
  readonly expireQuiescentTemplate: number | undefined;
}

/** Why waiting may be in vain, for somebody to read, with what to type. */
export interface DrainWarning {
  readonly service: string;
  readonly server: string;
  readonly reason: DrainObstacle;
  readonly message: string;
}

export function warningsFor(
  server: DrainedServer,
  settings: ServiceSettings,
  surroundings: DrainSurroundings,
): DrainWarning[] {
  const names = {
    service: formatServiceId(server.service),
    server: formatDestinationId(server.destination),
  };
  return drainObstacles(server, { settings, ...surroundings }).map((reason) => ({
    ...names,
    reason,
    message: texts[reason](names, settings, surroundings),
  }));
}

type Names = Pick<DrainWarning, 'service' | 'server'>;

const texts: Readonly<
  Record<DrainObstacle, (names: Names, settings: ServiceSettings, of: DrainSurroundings) => string>
> = {
  templatesStay: ({ service, server }) =>
    `${service} is persistent, and its clients keep coming back to ${server}, because ${sysctlName(EXPIRE_QUIESCENT_TEMPLATE)} is 0.\n` +
    `To send them to other servers: ${sysctlCommand(EXPIRE_QUIESCENT_TEMPLATE, 1)}`,
  templatesOutlive: ({ service, server }, { persistence }, { timeoutSeconds }) => {
    const seconds = persistence?.timeoutSeconds ?? 0;
    return (
      `${service} remembers which clients belong to ${server} for ${seconds} s, but --timeout is ${timeoutSeconds}.\n` +
      `To wait long enough: ipvs drain ${server} --timeout ${seconds + 60}`
    );
  },
  udp: ({ service, server }, _, { udpSeconds }) =>
    `${service}: UDP has no end of a connection. A client of ${server} is gone when it has sent nothing for ${udpSeconds} s;\n` +
    'one that keeps sending stays. To move such clients when the time is over:\n' +
    `${sysctlCommand(EXPIRE_NODEST_CONN, 1)}; ipvs drain ${server} --delete --force`,
};

/** What a server still has: `2 active and 1 inactive connection, 1 persistent client`. */
export function leftText({
  active,
  inactive,
  templates,
}: Pick<DrainedServer, 'active' | 'inactive' | 'templates'>): string {
  const clients = counted(templates, 'persistent client');
  if (templates > 0 && active + inactive === 0) return clients;
  const connections =
    inactive === 0
      ? counted(active, 'active connection')
      : `${active.toLocaleString('en')} active and ${counted(inactive, 'inactive connection')}`;
  return templates === 0 ? connections : `${connections}, ${clients}`;
}
