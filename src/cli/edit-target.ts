import { printable } from '../common/printable.js';
import { HostError } from '../host/host-error.js';
import { formatDestinationId } from '../ipvs/model/destination.js';
import { parseServiceId } from '../ipvs/model/selectors.js';
import { formatServiceId } from '../ipvs/model/service.js';
import type { ServiceId } from '../ipvs/model/service.js';
import type { CurrentServer, CurrentService } from '../state/plan/plan.js';
import { serviceNamed } from '../state/record-changes.js';
import type { TableRecords } from '../state/records.js';
import { parseSelector, resolveServer } from '../state/selection.js';
import type { PortNames, ServerSelector, ServiceSelector } from '../state/selection.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import { usage } from './table-reader.js';
import type { Recorder } from './table-records.js';

/** What `set`, `add` and `delete` are about: the words before the settings. */
export interface EditTarget {
  readonly service: ServiceSelector;
  readonly server: ServerSelector | undefined;
  /** The words behind them. */
  readonly settings: readonly string[];
}

/** @throws CliError when the words do not begin with a service. */
export function parseTarget(words: readonly string[], ports: PortNames): EditTarget {
  const [first = '', second, ...others] = words;
  const service = usage(() => parseSelector(first, ports));
  if (service.kind === 'server') {
    throw wrong(`${first} is a real server. Name its service before it: SERVICE ${first}`);
  }
  if (second === undefined || second.includes('=')) {
    return { service, server: undefined, settings: words.slice(1) };
  }
  const server = usage(() => parseSelector(second, ports));
  if (server.kind !== 'server') {
    throw wrong(`${second} is neither a real server (10.0.0.2:8080) nor a setting (key=value)`);
  }
  return { service, server, settings: others };
}

const wrong = (text: string): CliError => new CliError(`${printable(text)}.`, exitStatus.usage);

/** The id of the service that a selector names. @throws CliError when no service is known to have the name. */
export function serviceIdOf(selector: ServiceSelector, records: TableRecords): ServiceId {
  if (selector.kind === 'service') return selector.id;
  const known = serviceNamed(records, selector.name);
  if (known === undefined) throw noService(`with the name ${selector.name}`);
  return parseServiceId(known);
}

export function noService(which: string): CliError {
  return wrong(`There is no virtual service ${which}. To see what there is: ipvs list`);
}

/** The real server of a service that a selector names. @throws CliError when there is none, or several. */
export function serverOf(service: CurrentService, selector: ServerSelector): CurrentServer {
  const id = usage(() => resolveServer([service], selector));
  const key = id && formatDestinationId(id);
  const found = service.destinations.find((one) => formatDestinationId(one.id) === key);
  if (found !== undefined) return found;
  const name = formatServiceId(service.id);
  throw wrong(
    `${name} has no real server ${selector.text}. To see what there is: ipvs list ${name}`,
  );
}

/** Keeps records that go with a change which has been made. @throws CliError when that fails. */
export async function keepRecords(recorder: Recorder, after: TableRecords): Promise<void> {
  if (after === recorder.records) return;
  try {
    await recorder.save(after);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new CliError(
      `The table was changed, but not its records. ${error.message}`,
      exitStatus.partly,
    );
  }
}
