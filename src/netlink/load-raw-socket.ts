import { constants, platform } from 'node:os';
import { NetlinkError } from './errors.js';
import type { OpenNetlinkSocket } from './socket.js';

/**
 * Loads the opener of sockets for this runtime: on Node a native package, which exists only for Linux, on Bun the C library.
 * Types and pure functions can be imported without it.
 * @throws NetlinkError EOPNOTSUPP on another system, and where the package or its binary is missing.
 */
export async function loadRawSocket(): Promise<OpenNetlinkSocket> {
  if (platform() !== 'linux') throw unavailable(`this is ${platform()}`);
  try {
    if ('Bun' in globalThis) return await (await import('./bun-socket.js')).loadBunSocket();
    return (await import('./raw-socket.js')).openRawSocket;
  } catch (error) {
    throw unavailable(error instanceof Error ? error.message : String(error));
  }
}

function unavailable(detail: string): NetlinkError {
  return new NetlinkError('open', constants.errno.EOPNOTSUPP, detail);
}
