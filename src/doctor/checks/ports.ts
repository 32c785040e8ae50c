import type { ServiceEntry } from '../../ipvs/client/client.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { Check, Occurrence } from '../check.js';
import { addServer, removeServer } from '../fixes.js';

export const portMappingIgnored: Check = {
  id: 'port-mapping-ignored',
  severity: 'warning',
  title: 'A direct routing or tunnel real server has a different port from its service',
  why:
    'Packets arrive at the port of the service, as the client sent them: if nothing listens there, clients are ' +
    'refused. Only NAT translates ports.',
  role: 'director',
  run: async (context) => (await context.ipvs.table()).flatMap(mapped),
};

function mapped({ service: { id }, destinations }: ServiceEntry): readonly Occurrence[] {
  if (isMark(id) || id.port === 0) return [];
  const there = new Set(destinations.map((one) => formatDestinationId(one.id)));
  return destinations
    .filter(({ settings: { forwardingMethod } }) => /^(?:dr|tun)$/.test(forwardingMethod))
    .filter((one) => one.id.port !== id.port)
    .map((one) => {
      const right = { ...one, id: { ...one.id, port: id.port } };
      const add = there.has(formatDestinationId(right.id)) ? [] : [addServer(id, right)];
      const text = formatDestinationId(one.id);
      return {
        evidence: `${formatServiceId(id)}: ${text} by ${one.settings.forwardingMethod}`,
        fix: [...add, removeServer(id, one)],
      };
    });
}

const FTP_PORT = 21;
/** The application helpers in use: `TCP  21      0      ftp`. */
const APPLICATIONS = '/proc/net/ip_vs_app';

export const ftpModuleMissing: Check = {
  id: 'ftp-module-missing',
  severity: 'warning',
  title: 'FTP is balanced by NAT without the module ip_vs_ftp',
  why:
    'In passive mode the client connects to a port that is not a virtual service, and is ' +
    'refused. In active mode the real server connects from an address that the client does not know.',
  role: 'director',
  run: async (context) => {
    const table = await context.ipvs.table();
    const balanced = table.filter(isFtpByNat);
    const applications = balanced.length > 0 ? await context.host.read(APPLICATIONS) : undefined;
    if (applications === undefined || /^TCP +21\s/m.test(applications)) return [];
    const wholeAddresses = new Set(table.flatMap(({ service }) => everyPortOf(service.id)));
    return balanced
      .filter(({ service: { id } }) => isMark(id) || !wholeAddresses.has(id.address.toString()))
      .map(({ service: { id } }) => ({
        evidence: `${formatServiceId(id)}: real servers by NAT, and no ftp in ${APPLICATIONS}`,
        fix: ['modprobe ip_vs_ftp'],
      }));
  },
};

function isFtpByNat({ service: { id }, destinations }: ServiceEntry): boolean {
  return (
    !isMark(id) &&
    id.protocol === 'tcp' &&
    id.port === FTP_PORT &&
    destinations.some(({ settings }) => settings.forwardingMethod === 'nat')
  );
}

/** A service for all ports of an address accepts data connections too. */
function everyPortOf(id: ServiceId): readonly string[] {
  return !isMark(id) && id.protocol === 'tcp' && id.port === 0 ? [id.address.toString()] : [];
}
