import { formatServiceId } from '../../ipvs/model/service.js';
import type { AddressService } from '../../ipvs/model/service.js';
import { sysctlCommand } from '../../host/sysctl.js';
import { readRoutingMarks, resolveRoutes } from '../../host/network.js';
import type { ResolvedRoute } from '../../host/network.js';
import { hostAddress, versionOf } from '../../host/ip-family.js';
import type { Check, Occurrence } from '../check.js';
import type { HostSnapshot } from '../snapshot.js';
import { balancedAddresses } from '../roles.js';

export const virtualAddressMissing: Check = {
  id: 'virtual-address-missing',
  severity: 'error',
  title: 'A virtual address is not on this machine',
  why:
    'Packets for it that come here are forwarded or thrown away instead of taken: its clients wait, or are told that it cannot ' +
    'be reached. Of a director that stands by it is not expected.',
  role: 'any',
  run: async (snapshot) => {
    const services = (await mayStandBy(snapshot))
      ? new Map<string, AddressService>()
      : await balancedAddresses(snapshot);
    const expected = new Set([...services.keys(), ...snapshot.virtualAddresses]);
    const resolvedRoutes = await snapshot.resolvedRoutes(expected);
    const away = [...expected].filter((address) => resolvedRoutes.get(address)?.local !== true);
    const marked = await localByMark(snapshot, away);
    const missing = away.filter((address) => !marked.has(address));
    const director = await snapshot.isDirector();
    const occurrences: Occurrence[] = [];
    for (const address of missing) {
      const service = services.get(address);
      const wanted = service === undefined ? '--vip' : formatServiceId(service);
      occurrences.push({
        evidence: `${address} is no address of this machine, but of ${wanted}`,
        fix: director
          ? [addressLine(address, await deviceFor(snapshot, address, resolvedRoutes))]
          : await realServerLines(snapshot, address),
      });
    }
    return occurrences;
  },
};

/**
 * A director that waits for another one to fail has the rules and not the addresses: whoever moves them runs on it, or a
 * daemon that takes in the other's connections.
 */
async function mayStandBy(snapshot: HostSnapshot): Promise<boolean> {
  const daemons = await snapshot.syncDaemons();
  return (
    daemons.some(({ state }) => state === 'backup') || (await snapshot.controllers()).length > 0
  );
}

/** Where packets are taken by their mark, as for transparent proxies, a look-up without one does not tell. */
async function localByMark(
  snapshot: HostSnapshot,
  addresses: readonly string[],
): Promise<Set<string>> {
  const local = new Set<string>();
  for (const version of [4, 6] as const) {
    const some = addresses.filter((address) => versionOf(address) === version);
    if (some.length === 0) continue;
    for (const mark of await readRoutingMarks(snapshot.host, version)) {
      const value = mark.replace(/\/.*$/, '');
      const resolvedRoutes = await resolveRoutes(
        snapshot.host,
        some.map((address) => `${address} mark ${value}`),
      );
      for (const [address, resolvedRoute] of resolvedRoutes)
        if (resolvedRoute.local) local.add(address);
    }
  }
  return local;
}

/** An IPv6 address is kept from being the source of what the machine sends itself, such as tunnelled packets. */
function addressLine(address: string, device: string): string {
  const line = `ip address add ${hostAddress(address, device)}`;
  return versionOf(address) === 6 ? `${line} preferred_lft 0` : line;
}

async function deviceFor(
  snapshot: HostSnapshot,
  address: string,
  resolvedRoutes: ReadonlyMap<string, ResolvedRoute | undefined>,
): Promise<string> {
  const device = resolvedRoutes.get(address)?.device;
  const candidates = (await snapshot.links()).filter((link) => link.up && link.arp);
  return device ?? candidates[0]?.name ?? 'DEVICE';
}

/** A real server must keep quiet about the address before it has it. */
async function realServerLines(snapshot: HostSnapshot, address: string): Promise<string[]> {
  const links = await snapshot.links();
  const holder = links.find((link) => link.addresses.some((own) => own.address === address));
  const device = holder?.name ?? 'lo';
  const present = holder === undefined ? addressLine(address, device) : `ip link set ${device} up`;
  return [...(versionOf(address) === 4 ? await quietLines(snapshot) : []), present];
}

async function quietLines(snapshot: HostSnapshot): Promise<string[]> {
  const wanted = { arp_ignore: 1, arp_announce: 2 } as const;
  const lines = [];
  for (const [name, value] of Object.entries(wanted)) {
    const setting = `net/ipv4/conf/all/${name}`;
    const now = await snapshot.number(setting);
    if (now !== undefined && now < value) lines.push(sysctlCommand(setting, value));
  }
  return lines;
}
