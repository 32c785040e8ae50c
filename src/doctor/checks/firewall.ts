import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { AddressService } from '../../ipvs/model/service.js';
import { sysctlCommand, formatSysctl } from '../../host/sysctl.js';
import type { Check } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { certainDrop } from '../firewall/rules.js';
import type { Packet } from '../firewall/rules.js';
import { activeServers, serverRoutes } from '../roles.js';

/** The port; undefined for port 0 of a service, which stands for all ports. */
function namedPort(port: number): number | undefined {
  return port === 0 ? undefined : port;
}

/** The first packet of a client. */
function firstPacket({ protocol, address, port }: AddressService): Packet {
  return {
    family: address.family,
    protocol,
    destination: address,
    destinationPort: namedPort(port),
    state: 'new',
    flags: ['SYN'],
  };
}

export const firewallDrops: Check = {
  id: 'firewall-drops',
  severity: 'error',
  title: "The director's firewall drops packets for a virtual service",
  why:
    'The firewall filters incoming packets before IPVS sees them: clients time out or are refused, and IPVS counts no ' +
    'connections. Only what is certain is reported: a rule with conditions other than addresses, ports, protocol, ' +
    'interface and connection state is assumed to accept the packet.',
  role: 'director',
  run: async (context) => {
    const rulesets = await context.firewall();
    if (rulesets.length === 0) return [];
    return (await context.ipvs.table()).flatMap(({ service: { id } }) => {
      if (isMark(id)) return [];
      const packet = firstPacket(id);
      const drop = certainDrop(rulesets, 'input', packet);
      if (drop === undefined) return [];
      return [
        {
          evidence: `${formatServiceId(id)} is dropped by: ${drop.by}`,
          fix: [drop.ruleset.acceptLine('input', packet)],
        },
      ];
    });
  },
};

const CONNTRACK = 'net/ipv4/vs/conntrack';
/** How many real servers are judged: rules usually hold for networks. */
const MOST_SERVERS = 256;

/**
 * The state in which connection tracking sees replies of connections that it does not track: invalid for TCP, and new for
 * UDP.
 */
const untracked = { tcp: 'invalid', udp: 'new', sctp: 'invalid' } as const;

export const conntrackOff: Check = {
  id: 'conntrack-off',
  severity: 'error',
  title: "The director's firewall drops replies, because balanced connections are not tracked",
  why:
    'The firewall accepts packets of tracked connections, and IPVS does not register its own with connection ' +
    'tracking: replies of real servers behind NAT are dropped, and clients time out.',
  role: 'director',
  run: async (context) => {
    if ((await context.machine.sysctlNumber(CONNTRACK)) !== 0) return [];
    const rulesets = await context.firewall();
    if (rulesets.length === 0) return [];
    for (const { reply, name } of await repliesOf(context)) {
      const drop = certainDrop(rulesets, 'forward', {
        ...reply,
        state: untracked[reply.protocol],
      });
      if (drop === undefined) continue;
      if (certainDrop(rulesets, 'forward', { ...reply, state: 'established' })) continue;
      return [
        {
          evidence: `${formatSysctl(CONNTRACK, 0)}; replies of ${name} are dropped by: ${drop.by}`,
          fix: [sysctlCommand(CONNTRACK, 1)],
        },
      ];
    }
    return [];
  },
};

interface Reply {
  readonly reply: Omit<Packet, 'state'>;
  readonly name: string;
}

/** The first replies of real servers behind NAT. */
async function repliesOf(context: CheckContext): Promise<readonly Reply[]> {
  const servers = (await activeServers(context))
    .filter(({ destination }) => destination.settings.forwardingMethod === 'nat')
    .slice(0, MOST_SERVERS);
  const resolvedRoutes = await serverRoutes(context);
  return servers.flatMap(({ service: { id }, destination, address }) => {
    if (isMark(id) || resolvedRoutes.get(address)?.local === true) return [];
    const reply = {
      family: id.address.family,
      protocol: id.protocol,
      source: destination.id.address,
      sourcePort: namedPort(destination.id.port),
      inDevice: resolvedRoutes.get(address)?.device,
      flags: ['SYN', 'ACK'],
    } as const;
    return [{ reply, name: formatDestinationId(destination.id) }];
  });
}
