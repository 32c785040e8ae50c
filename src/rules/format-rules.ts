import { TextPieces } from '../common/text-pieces.js';
import type { DestinationState, ForwardingMethod, Tunnel } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { ServiceId, ServiceSettings, ServiceState } from '../ipvs/model/service.js';
import { addEndpoint, formatEndpoint, numericNaming } from './format-endpoint.js';
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
  return [serviceRule(service, naming), ...destinations.map(destinationRules(service.id, naming))];
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
  server: ServerRuleFacts,
  naming: Naming,
): string {
  return destinationRules(service, naming)(server);
}

/** Makes the rules that add the real servers of a service. */
export function destinationRules(
  service: ServiceId,
  naming: Naming,
): (server: ServerRuleFacts) => string {
  const write = destinationRuleWriter(service, naming);
  const text = new TextPieces();
  return (server) => {
    write(text, server);
    return text.take();
  };
}

/** Adds the rules that add the real servers of a service to a text, without an end of line. */
export function destinationRuleWriter(
  service: ServiceId,
  naming: Naming,
): (text: TextPieces, server: ServerRuleFacts) => void {
  const protocol = isMark(service) ? undefined : service.protocol;
  const start = `-a ${formatService(service, naming)} -r `;
  return (text, { id, settings }) => {
    const { forwardingMethod, weight, upperThreshold, lowerThreshold, tunnel } = settings;
    text.add(start);
    addEndpoint(text, id, protocol, naming);
    text.add(forwardingOptions[forwardingMethod]);
    text.add(String(weight));
    if (upperThreshold > 0) text.add(` -x ${upperThreshold}`);
    if (lowerThreshold > 0) text.add(` -y ${lowerThreshold}`);
    if (tunnel !== undefined) text.add(tunnelOptions(tunnel));
  };
}

/**
 * How it is reached, and the option for the weight, which follows. The kernel finds out by itself that an address is its
 * own: direct routing is the way to say it.
 */
const forwardingOptions: Readonly<Record<ForwardingMethod, string>> = {
  nat: ' -m -w ',
  local: ' -g -w ',
  tun: ' -i -w ',
  dr: ' -g -w ',
  bypass: ' -g -w ',
};

const checksumOptions = {
  none: ' --tun-nocsum',
  full: ' --tun-csum',
  remote: ' --tun-remcsum',
} as const;

function tunnelOptions({ type, port, checksum }: Tunnel): string {
  switch (type) {
    case 'ipip':
      return ' --tun-type ipip';
    case 'gue':
      return ` --tun-type gue --tun-port ${port}${checksumOptions[checksum]}`;
    case 'gre':
      return ` --tun-type gre${checksumOptions[checksum]}`;
    case 'unknown':
      return '';
  }
}

/** The option that names a virtual service: `-t 192.0.2.1:80`. */
export function formatService(id: ServiceId, naming: Naming): string {
  if (isMark(id)) return `-f ${id.firewallMark}${id.family === 'ipv6' ? ' -6' : ''}`;
  return `${serviceOptions[id.protocol]} ${formatEndpoint(id, id.protocol, naming)}`;
}
