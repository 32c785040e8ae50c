import { IpAddress } from '../../ipvs/model/address.js';
import { defaultServiceSettings, familyOf } from '../../ipvs/model/service.js';
import type { Persistence, ServiceId, ServiceSettings } from '../../ipvs/model/service.js';
import { readSchedulerFlags, schedulerFlagWords } from '../../rules/grammar/scheduler-flags.js';
import type { DefaultsValue, ServiceValue } from './fields.js';

/** Takes what is wrong, with the key of the service that it is about. */
type Complain = (key: string, message: string) => void;

/** How a service is to be set; undefined when its keys contradict each other. */
export function readSettings(
  value: ServiceValue,
  id: ServiceId,
  defaults: DefaultsValue,
  complain: Complain,
): ServiceSettings | undefined {
  const scheduler = value.scheduler ?? defaults.scheduler ?? defaultServiceSettings.scheduler;
  const schedulerFlags = readFlags(value.schedulerFlags ?? [], scheduler, complain);
  const kept = readPersistence(value.persistence, id, complain);
  if (schedulerFlags === undefined || kept === undefined) return undefined;
  return { scheduler, ...kept, onePacket: value.onePacket === true, schedulerFlags };
}

function readFlags(
  names: readonly string[],
  scheduler: string,
  complain: Complain,
): ServiceSettings['schedulerFlags'] | undefined {
  for (const name of names) {
    const owner = schedulerFlagWords.find(({ word }) => word === name)?.scheduler;
    if (owner === undefined || owner === scheduler) continue;
    complain('schedulerFlags', `${name} is for scheduler ${owner}; this service has ${scheduler}`);
    return undefined;
  }
  return names.length === 0 ? [] : readSchedulerFlags(names.join(','), scheduler).sort();
}

type Kept = Pick<ServiceSettings, 'persistence' | 'persistenceEngine'>;

function readPersistence(
  value: ServiceValue['persistence'],
  id: ServiceId,
  complain: Complain,
): Kept | undefined {
  const given = typeof value === 'number' ? { timeoutSeconds: value } : value;
  if (given === undefined) return { persistence: undefined, persistenceEngine: undefined };
  const { timeoutSeconds, netmask, prefixLength, engine } = given;
  if (timeoutSeconds !== undefined) {
    const mask = readMask(id, netmask, prefixLength);
    return { persistence: { timeoutSeconds, ...mask }, persistenceEngine: engine };
  }
  if (engine !== undefined && netmask === undefined && prefixLength === undefined) {
    return { persistence: undefined, persistenceEngine: engine };
  }
  complain('persistence', 'timeoutSeconds is missing');
  return undefined;
}

/** The mask as the kernel shows it: what is left out stands for a whole address. */
function readMask(
  id: ServiceId,
  netmask: string | undefined,
  prefixLength: number | undefined,
): Omit<Persistence, 'timeoutSeconds'> {
  const isWhole = netmask === undefined && prefixLength === undefined;
  if (isWhole) return familyOf(id) === 'ipv4' ? { netmask: WHOLE_ADDRESS } : { prefixLength: 128 };
  return {
    ...(netmask !== undefined && { netmask: IpAddress.parse(netmask) }),
    ...(prefixLength !== undefined && { prefixLength }),
  };
}

const WHOLE_ADDRESS = IpAddress.parse('255.255.255.255');
