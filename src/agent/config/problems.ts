import type { JsonRecord } from '../../common/json.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { isLoopback } from '../../ipvs/model/network.js';
import { isMark } from '../../ipvs/model/service.js';
import type { Path } from '../../state/file/check.js';
import { tlsFields } from '../../state/file/check-fields.js';
import type { DesiredState } from '../../state/file/desired.js';
import type { CheckConfig, ServiceConfig, SorryServer } from './config.js';
import { placedChecks } from './placed-checks.js';
import { readAgentConfig } from './read-config.js';

/** Something that a state file may say and the agent cannot do, or that does not do what it seems to do. */
export interface AgentProblem {
  /** With an error, the file is refused. */
  readonly severity: 'error' | 'warning';
  /** Where it stands in the state: `services`, 0, `quorum`. */
  readonly path: Path;
  readonly message: string;
}

/** A problem, of something whose place is known. */
type Fault = Omit<AgentProblem, 'path'>;

const warning = (message: string): Fault => ({ severity: 'warning', message });
const error = (message: string): Fault => ({ severity: 'error', message });

/** All that is wrong with a state for the agent, in the order of the state. Pure: no file is looked at. */
export function agentProblems(
  desired: DesiredState,
  config = readAgentConfig(desired),
): readonly AgentProblem[] {
  const ofServices = config.services.flatMap((service, index) => {
    const path = ['services', index];
    const health = desired.services[index]?.health ?? {};
    const ofService = serviceFaults(service).map(([key, fault]) => ({
      path: [...path, key],
      ...fault,
    }));
    const ofChecks = placedChecks(desired, config, index).flatMap(({ check, value, path: at }) =>
      checkFaults(check, value).map((fault) => ({ path: at, ...fault })),
    );
    const ofMark = isMark(service.id) && Object.hasOwn(health, 'announce') ? [NO_ADDRESS] : [];
    return [
      ...ofMark.map((fault) => ({ path: [...path, 'announce'], ...fault })),
      ...ofService,
      ...withoutRepeats(ofChecks),
    ];
  });
  return ofServices;
}

const NO_ADDRESS = error('announce: a service by mark has no address to announce');

/** What is wrong with a service, by its keys. */
function serviceFaults({
  servers,
  quorum,
  hysteresis,
  sorryServer,
}: ServiceConfig): readonly (readonly [key: string, fault: Fault])[] {
  const faults: (readonly [string, Fault])[] = [];
  if (sorryServer !== undefined && isUnreachable(sorryServer)) {
    faults.push(['sorryServer', warning(`sorryServer: ${NAT_TO_LOOPBACK}`)]);
  }
  if (servers.some(isUnreachable)) faults.push(['servers', warning(`servers: ${NAT_TO_LOOPBACK}`)]);
  if (sorryServer !== undefined && servers.some(({ key }) => key === sorryServer.key)) {
    const message = `sorryServer: ${sorryServer.key} is a server of this service already; name another one`;
    faults.push(['sorryServer', error(message)]);
  }
  if (quorum.kind === 'share' || servers.length === 0) return faults;
  const { count } = quorum;
  const there = `there are ${servers.length}, so all of them must be up`;
  if (count > servers.length) {
    faults.push(['quorum', warning(`quorum: ${count} servers, but ${there}`)]);
  } else if (count + hysteresis > servers.length) {
    const needed = `${count + hysteresis} servers to end the loss of the quorum`;
    faults.push(['hysteresis', warning(`hysteresis: ${needed}, but ${there}`)]);
  }
  return faults;
}

const NAT_TO_LOOPBACK =
  'the kernel drops what NAT would send to a loopback address; name another address of this machine, or method dr';

const isUnreachable = ({ id, settings }: Pick<SorryServer, 'id' | 'settings'>): boolean =>
  settings.forwardingMethod === 'nat' && isLoopback(id.address);

/** These ask for no port. */
const WITHOUT_PORT = ['ping', 'exec'];

function checkFaults(check: CheckConfig, value: JsonRecord): readonly Fault[] {
  const { type, target, settings } = check;
  const { address, port, source, server, through } = target;
  const faults: Fault[] = [];
  if (port === 0 && !WITHOUT_PORT.includes(type)) {
    const whose = through === 'path' ? 'the service' : formatDestinationId(server);
    const message = `${whose} has port 0, and a check of type ${type} needs one; write 'port' in the check`;
    faults.push(error(message));
  }
  if (source !== undefined && source.family !== address.family) {
    faults.push(error(`source: ${address} cannot be asked from ${source}`));
  }
  if (through === 'path') faults.push(...pathFaults(check, value));
  const isTls = type === 'https' || settings['tls'] === true || settings['startTls'] === true;
  const vain = isTls ? undefined : Object.keys(tlsFields).find((key) => Object.hasOwn(value, key));
  if (vain !== undefined) {
    const word = type === 'smtp' ? 'startTls' : 'tls';
    faults.push(warning(`${vain} is of no use without '${word}: true'`));
  }
  return faults;
}

/** What a check cannot do by way of the virtual address. */
function pathFaults({ type, target, settings }: CheckConfig, value: JsonRecord): readonly Fault[] {
  const { address, server, service } = target;
  if (WITHOUT_PORT.includes(type)) {
    return [error(`through: a check of type ${type} cannot go by the path; write server`)];
  }
  if (isMark(service) && value['address'] === undefined) {
    return [
      error(
        "through: a service by mark has no address to ask by the path; write 'address' and 'port' in the check",
      ),
    ];
  }
  if (address.family !== server.address.family) {
    return [
      error(
        `through: ${server.address} cannot be checked by the path of ${address}: one is IPv4, the other IPv6`,
      ),
    ];
  }
  if (type === 'udp' && settings['expect'] === undefined) {
    const message =
      "through: a check of type udp needs 'send' and 'expect' to go by the path: a refusal does not come back by it";
    return [error(message)];
  }
  return [];
}

/** A check of a service is that of many servers. */
function withoutRepeats(problems: readonly AgentProblem[]): readonly AgentProblem[] {
  const byText = new Map(problems.map((one) => [`${one.path.join('.')} ${one.message}`, one]));
  return [...byText.values()];
}
