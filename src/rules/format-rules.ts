import type { DestinationState, ForwardingMethod, Tunnel } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { ServiceId, ServiceSettings, ServiceState } from '../ipvs/model/service.js';
import { formatEndpoint, numericNaming } from './format-endpoint.js';
import type { Naming } from './format-endpoint.js';
import { savedFlags } from './grammar/scheduler-flags.js';

/** The table as rules that -R reads back: they hold every setting, in the genuine program's order. */

const serviceOptions = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;

/** What the rules of a virtual service say: an entry of `readTable`, for instance. */
export interface ServiceRuleFacts extends ServiceState {
  readonly destinations: readonly ServerRuleFacts[];
}

/** What the rule of a real server says. */
export type ServerRuleFacts = Pick<DestinationState, 'id' | 'settings'>;

/**
 * A table as rules, one a line, as `ipvsadm-save -n` writes them; {@link parseRules} reads them back. They hold every
 * setting. Pure.
 *
 * @example
 * ```ts
 * import { IpvsClient } from 'ipvs';
 * import { formatRules } from 'ipvs/rules';
 * import { readTable } from 'ipvs/state';
 *
 * await using client = await IpvsClient.open();
 * await client.addService('udp:[2001:db8::1]:53', { scheduler: 'rr', onePacket: true });
 * console.log(formatRules(await readTable(client)).trim()); // -A -u [2001:db8::1]:53 -s rr -o
 * ```
 */
export function formatRules(services: Iterable<ServiceRuleFacts>): string {
  const rules = Array.from(services).flatMap((service) =>
    serviceRules(service, service.destinations, numericNaming),
  );
  return rules.map((rule) => `${rule}\n`).join('');
}

/** A service as rules: itself, and then its real servers in their order. */
export function serviceRules(
  service: ServiceState,
  destinations: readonly ServerRuleFacts[],
  naming: Naming,
): string[] {
  return [
    serviceRule(service, naming),
    ...destinations.map((server) => destinationRule(service.id, server, naming)),
  ];
}

/** `-A …`, the rule that adds a virtual service. */
export function serviceRule({ id, settings }: ServiceState, naming: Naming): string {
  const { scheduler, persistence, persistenceEngine, onePacket, schedulerFlags } = settings;
  const words = ['-A', formatService(id, naming)];
  words.push('-s', scheduler);
  if (persistence !== undefined) {
    words.push('-p', String(persistence.timeoutSeconds));
    const mask = formatMask(persistence);
    if (mask !== undefined) words.push('-M', mask);
  }
  if (persistenceEngine !== undefined) words.push('--pe', persistenceEngine);
  if (onePacket) words.push('-o');
  if (schedulerFlags.length > 0) words.push('-b', savedFlags(scheduler, schedulerFlags).join(','));
  return words.join(' ');
}

/** The mask when it is narrower than a whole address. */
export function formatMask({
  netmask,
  prefixLength,
}: NonNullable<ServiceSettings['persistence']>): string | undefined {
  if (prefixLength !== undefined) return prefixLength === 128 ? undefined : String(prefixLength);
  const text = netmask?.toString();
  return text === '255.255.255.255' ? undefined : text;
}

/** `-a …`, the rule that adds a real server. */
export function destinationRule(
  service: ServiceId,
  { id, settings }: ServerRuleFacts,
  naming: Naming,
): string {
  const { forwardingMethod, weight, upperThreshold, lowerThreshold, tunnel } = settings;
  const protocol = isMark(service) ? undefined : service.protocol;
  const words = ['-a', formatService(service, naming)];
  words.push('-r', formatEndpoint(id, protocol, naming));
  words.push(forwardingOptions[forwardingMethod], '-w', String(weight));
  if (upperThreshold > 0) words.push('-x', String(upperThreshold));
  if (lowerThreshold > 0) words.push('-y', String(lowerThreshold));
  if (tunnel !== undefined) words.push(...tunnelWords(tunnel));
  return words.join(' ');
}

/** The kernel finds out by itself that an address is its own: direct routing is the way to say it. */
const forwardingOptions: Readonly<Record<ForwardingMethod, string>> = {
  nat: '-m',
  local: '-g',
  tun: '-i',
  dr: '-g',
  bypass: '-g',
};

const checksumOptions = {
  none: '--tun-nocsum',
  full: '--tun-csum',
  remote: '--tun-remcsum',
} as const;

function tunnelWords({ type, port, checksum }: Tunnel): string[] {
  switch (type) {
    case 'ipip':
      return ['--tun-type', type];
    case 'gue':
      return ['--tun-type', type, '--tun-port', String(port), checksumOptions[checksum]];
    case 'gre':
      return ['--tun-type', type, checksumOptions[checksum]];
    case 'unknown':
      return [];
  }
}

/** The option that names a virtual service: `-t 192.0.2.1:80`. */
export function formatService(id: ServiceId, naming: Naming): string {
  if (isMark(id)) return `-f ${id.firewallMark}${id.family === 'ipv6' ? ' -6' : ''}`;
  return `${serviceOptions[id.protocol]} ${formatEndpoint(id, id.protocol, naming)}`;
}
