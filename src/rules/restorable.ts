import type { DestinationState } from '../ipvs/model/destination.js';
import { isMark } from '../ipvs/model/service.js';
import type { ServiceState } from '../ipvs/model/service.js';
import { INT_MAX, TIMEOUT_MAX } from './grammar/options.js';

/**
 * What programs that speak netlink can set and a restore does not bring back. Where the parser would refuse the rule, the
 * complaint is the parser's: a test holds the two together.
 */

/** Why a restore would refuse the rule of a service; undefined when it would not. */
export function serviceFault({ id, settings }: ServiceState): string | undefined {
  const { persistence, onePacket } = settings;
  if (persistence !== undefined) {
    const { timeoutSeconds } = persistence;
    if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_MAX) {
      return `invalid timeout value \`${timeoutSeconds}' specified`;
    }
  }
  if (isMark(id)) return undefined;
  if (id.port === 0 && persistence === undefined) {
    return 'Zero port specified for non-persistent service';
  }
  if (onePacket && id.protocol !== 'udp') {
    return 'One-Packet Scheduling is only for UDP virtual services';
  }
  return undefined;
}

/** Why a restore would refuse the rule of a real server, or make another one of it; undefined when it would not. */
export function destinationFault({
  settings,
}: Pick<DestinationState, 'settings'>): string | undefined {
  const { forwardingMethod, upperThreshold, lowerThreshold, tunnel } = settings;
  if (upperThreshold > INT_MAX) return 'illegal u_threshold specified';
  if (lowerThreshold > INT_MAX) return 'illegal l_threshold specified';
  if (forwardingMethod === 'bypass') return 'no option stands for the forwarding method bypass';
  if (tunnel?.type === 'unknown') return 'no option stands for the tunnel type';
  return undefined;
}
