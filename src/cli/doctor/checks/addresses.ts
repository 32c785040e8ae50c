import { formatServiceId } from '../../../ipvs/service.js';
import type { AddressService } from '../../../ipvs/service.js';
import { settingCommand } from '../../../machine/settings.js';
import { readRoutingMarks, waysTo } from '../../../machine/network.js';
import type { Way } from '../../../machine/network.js';
import { hostAddress, versionOf } from '../../ip-version.js';
import type { Check, Sighting } from '../check.js';
import type { Facts } from '../facts.js';
import { balancedAddresses } from '../roles.js';

export const virtualAddressMissing: Check = {
  id: 'virtual-address-missing',
  severity: 'error',
  title: 'A virtual address is not on this machine',
  why:
    'Packets for it that come here are forwarded or thrown away instead of taken: its clients wait, or are told that it cannot ' +
    'be reached. Of a director that stands by it is not expected.',
  role: 'any',
  look: async (facts) => {
    const services = (await mayStandBy(facts))
      ? new Map<string, AddressService>()
      : await balancedAddresses(facts);
    const expected = new Set([...services.keys(), ...facts.virtualAddresses]);
    const ways = await facts.ways(expected);
    const away = [...expected].filter((address) => ways.get(address)?.local !== true);
    const marked = await localByMark(facts, away);
    const missing = away.filter((address) => !marked.has(address));
    const director = await facts.isDirector();
    const sightings: Sighting[] = [];
    for (const address of missing) {
      const service = services.get(address);
      const wanted = service === undefined ? '--vip' : formatServiceId(service);
      sightings.push({
        evidence: `${address} is no address of this machine, but of ${wanted}`,
        mend: director
          ? [addressLine(address, await deviceFor(facts, address, ways))]
          : await realServerLines(facts, address),
      });
    }
    return sightings;
  },
};

/**
 * A director that waits for another one to fail has the rules and not the addresses: whoever moves them runs on it, or a
 * daemon that takes in the other's connections.
 */
async function mayStandBy(facts: Facts): Promise<boolean> {
  const daemons = await facts.syncDaemons();
  return daemons.some(({ state }) => state === 'backup') || (await facts.controllers()).length > 0;
}

/** Where packets are taken by their mark, as for transparent proxies, a look-up without one does not tell. */
async function localByMark(facts: Facts, addresses: readonly string[]): Promise<Set<string>> {
  const local = new Set<string>();
  for (const version of [4, 6] as const) {
    const some = addresses.filter((address) => versionOf(address) === version);
    if (some.length === 0) continue;
    for (const mark of await readRoutingMarks(facts.machine, version)) {
      const value = mark.replace(/\/.*$/, '');
      const ways = await waysTo(
        facts.machine,
        some.map((address) => `${address} mark ${value}`),
      );
      for (const [address, way] of ways) if (way.local) local.add(address);
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
  facts: Facts,
  address: string,
  ways: ReadonlyMap<string, Way | undefined>,
): Promise<string> {
  const device = ways.get(address)?.device;
  const candidates = (await facts.links()).filter((link) => link.up && link.arp);
  return device ?? candidates[0]?.name ?? 'DEVICE';
}

/** A real server must keep quiet about the address before it has it. */
async function realServerLines(facts: Facts, address: string): Promise<string[]> {
  const links = await facts.links();
  const holder = links.find((link) => link.addresses.some((own) => own.address === address));
  const device = holder?.name ?? 'lo';
  const present = holder === undefined ? addressLine(address, device) : `ip link set ${device} up`;
  return [...(versionOf(address) === 4 ? await quietLines(facts) : []), present];
}

async function quietLines(facts: Facts): Promise<string[]> {
  const wanted = { arp_ignore: 1, arp_announce: 2 } as const;
  const lines = [];
  for (const [name, value] of Object.entries(wanted)) {
    const setting = `net/ipv4/conf/all/${name}`;
    const now = await facts.number(setting);
    if (now !== undefined && now < value) lines.push(settingCommand(setting, value));
  }
  return lines;
}
