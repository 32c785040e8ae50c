import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { IpAddress } from '../../ipvs/model/address.js';
import { isLoopback } from '../../ipvs/model/network.js';
import { HttpProblem } from '../control/http.js';

/**
 * Admits requests for localhost, a loopback address or the address that was connected to. A page of someone else's that has
 * its own name resolved to this machine (DNS rebinding) sends that name, and gets nothing.
 * @throws HttpProblem
 */
export function admitHost({ headers, socket }: IncomingMessage): void {
  const name = hostIn(headers.host ?? '');
  if (name === 'localhost' || name === 'localhost.') return;
  const address = name === undefined ? undefined : IpAddress.tryParse(name);
  if (address !== undefined && (isLoopback(address) || isSame(address, socket.localAddress)))
    return;
  throw new HttpProblem(
    421,
    'the header Host must be localhost, a loopback address or the address that the agent listens on',
  );
}

/** The name or address of a Host header, without the port. */
function hostIn(header: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(header) ?? [];
  return bracketed ?? plain?.toLowerCase();
}

function isSame(address: IpAddress, local: string | undefined): boolean {
  // A socket for both families shows IPv4 addresses so.
  const text = local?.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '') ?? '';
  return isIP(text) !== 0 && String(IpAddress.parse(text)) === String(address);
}
