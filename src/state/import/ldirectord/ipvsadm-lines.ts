import type { Operation } from '../../../ipvs/client/operations.js';
import { formatServiceId, isMark } from '../../../ipvs/model/service.js';
import type { ServiceId, ServiceSettings } from '../../../ipvs/model/service.js';
import type { Names } from '../../../rules/grammar/parsed-options.js';
import { parse } from '../../../rules/parse.js';
import { destinationSettings, serviceSettings } from '../../table.js';
import type { WantedDestination } from '../../table.js';
import { LineError } from './endpoints.js';

/** ldirectord fills the table by calling ipvsadm: what those command lines mean is what its settings come to. */

/** Its own look-ups are done before. */
const NO_NAMES: Names = { host: () => undefined, port: () => undefined };

/** @throws LineError when ipvsadm would refuse the service. */
export function serviceSettingsOf(id: ServiceId, options: readonly string[]): ServiceSettings {
  const operation = operationOf(['-A', ...selectorWords(id), ...options]);
  if (operation.type !== 'addService') throw new TypeError('-A adds a service');
  return serviceSettings(id, operation.settings);
}

/** @throws LineError when ipvsadm, or the kernel, would refuse the server. */
export function destinationOf(service: ServiceId, options: readonly string[]): WantedDestination {
  const operation = operationOf(['-a', ...selectorWords(service), ...options]);
  if (operation.type !== 'addDestination' || typeof operation.destination === 'string') {
    throw new TypeError('-a adds a real server');
  }
  const { address, port } = operation.destination;
  if (typeof address === 'string') throw new TypeError('ipvsadm reads addresses');
  const id = { address, port };
  const settings = destinationSettings(service, id, operation.settings);
  if (settings.lowerThreshold > settings.upperThreshold) {
    throw new LineError(
      `the lower threshold ${settings.lowerThreshold} is above the upper one, ` +
        `${settings.upperThreshold}: the kernel refuses that`,
    );
  }
  return { id, settings };
}

function operationOf(words: readonly string[]): Operation {
  const parsed = parse(words, NO_NAMES);
  if (parsed.kind === 'error') throw new LineError(`ipvsadm refuses it: ${parsed.error.message}`);
  if (parsed.kind === 'invocation' && 'operation' in parsed.invocation) {
    return parsed.invocation.operation;
  }
  throw new TypeError('a line for the table asks for an operation on it');
}

function selectorWords(id: ServiceId): readonly string[] {
  if (isMark(id)) {
    return ['-f', String(id.firewallMark), ...(id.family === 'ipv6' ? ['-6'] : [])];
  }
  return [id.protocol === 'udp' ? '-u' : '-t', formatServiceId(id).slice('tcp:'.length)];
}
