import type { ServiceEntry } from '../../ipvs/client/client.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { isFull } from '../../ipvs/model/overload.js';
import type { Check, Occurrence } from '../check.js';
import { editServer, serviceOption } from '../fixes.js';

export const serviceEmpty: Check = {
  id: 'service-empty',
  severity: 'error',
  title: 'A virtual service has no real servers',
  why: 'Clients are refused.',
  role: 'director',
  run: async (context) =>
    (await context.ipvs.table())
      .filter(({ destinations }) => destinations.length === 0)
      .map(({ service: { id } }) => ({
        evidence: `${formatServiceId(id)}: no real servers`,
        fix: [`ipvsadm -a ${serviceOption(id)} -r REAL-SERVER`],
      })),
};

export const serviceAllQuiet: Check = {
  id: 'service-all-quiet',
  severity: 'error',
  title: 'All real servers of a virtual service have weight 0',
  why: 'New clients are refused. Established connections and persistent clients are still served.',
  role: 'director',
  run: async (context) =>
    (await context.ipvs.table())
      .filter(({ destinations }) => destinations.length > 0)
      .filter(({ destinations }) => destinations.every(({ settings }) => settings.weight === 0))
      .map(({ service: { id }, destinations }) => ({
        evidence: `${formatServiceId(id)}: weight 0 at ${destinations.map(formatIdOf).join(', ')}`,
        fix: destinations.map((destination) => editServer(id, destination, { weight: 1 })),
      })),
};

const formatIdOf = ({ id }: ServiceEntry['destinations'][number]): string =>
  formatDestinationId(id);

/** Whether no real server of a service accepts connections, but one would if it had no threshold. */
function isAllFull({ destinations }: ServiceEntry): boolean {
  return (
    destinations.some((one) => one.settings.weight > 0) &&
    destinations.every((one) => one.settings.weight === 0 || isFull(one))
  );
}

/** The real servers that are full; the fix doubles their thresholds. */
function fullServers({ service: { id }, destinations }: ServiceEntry): readonly Occurrence[] {
  return destinations
    .filter((one) => one.settings.weight > 0 && isFull(one))
    .map((one) => {
      const { upperThreshold } = one.settings;
      const has = `${one.activeConnections} active and ${one.inactiveConnections} inactive connections`;
      return {
        evidence: `${formatServiceId(id)}: ${formatDestinationId(one.id)} has ${has}, its upper threshold is ${upperThreshold}`,
        fix: [
          editServer(id, one, { upperThreshold: Math.min(2 * upperThreshold, MOST_CONNECTIONS) }),
        ],
      };
    });
}

/** The largest threshold that fits. */
const MOST_CONNECTIONS = 0xffff_ffff;

export const serviceFull: Check = {
  id: 'service-full',
  severity: 'error',
  title: 'All real servers of a virtual service have reached their upper thresholds',
  why:
    'New clients are refused until the connections fall below the lower threshold, or below three quarters of the ' +
    'upper one if there is none. Inactive connections count too. Add real servers, or raise the thresholds.',
  role: 'director',
  run: async (context) => (await context.ipvs.table()).filter(isAllFull).flatMap(fullServers),
};

export const thresholdReached: Check = {
  id: 'threshold-reached',
  severity: 'warning',
  title: 'A real server has reached its upper threshold',
  why:
    'It gets no new connections, and the other real servers get more, until its connections fall below its lower ' +
    'threshold, or below three quarters of the upper one if there is none. Inactive connections count too.',
  role: 'director',
  run: async (context) =>
    (await context.ipvs.table()).filter((entry) => !isAllFull(entry)).flatMap(fullServers),
};
