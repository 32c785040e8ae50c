import type { Destination } from '../../ipvs/model/destination.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatPlace } from '../../ipvs/model/place.js';
import { familyOf, formatEndpoint, formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { Check, Occurrence } from '../check.js';
import { counted } from '../../common/plural.js';
import type { CheckContext } from '../check-context.js';
import { forwardingSysctl } from '../../host/requirements.js';

/** Fewer may be clients that have gone away, or connections that have just begun. */
const FEWEST = 5;

interface Tally {
  opening: number;
  others: number;
}

interface Suspect {
  readonly service: ServiceId;
  readonly destination: Destination;
  readonly opening: number;
}

/** Only for NAT: with the other methods, replies do not pass the director. */
export const answersMissing: Check = {
  id: 'answers-missing',
  severity: 'error',
  title: 'Replies of real servers behind NAT do not come back through the director',
  why:
    'Connections stay in SYN_RECV, and their clients time out. Either the default gateway of the real server is not ' +
    'the director, or the real server is down, or a firewall drops its replies.',
  role: 'director',
  run: async (context) => {
    const suspects = await suspectsOf(context);
    const resolvedRoutes = await context.machine.resolvedRoutes(
      suspects.map(({ destination }) => destination.id.address.toString()),
    );
    return suspects.map(({ service, destination, opening }): Occurrence => {
      const { address } = destination.id;
      const gateway = resolvedRoutes.get(address.toString())?.source ?? 'DIRECTOR';
      const ip = address.family === 'ipv6' ? 'ip -6' : 'ip';
      const { incomingPackets, outgoingPackets } = destination.statistics;
      return {
        evidence:
          `${formatServiceId(service)}: ${counted(opening, 'connection')} to ${formatDestinationId(destination.id)} in ` +
          `SYN_RECV, ${incomingPackets} packets in, ${outgoingPackets} out`,
        fix: [`On ${address}: ${ip} route replace default via ${gateway}`],
      };
    });
  },
};

async function suspectsOf(context: CheckContext): Promise<readonly Suspect[]> {
  const forwarded = { ipv4: false, ipv6: false };
  for (const family of ['ipv4', 'ipv6'] as const) {
    // Without forwarding no reply gets through, which is a finding of its own.
    forwarded[family] = (await context.machine.sysctlNumber(forwardingSysctl[family])) !== 0;
  }
  const silent = (await context.ipvs.table())
    .filter(({ service: { id } }) => forwarded[familyOf(id)] && !isMark(id))
    .flatMap(({ service: { id }, destinations }) =>
      destinations.filter(isSilent).map((destination) => ({ service: id, destination })),
    );
  if (silent.length === 0) return [];
  const tallies = await openings(context);
  return silent.flatMap(({ service, destination }) => {
    const { opening, others } = tallies.get(formatPlace(service, destination.id)) ?? NONE;
    return opening < FEWEST || opening <= others ? [] : [{ service, destination, opening }];
  });
}

const NONE: Tally = { opening: 0, others: 0 };

/** In a SYN flood, replies do go out. The totals may hold replies from before the fault, so the current rates count too. */
function isSilent({ settings, statistics }: Destination): boolean {
  const { incomingPackets, outgoingPackets, rates } = statistics;
  if (settings.forwardingMethod !== 'nat' || incomingPackets === 0n) return false;
  return (
    outgoingPackets === 0n ||
    (rates.incomingPacketsPerSecond > 0 && rates.outgoingPacketsPerSecond === 0)
  );
}

/** How many connections are being opened, by service and real server. */
async function openings(context: CheckContext): Promise<ReadonlyMap<string, Tally>> {
  const tallies = new Map<string, Tally>();
  for (const {
    protocol,
    source,
    virtual,
    destination,
    state,
  } of await context.ipvs.connections()) {
    if (protocol !== 'tcp' || source.port === 0) continue;
    const service = `tcp:${formatEndpoint(virtual.address, virtual.port)}`;
    const key = `${service} ${formatEndpoint(destination.address, destination.port)}`;
    const tally = tallies.get(key) ?? { opening: 0, others: 0 };
    tally[state === 'SYN_RECV' ? 'opening' : 'others'] += 1;
    tallies.set(key, tally);
  }
  return tallies;
}
