import { formatServiceId } from '../../ipvs/model/service.js';
import type { AddressService } from '../../ipvs/model/service.js';
import { IpAddress } from '../../ipvs/model/address.js';
import {
  ADDED_BY_UP,
  addressAddWords,
  prefixesOnLoopback,
  quietSysctls,
} from '../../host/requirements.js';
import { readRoutingMarks, resolveRoutes } from '../../host/network.js';
import type { ResolvedRoute } from '../../host/network.js';
import { addressFamily, families } from '../../common/ip-family.js';
import { formatPlace, hostPlace } from '../../host/address-place.js';
import type { AddressPlace } from '../../host/address-place.js';
import type { Check, Occurrence } from '../check.js';
import type { CheckContext } from '../check-context.js';
import { quietFix, readQuiet } from '../quiet.js';
import { inNet } from '../../ipvs/model/network.js';
import { wiresOf } from '../subnet.js';
import { balancedAddresses } from '../roles.js';

export const virtualAddressMissing: Check = {
  id: 'virtual-address-missing',
  severity: 'error',
  title: 'A virtual address is not on this machine',
  why:
    'This machine forwards or drops packets for it instead of accepting them: clients time out, or get an ICMP error ' +
    'that it is unreachable. A standby director is not expected to have it.',
  role: 'any',
  run: async (context) => {
    const services = (await mayStandBy(context))
      ? new Map<string, AddressService>()
      : await balancedAddresses(context);
    const expected = new Set([...services.keys(), ...context.virtualAddresses]);
    const resolvedRoutes = await context.machine.resolvedRoutes(expected);
    const away = [...expected].filter((address) => resolvedRoutes.get(address)?.local !== true);
    const marked = await localByMark(context, away);
    const missing = away.filter((address) => !marked.has(address));
    const director = await context.isDirector();
    const occurrences: Occurrence[] = [];
    for (const address of missing) {
      const service = services.get(address);
      const reason =
        service === undefined ? '--vip names it' : `${formatServiceId(service)} needs it`;
      occurrences.push({
        evidence: `${address} is not on this machine, and ${reason}`,
        fix: director
          ? [addLine(hostPlace(address, await deviceFor(context, address, resolvedRoutes)))]
          : await realServerLines(context, address),
      });
    }
    return occurrences;
  },
};

/**
 * A standby director has the rules, but not the addresses. It runs a program that moves them, or a sync daemon that receives
 * the connections of the active one.
 */
async function mayStandBy(context: CheckContext): Promise<boolean> {
  const daemons = await context.ipvs.syncDaemons();
  return (
    daemons.some(({ state }) => state === 'backup') || (await context.controllers()).length > 0
  );
}

/** Addresses that are local only to packets with a mark, as for transparent proxies: a look-up without it does not show. */
async function localByMark(
  context: CheckContext,
  addresses: readonly string[],
): Promise<Set<string>> {
  const local = new Set<string>();
  for (const family of families) {
    const some = addresses.filter((address) => addressFamily(address) === family);
    if (some.length === 0) continue;
    for (const mark of await readRoutingMarks(context.host, family)) {
      const value = mark.replace(/\/.*$/, '');
      const resolvedRoutes = await resolveRoutes(
        context.host,
        some.map((address) => `${address} mark ${value}`),
      );
      for (const [address, resolvedRoute] of resolvedRoutes)
        if (resolvedRoute.local) local.add(address);
    }
  }
  return local;
}

function addLine(place: AddressPlace): string {
  return `ip ${addressAddWords(place).join(' ')}`;
}

async function deviceFor(
  context: CheckContext,
  address: string,
  resolvedRoutes: ReadonlyMap<string, ResolvedRoute | undefined>,
): Promise<string> {
  const device = resolvedRoutes.get(address)?.device;
  const candidates = (await context.machine.links()).filter((link) => link.up && link.arp);
  return device ?? candidates[0]?.name ?? 'DEVICE';
}

/** A real server must be quiet about the address before it gets it. */
async function realServerLines(context: CheckContext, address: string): Promise<string[]> {
  const links = await context.machine.links();
  const holder = links.find((link) => link.addresses.some((own) => own.address === address));
  const device = holder?.name ?? 'lo';
  const present =
    holder === undefined ? addLine(hostPlace(address, device)) : `ip link set ${device} up`;
  return [
    ...(addressFamily(address) === 'ipv4' ? await quietLines(context, address) : []),
    present,
  ];
}

async function quietLines(context: CheckContext, address: string): Promise<string[]> {
  const ip = IpAddress.parse(address);
  const lines = new Set<string>();
  for (const link of wiresOf(
    ip,
    await context.machine.links(),
    await context.machine.routes('ipv4'),
  )) {
    for (const sysctl of quietSysctls) {
      const values = await readQuiet(context, link.name, sysctl);
      if (values === undefined) continue;
      for (const line of quietFix(link.name, sysctl, values, [ADDED_BY_UP])) lines.add(line);
    }
  }
  return [...lines];
}

export const virtualAddressPrefix: Check = {
  id: 'virtual-address-prefix',
  severity: 'error',
  title: 'An address on lo has a prefix that makes its whole network local',
  why:
    'Linux treats every address of a network on lo as its own, so packets to the director, the clients and the ' +
    'gateway in that network never leave this machine. A virtual address on lo needs a prefix length of 32.',
  role: 'any',
  run: async (context) => {
    const links = await context.machine.links();
    const occurrences: Occurrence[] = [];
    for (const place of prefixesOnLoopback(links)) {
      const { address, prefixLength, device } = place;
      const lost = await neighbourIn(context, address, prefixLength);
      if (lost === undefined && !context.virtualAddresses.includes(address)) continue;
      const name = formatPlace(place);
      occurrences.push({
        evidence: lost === undefined ? name : `${name}, which covers ${lost}`,
        fix: [`ip address del ${name}`, addLine(hostPlace(address, device))],
      });
    }
    return occurrences;
  },
};

/** What a network on lo hides: the network of another interface, or a gateway. */
async function neighbourIn(
  context: CheckContext,
  address: string,
  prefixLength: number,
): Promise<string | undefined> {
  const net = IpAddress.parse(address);
  const isIn = (text: string | undefined) => {
    const ip = IpAddress.tryParse(text ?? '');
    return ip !== undefined && inNet(ip, net, prefixLength);
  };
  for (const { name, loopback, addresses } of await context.machine.links()) {
    const own = loopback ? undefined : addresses.find((one) => isIn(one.address));
    if (own !== undefined) return formatPlace({ ...own, device: name });
  }
  const gateway = (await context.machine.routes('ipv4')).find((route) =>
    isIn(route.gateway),
  )?.gateway;
  return gateway === undefined ? undefined : `the gateway ${gateway}`;
}
