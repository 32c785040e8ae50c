import type { WantedDestination } from '../table.js';
import { serverFault } from './faults.js';
import type { ServiceValue } from './fields.js';
import { portsOf, settingsOf } from './read-servers.js';
import type { Owner } from './read-servers.js';
import type { Reading } from './reading.js';
import { tryServerId } from './text-forms.js';

/** Its share of new connections is no matter of those whose place it takes. */
const WEIGHT = 1;

/** The sorry server of a service, or that of `defaults`: one that the service could have. */
export function readSorryServer(
  value: ServiceValue,
  { id: service, path }: Owner,
  reading: Reading,
): WantedDestination | undefined {
  const { flaws, defaults } = reading;
  const isOwn = value.sorryServer !== undefined;
  const sorry = value.sorryServer ?? defaults.sorryServer;
  if (sorry === undefined || flaws.isFaulty(isOwn ? value : defaults, 'sorryServer')) return;
  if (flaws.isFaulty(value, 'method') || flaws.isFaulty(defaults, 'method')) return;
  const keys = typeof sorry === 'string' ? { server: sorry } : sorry;
  const id = tryServerId(keys.server ?? '', portsOf(service, reading.ports));
  if (id === undefined) return;
  const settings = settingsOf({ weight: WEIGHT, ...keys }, value, reading);
  const fault = serverFault(service, { id, settings });
  if (fault !== undefined) {
    flaws.add([...(isOwn ? path : ['defaults']), 'sorryServer'], fault.message);
  }
  return { id, settings };
}
