import { compareAddresses, IpAddress, toAddress } from './address.js';
import type { Family } from '../../common/ip-family.js';
import type { AddressInput } from './address.js';
import {
  checkArray,
  checkBoolean,
  checkNumber,
  checkObject,
  checkText,
  numberOf,
} from './checks.js';
import { ADDRESS_BYTES, AF_INET, AF_INET6, serviceFlags } from '../wire/constants.js';
import type { ServiceAttributes } from '../wire/schema.js';
import { parseServiceId } from './selectors.js';
import { toStatistics } from './statistics.js';
import type { Statistics } from './statistics.js';

/** The transport protocols that IPVS balances, with their IP protocol numbers. */
export const protocols = { tcp: 6, udp: 17, sctp: 132 } as const;
export type Protocol = keyof typeof protocols;

/** A virtual service that is found by where its packets go. */
export interface AddressService {
  readonly protocol: Protocol;
  readonly address: IpAddress;
  /** 0 to 65535; 0 is every port, for a persistent service. */
  readonly port: number;
}

/** A virtual service that is found by the mark a firewall rule has put on its packets. */
export interface MarkService {
  /** 1 to 2³²−1. */
  readonly firewallMark: number;
  readonly family: Family;
}

/** Which virtual service: its identity, apart from how it is set. */
export type ServiceId = AddressService | MarkService;

/**
 * A {@link ServiceId} as callers may write it: its text as {@link parseServiceId} reads it, or an object with the address
 * as text, and the family of a mark left out for IPv4.
 */
export type ServiceIdInput =
  | string
  | { readonly protocol: Protocol; readonly address: AddressInput; readonly port: number }
  | { readonly firewallMark: number; readonly family?: Family | undefined };

/** How long, and how widely, clients are kept on their real server. */
export interface Persistence {
  /** Seconds after the last connection has ended, 1 to 2³²−1; ipvsadm takes up to 2,678,400 (31 days). */
  readonly timeoutSeconds: number;
  /** IPv4: clients that agree in these bits are one client. Default 255.255.255.255. */
  readonly netmask?: IpAddress | undefined;
  /** IPv6: clients that agree in so many leading bits, 1 to 128, are one client. Default 128. */
  readonly prefixLength?: number | undefined;
}

/** The three flags whose meaning is the scheduler's: for `sh` and `mh`, 1 is fallback and 2 is port. */
export type SchedulerFlag = 1 | 2 | 3;

/** How a virtual service is set. */
export interface ServiceSettings {
  /** The scheduler's name, at most 15 bytes: rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh. */
  readonly scheduler: string;
  /** Undefined: not persistent. */
  readonly persistence: Persistence | undefined;
  /** The persistence engine's name, at most 15 bytes: sip. */
  readonly persistenceEngine: string | undefined;
  /** Schedules each packet by itself: UDP or a mark. */
  readonly onePacket: boolean;
  readonly schedulerFlags: readonly SchedulerFlag[];
}

/** Settings as callers write them: what is left out has the default that {@link defaultServiceSettings} shows. */
export type ServiceSettingsInput = {
  readonly [K in keyof Omit<ServiceSettings, 'persistence'>]?: ServiceSettings[K] | undefined;
} & {
  readonly persistence?:
    (Omit<Persistence, 'netmask'> & { readonly netmask?: AddressInput | undefined }) | undefined;
};

/** Settings sent to the kernel for anything the caller omits; the scheduler is ipvsadm's default. */
export const defaultServiceSettings: ServiceSettings = {
  scheduler: 'wlc',
  persistence: undefined,
  persistenceEngine: undefined,
  onePacket: false,
  schedulerFlags: [],
};

/** A virtual service as the kernel has it, without its counters. */
export interface ServiceState {
  readonly id: ServiceId;
  readonly settings: ServiceSettings;
}

/** A virtual service as the kernel has it. */
export interface VirtualService extends ServiceState {
  readonly statistics: Statistics;
}

export function isMark(id: ServiceId): id is MarkService {
  return 'firewallMark' in id;
}

/** The family of a service's packets. */
export function familyOf(id: ServiceId): Family {
  return isMark(id) ? id.family : id.address.family;
}

/** @throws RangeError when the address is no address. */
export function toServiceId(input: ServiceIdInput): ServiceId {
  if (typeof input === 'string') return parseServiceId(input);
  checkObject(input, 'service');
  if ('firewallMark' in input) {
    return { firewallMark: input.firewallMark, family: input.family ?? 'ipv4' };
  }
  return { protocol: input.protocol, address: toAddress(input.address), port: input.port };
}

/**
 * The text of a virtual service, equal for equal services. {@link parseServiceId} is the other way round.
 *
 * @example
 * ```ts
 * import { formatServiceId, IpAddress } from 'ipvs';
 *
 * const address = IpAddress.parse('2001:db8::1');
 * console.log(formatServiceId({ protocol: 'tcp', address, port: 80 })); // tcp:[2001:db8::1]:80
 * console.log(formatServiceId({ firewallMark: 7, family: 'ipv4' })); // mark:7
 * ```
 */
