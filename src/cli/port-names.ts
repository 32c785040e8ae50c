import type { PortNames } from '../state/selection.js';
import type { Session } from '../terminal/session.js';

/** Numbers of the ports in /etc/services. Without a protocol, those of the first that has the name. */
export function portNamesOf({ names }: Session): PortNames {
  return (name, protocol) =>
    protocol === undefined
      ? (names.port(name, 'tcp') ?? names.port(name, 'udp') ?? names.port(name, 'sctp'))
      : names.port(name, protocol);
}
