import { IpAddress } from '../../ipvs/model/address.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import type { DestinationId, DestinationSettings } from '../../ipvs/model/destination.js';
import {
  defaultServiceSettings,
  formatEndpoint,
  formatServiceId,
  isMark,
} from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { WantedService } from '../../state/table.js';
import type { AgentConfig, CheckConfig } from '../config/config.js';

/**
 * A route to a virtual address through one real server, for checks with `through: path`. The check connects to an address
 * that only this path has. A firewall rule marks the packet and rewrites its destination to the virtual address, a private
 * service with this one real server forwards it, and another rule rewrites the source of the reply to the path's address.
 */
export interface Path {
  /** Made of the virtual endpoint, the service and the real server. */
  readonly key: string;
  /** 0 to 2¹⁷−1: from it come the mark, the address and the ports of the path. */
  readonly slot: number;
  readonly virtual: IpAddress;
  readonly port: number;
  readonly server: DestinationId;
  readonly settings: DestinationSettings;
}

/** Which slots paths have, by their keys. */
export type Slots = ReadonlyMap<string, number>;

/** As many addresses as 198.18.0.0/15 has. */
const SLOTS = 1 << 17;
/** "IP" in ASCII, and 17 bits for the slot. */
const FIRST_MARK = 0x49_50_00_00;
const FIRST_PORT = 1024;
/** Local ports of a path, used in turn: by the time one comes round again, its last connection has ended. */
const PORTS = 128;
/** The most paths to one virtual address and port, which are distinguished by their local ports. */
export const MOST_PATHS = Math.floor((65_536 - FIRST_PORT) / PORTS);

/** Whether a check asks the virtual address. */
export const isByPath = ({ target }: CheckConfig): boolean => target.through === 'path';

export function pathKey({ target }: CheckConfig): string {
  const { address, port, service, server } = target;
  const endpoint = formatEndpoint(address, port);
  return `${endpoint} ${formatServiceId(service)} ${formatDestinationId(server)}`;
}

/**
 * The paths that the checks of a configuration need. A path keeps its slot; a new one gets the slot that its key hashes to,
 * or the next free one, so that it usually has the same slot after a restart of the agent.
 * @throws RangeError when there are too many to one virtual address and port.
 */
export function pathsOf({ services }: AgentConfig, before: Slots): readonly Path[] {
  const found = new Map<string, Omit<Path, 'slot'>>();
  for (const { servers } of services) {
    for (const { checks, settings } of servers) {
      for (const check of checks.filter(isByPath)) {
        const { address: virtual, port, server } = check.target;
        const key = pathKey(check);
        found.set(key, { key, virtual, port, server, settings });
      }
    }
  }
  const slots = new SlotTable();
  const isOld = ({ key }: Omit<Path, 'slot'>) => before.has(key);
  const all = [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  // Existing paths first, so that no new one takes their slots.
  return [...all.filter(isOld), ...all.filter((path) => !isOld(path))].map((path) => ({
    ...path,
    slot: slots.take(path, before.get(path.key) ?? hashOf(path.key)),
  }));
}

/** Slots that are taken, and the blocks of ports that are, by virtual address and port. */
class SlotTable {
  readonly #slots = new Set<number>();
  readonly #blocks = new Map<string, Set<number>>();

  take({ virtual, port }: Pick<Path, 'virtual' | 'port'>, first: number): number {
    const endpoint = formatEndpoint(virtual, port);
    const blocks = this.#blocks.get(endpoint) ?? new Set<number>();
    if (blocks.size === MOST_PATHS) {
      throw new RangeError(`at most ${MOST_PATHS} real servers can be checked through ${endpoint}`);
    }
    for (let tries = 0; tries < SLOTS; tries += 1) {
      const slot = (first + tries) % SLOTS;
      if (this.#slots.has(slot) || blocks.has(slot % MOST_PATHS)) continue;
      this.#slots.add(slot);
      this.#blocks.set(endpoint, blocks.add(slot % MOST_PATHS));
      return slot;
    }
    throw new RangeError(`at most ${SLOTS} real servers can be checked through paths`);
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01_00_01_93) >>> 0;
  }
  return hash % SLOTS;
}

export const markOf = ({ slot }: Path): number => FIRST_MARK + slot;

/** Whether a service is the private service of a path, judging by its mark. */
export const isPrivate = (id: ServiceId): boolean =>
  isMark(id) && id.firewallMark >= FIRST_MARK && id.firewallMark < FIRST_MARK + SLOTS;

/** Networks reserved for benchmarking devices, which are not routed (RFC 2544, RFC 5180). */
export const PROBE_NETWORKS = { ipv4: '198.18.0.0/15', ipv6: '2001:2::/48' } as const;

/** The address that checks of a path connect to. */
export function probeAddressOf({ virtual, slot }: Path): IpAddress {
  const [high, middle, low] = [slot >> 16, (slot >> 8) & 0xff, slot & 0xff];
  if (virtual.family === 'ipv4') {
    return IpAddress.fromBytes('ipv4', Uint8Array.of(198, 18 + high, middle, low));
  }
  const bytes = new Uint8Array(16);
  bytes.set([0x20, 0x01, 0, 2]);
  bytes.set([high, middle, low], 13);
  return IpAddress.fromBytes('ipv6', bytes);
}

/** The local ports of a path. */
export function portsOf({ slot }: Path): { readonly first: number; readonly last: number } {
  const first = FIRST_PORT + (slot % MOST_PATHS) * PORTS;
  return { first, last: first + PORTS - 1 };
}

/** Whether the packets that reach the real server have the virtual address; with `nat` they have the server's. */
export const hasVirtualAddress = ({ settings }: Path): boolean =>
  settings.forwardingMethod !== 'nat';

/** The service that takes the packets of a path to its real server. */
export function privateServiceOf(path: Path): WantedService {
  const { virtual, server: id, settings } = path;
  return {
    id: { firewallMark: markOf(path), family: virtual.family },
    settings: { ...defaultServiceSettings, scheduler: 'rr' },
    destinations: [
      { id, settings: { ...settings, weight: 1, upperThreshold: 0, lowerThreshold: 0 } },
    ],
  };
}
