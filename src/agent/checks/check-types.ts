import type { CheckConfig } from '../config/config.js';
import { CheckError } from './check-type.js';
import type { CheckType, Probe } from './check-type.js';
import { dns } from './dns.js';
import { exec } from './exec.js';
import { grpc } from './grpc.js';
import { http } from './http.js';
import { https } from './https.js';
import { ping } from './ping.js';
import { smtp } from './smtp.js';
import { tcp } from './tcp.js';
import { udp } from './udp.js';

/** All types of checks. What may be set for each is in `state/file/check-fields.ts`. */
export const checkTypes: readonly CheckType[] = [
  tcp,
  http,
  https,
  smtp,
  udp,
  dns,
  ping,
  exec,
  grpc,
];

const byName = new Map(checkTypes.map((type) => [type.name, type]));

/**
 * Makes the probe of a check.
 * @throws CheckError when its settings cannot work on this machine.
 */
export function prepareProbe({ type, target, settings }: CheckConfig): Probe {
  const found = byName.get(type);
  if (found === undefined) throw new CheckError(`there are no checks of type ${type}`);
  return found.prepare(target, settings);
}
