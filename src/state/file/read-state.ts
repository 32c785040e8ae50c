import type { JsonRecord } from '../../common/json.js';
import { IpAddress } from '../../ipvs/model/address.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { isServiceName } from '../selection.js';
import type { PortNames } from '../selection.js';
import { Checker, Flaws } from './check.js';
import type { Flaw } from './check.js';
import type { DesiredService, DesiredState } from './desired.js';
import { serviceFault } from './faults.js';
import { healthKeys, stateFile } from './fields.js';
import type { FileValue, ServiceValue } from './fields.js';
import { isObject, listOf, NOTHING, picked } from './reading.js';
import type { Reading } from './reading.js';
import { readServers } from './read-servers.js';
import { readSorryServer } from './read-sorry-server.js';
import { readSettings } from './read-settings.js';
import { tryServiceId } from './text-forms.js';

/** What the value of a file comes to, and what is wrong with it. */
export interface ReadState {
  /** Of use where there are no flaws. */
  readonly state: DesiredState;
  readonly flaws: readonly Flaw[];
}

/** Reads the value of a file, of which nothing is known yet. An empty file asks for nothing. */
export function readStateValue(value: unknown, ports: PortNames | undefined): ReadState {
  const flaws = new Flaws();
  const file = value ?? {};
  new Checker(flaws, ports).check(stateFile.rule, file);
  const { timeouts, syncDaemons, ...others } = isObject(file) ? (file as FileValue) : {};
  const defaults = isObject(others.defaults) ? others.defaults : {};
  const reading = { flaws, ports, defaults };
  const state = {
    timeouts,
    syncDaemons:
      flaws.found.length > 0 ? undefined : syncDaemons && readDaemons(syncDaemons, flaws),
    services: readServices(listOf(others.services), reading),
    agent: picked(others, healthKeys.file),
  };
  return { state, flaws: flaws.found };
}

type DaemonValue = NonNullable<FileValue['syncDaemons']>[number];

function readDaemons(daemons: readonly DaemonValue[], flaws: Flaws): readonly SyncDaemonInput[] {
  const firsts = new Map<string, number>();
  return daemons.map(({ role = 'master', interface: name = '', group, ...others }, index) => {
    const first = firsts.get(role);
    if (first === undefined) firsts.set(role, index);
    else {
      flaws.add(['syncDaemons', index], `there is already a daemon with role ${role}`, {
        first: ['syncDaemons', first],
      });
    }
    const at = group === undefined ? undefined : IpAddress.parse(group);
    return { state: role, interface: name, ...others, ...(at !== undefined && { group: at }) };
  });
}

function readServices(values: readonly ServiceValue[], reading: Reading): DesiredService[] {
  const services: DesiredService[] = [];
  const ids = new Map<string, number>();
  const names = new Map<string, number>();
  const health = picked(reading.defaults, healthKeys.service);
  for (const [index, value] of values.entries()) {
    if (!isObject(value)) continue;
    noteName(value.name, index, names, reading.flaws);
    const service = readService(value, index, ids, reading, health);
    if (service !== undefined) services.push(service);
  }
  return services;
}

function noteName(name: unknown, index: number, names: Map<string, number>, flaws: Flaws): void {
  if (typeof name !== 'string' || !isServiceName(name)) return;
  const first = names.get(name);
  if (first === undefined) names.set(name, index);
  else {
    flaws.add(['services', index, 'name'], `another service is called ${name} too`, {
      first: ['services', first, 'name'],
    });
  }
}

/** What {@link readSettings} relies on. */
const SETTINGS = ['scheduler', 'schedulerFlags', 'persistence', 'onePacket', 'name'];

function readService(
  value: ServiceValue,
  index: number,
  ids: Map<string, number>,
  reading: Reading,
  health: JsonRecord,
): DesiredService | undefined {
  const { flaws, ports, defaults } = reading;
  const path = ['services', index];
  const { service: text } = value;
  const id = typeof text === 'string' ? tryServiceId(text, ports) : undefined;
  if (id === undefined) return undefined;
  const key = formatServiceId(id);
  const first = ids.get(key);
  if (first === undefined) ids.set(key, index);
  else {
    flaws.add([...path, 'service'], `the service ${key} is there already`, {
      first: ['services', first, 'service'],
    });
  }
  const destinations = readServers(value, { id, path }, reading);
  const sorryServer = readSorryServer(value, { id, path }, reading);
  if (flaws.isFaulty(value, ...SETTINGS) || flaws.isFaulty(defaults, 'scheduler')) return undefined;
  const settings = readSettings(value, id, defaults, (at, message) => {
    flaws.add([...path, at], message);
  });
  if (settings === undefined) return undefined;
  const fault = serviceFault({ id, settings });
  if (fault !== undefined) flaws.add([...path, fault.key], fault.message);
  const own = picked(value, healthKeys.service);
  return {
    id,
    name: value.name,
    settings,
    destinations,
    ...(sorryServer !== undefined && { sorryServer }),
    health: own === NOTHING ? health : { ...health, ...own },
  };
}