export function formatServiceId(id: ServiceId): string {
  if (isMark(id)) return `mark:${id.firewallMark}${id.family === 'ipv6' ? '/ipv6' : ''}`;
  return `${id.protocol}:${formatEndpoint(id.address, id.port)}`;
}

export function formatEndpoint(address: IpAddress, port: number): string {
  return address.family === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * The order of listings: by firewall mark, family, protocol, address, port; services with an address come first.
 *
 * @example
 * ```ts
 * import { compareServices, IpvsClient } from 'ipvs';
 *
 * await using client = await IpvsClient.open();
 * for (const firewallMark of [3, 1, 2]) await client.addService({ firewallMark });
 * const ids = [];
 * for await (const { id } of client.services()) ids.push(id);
 * ids.sort(compareServices);
 * console.log(ids.map((id) => 'firewallMark' in id && id.firewallMark).join()); // 1,2,3
 * ```
 */
export function compareServices(a: ServiceId, b: ServiceId): number {
  const marks = (isMark(a) ? a.firewallMark : 0) - (isMark(b) ? b.firewallMark : 0);
  if (marks !== 0) return marks;
  const families = familyNumber[familyOf(a)] - familyNumber[familyOf(b)];
  if (families !== 0 || isMark(a) || isMark(b)) return families;
  return (
    protocols[a.protocol] - protocols[b.protocol] ||
    compareAddresses(a.address, b.address) ||
    a.port - b.port
  );
}

export const familyNumber = { ipv4: AF_INET, ipv6: AF_INET6 } as const;

/** The family of a number on the wire; the kernel leaves the attribute out for IPv4 only. */
export function toFamily(number: number | undefined): Family {
  return number === AF_INET6 ? 'ipv6' : 'ipv4';
}

/** The attributes that say which service. */
export function encodeServiceId(input: ServiceIdInput): ServiceAttributes {
  const id = typeof input === 'string' ? parseServiceId(input) : input;
  checkObject(id, 'service');
  if ('firewallMark' in id) {
    checkNumber(id.firewallMark, 'firewallMark');
    if (id.firewallMark < 1) throw new RangeError(`firewallMark: ${id.firewallMark} is below 1`);
    return { AF: numberOf(familyNumber, id.family ?? 'ipv4', 'family'), FWMARK: id.firewallMark };
  }
  const PROTOCOL = numberOf(protocols, id.protocol, 'protocol');
  const { family, bytes } = toAddress(id.address);
  checkNumber(id.port, 'port');
  return { AF: familyNumber[family], PROTOCOL, ADDR: bytes, PORT: id.port };
}

/** The attributes of a service that is added or set: the kernel wants all of them. */
export function encodeService(id: ServiceIdInput, input: ServiceSettingsInput): ServiceAttributes {
  const { scheduler, persistence, persistenceEngine, onePacket, schedulerFlags } =
    withDefaults(input);
  checkText(scheduler, 'scheduler');
  checkBoolean(onePacket, 'onePacket');
  if (persistenceEngine !== undefined) checkText(persistenceEngine, 'persistenceEngine');
  if (persistence !== undefined) checkPersistence(persistence);
  const { AF, PROTOCOL, ADDR, PORT, FWMARK } = encodeServiceId(id);
  let flags = 0;
  if (persistence !== undefined) flags |= serviceFlags.PERSISTENT;
  if (onePacket) flags |= serviceFlags.ONEPACKET;
  flags |= encodeSchedulerFlags(schedulerFlags);
  return {
    AF,
    PROTOCOL,
    ADDR,
    PORT,
    FWMARK,
    SCHED_NAME: scheduler,
    PE_NAME: persistenceEngine,
    FLAGS: { flags, mask: 0xffff_ffff },
    TIMEOUT: persistence?.timeoutSeconds ?? 0,
    NETMASK: encodeMask(toFamily(AF), persistence),
  };
}

function checkPersistence(persistence: NonNullable<ServiceSettingsInput['persistence']>): void {
  checkObject(persistence, 'persistence');
  checkNumber(persistence.timeoutSeconds, 'persistence.timeoutSeconds');
}

function encodeSchedulerFlags(wanted: readonly SchedulerFlag[]): number {
  checkArray(wanted, 'schedulerFlags');
  let flags = 0;
  for (const flag of wanted) flags |= numberOf(schedulerFlagBits, flag, 'schedulerFlags');
  return flags;
}

const schedulerFlagBits: Readonly<Record<SchedulerFlag, number>> = {
  1: serviceFlags.SCHED1,
  2: serviceFlags.SCHED2,
  3: serviceFlags.SCHED3,
};

/** An attribute that is missing has the value an older kernel means by leaving it out. */
export function decodeService(attributes: ServiceAttributes): VirtualService {
  const { id, settings } = decodeServiceState(attributes);
  const statistics = toStatistics(attributes.STATS64 ?? attributes.STATS ?? {});
  return { id, settings, statistics };
}

/** Decodes a virtual service but skips its counters, which are most of an entry. */
export function decodeServiceState(attributes: ServiceAttributes): ServiceState {
  const { SCHED_NAME = '', PE_NAME = '' } = attributes;
  const flags = attributes.FLAGS?.flags ?? 0;
  const id = decodeServiceId(attributes);
  return {
    id,
    settings: {
      scheduler: SCHED_NAME,
      persistence:
        (flags & serviceFlags.PERSISTENT) === 0
          ? undefined
          : decodePersistence(familyOf(id), attributes),
      persistenceEngine: PE_NAME === '' ? undefined : PE_NAME,
      onePacket: (flags & serviceFlags.ONEPACKET) !== 0,
      schedulerFlags: decodeSchedulerFlags(flags),
    },
  };
}

const NO_FLAGS: readonly SchedulerFlag[] = [];

function decodeSchedulerFlags(flags: number): readonly SchedulerFlag[] {
  const { SCHED1, SCHED2, SCHED3 } = serviceFlags;
  if ((flags & (SCHED1 | SCHED2 | SCHED3)) === 0) return NO_FLAGS;
  return ([1, 2, 3] as const).filter((flag) => (flags & serviceFlags[`SCHED${flag}`]) !== 0);
}

function withDefaults(input: ServiceSettingsInput) {
  checkObject(input, 'settings');
  return {
    scheduler: input.scheduler ?? defaultServiceSettings.scheduler,
    persistence: input.persistence,
    persistenceEngine: input.persistenceEngine,
    onePacket: input.onePacket ?? defaultServiceSettings.onePacket,
    schedulerFlags: input.schedulerFlags ?? defaultServiceSettings.schedulerFlags,
  };
}

export function decodeServiceId(attributes: ServiceAttributes): ServiceId {
  const family = toFamily(attributes.AF);
  const { FWMARK, PROTOCOL, ADDR, PORT } = attributes;
  if (FWMARK !== undefined && FWMARK !== 0) return { firewallMark: FWMARK, family };
  return {
    protocol: toProtocol(PROTOCOL),
    address: IpAddress.fromBytes(family, ADDR ?? new Uint8Array(ADDRESS_BYTES)),
    port: PORT ?? 0,
  };
}

/**
 * Whether a service has a name here. The kernel takes a service of any protocol, though it balances TCP, UDP and SCTP
 * alone.
 */
export function isNameable({ FWMARK, PROTOCOL }: ServiceAttributes): boolean {
  return (FWMARK !== undefined && FWMARK !== 0) || protocolNames.has(PROTOCOL);
}

const protocolNames = new Map<number | undefined, Protocol>(
  (Object.keys(protocols) as Protocol[]).map((name) => [protocols[name], name]),
);

function toProtocol(number: number | undefined): Protocol {
  const name = protocolNames.get(number);
  if (name !== undefined) return name;
  throw new RangeError(`IPVS_SVC_ATTR_PROTOCOL: ${number ?? 'none'} is not TCP, UDP or SCTP`);
}

const WHOLE_ADDRESS = IpAddress.parse('255.255.255.255');

function encodeMask(family: Family, persistence: ServiceSettingsInput['persistence']): Uint8Array {
  if (family === 'ipv4') {
    if (persistence?.prefixLength !== undefined) {
      throw new RangeError('prefixLength: an IPv4 service has a netmask');
    }
    const netmask = toAddress(persistence?.netmask ?? WHOLE_ADDRESS, 'persistence.netmask');
    if (netmask.family !== 'ipv4') throw new RangeError(`netmask: ${netmask} is no IPv4 mask`);
    return netmask.bytes;
  }
  if (persistence?.netmask !== undefined) {
    throw new RangeError('netmask: an IPv6 service has a prefixLength');
  }
  const prefixLength = persistence?.prefixLength ?? 128;
  if (!Number.isInteger(prefixLength) || prefixLength < 1 || prefixLength > 128) {
    throw new RangeError(`prefixLength: ${prefixLength} is not a whole number from 1 to 128`);
  }
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, prefixLength, true);
  return bytes;
}

function decodePersistence(family: Family, attributes: ServiceAttributes): Persistence {
  const { TIMEOUT: timeoutSeconds = 0, NETMASK } = attributes;
  if (NETMASK === undefined) return { timeoutSeconds };
  if (family === 'ipv4') return { timeoutSeconds, netmask: IpAddress.fromBytes('ipv4', NETMASK) };
  return {
    timeoutSeconds,
    prefixLength: new DataView(NETMASK.buffer, NETMASK.byteOffset).getUint32(0, true),
  };
}
