import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId, isMark } from '../../ipvs/model/service.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import type { DesiredServer, DesiredService, DesiredState } from '../../state/file/desired.js';
import { agentFields, healthFields } from '../../state/file/fields.js';
import type { AgentValue, HealthValue, ServerHealthValue } from '../../state/file/fields.js';
import { orInitial } from '../../state/file/kinds.js';
import type {
  AgentConfig,
  AnnounceConfig,
  FailOpen,
  HookConfig,
  Quorum,
  ServerConfig,
  ServiceConfig,
  SorryServer,
} from './config.js';
import { CheckReader } from './read-checks.js';
import { millisecondsOf, percentOf } from './read-values.js';

/** What the agent is to do about a state in which no flaw was found. Pure. */
export function readAgentConfig(desired: DesiredState): AgentConfig {
  const { timeouts, syncDaemons, services } = desired;
  const agent: AgentValue = desired.agent;
  const checks = new CheckReader();
  return {
    reconcileMs: millisecondsOf(agentFields.reconcile, agent.reconcile),
    timeouts,
    syncDaemons,
    services: services.map((service) => serviceOf(service, agent, checks)),
    hooks: hooksOf(agent, {}),
  };
}

function serviceOf(service: DesiredService, agent: AgentValue, checks: CheckReader): ServiceConfig {
  const { id, name, settings, destinations } = service;
  const health: HealthValue = service.health;
  return {
    id,
    key: formatServiceId(id),
    name,
    settings,
    servers: destinations.map((server) => serverOf(server, service, checks)),
    onFailure: health.onFailure ?? usualOnFailure(id),
    slowStartMs: millisecondsOf(healthFields.slowStart, health.slowStart),
    sorryServer: sorryServerOf(service),
    quorum: quorumOf(orInitial(healthFields.quorum, health.quorum)),
    hysteresis: orInitial(healthFields.hysteresis, health.hysteresis),
    failOpen: failOpenOf(orInitial(healthFields.failOpen, health.failOpen)),
    initial: orInitial(healthFields.initial, health.initial),
    announce: announceOf(id, health),
    trackFile: health.trackFile,
    hooks: hooksOf(health, agent),
    drainMs: millisecondsOf(healthFields.drain, health.drain ?? agent.drain),
  };
}

function serverOf(
  { id, settings, health }: DesiredServer,
  service: DesiredService,
  checks: CheckReader,
): ServerConfig {
  const { check }: ServerHealthValue = health;
  const owner = { service: service.id, serviceName: service.name, server: id };
  return {
    id,
    key: formatDestinationId(id),
    settings,
    checks: checks.read(check ?? (service.health as HealthValue).check, owner),
  };
}

type HookValue = Pick<AgentValue, 'onChange' | 'webhook'>;

const hooksOf = (own: HookValue, common: HookValue): HookConfig => ({
  onChange: own.onChange ?? common.onChange,
  webhook: own.webhook ?? common.webhook,
});

/** A service by mark has no address: the state is faulty then. */
function announceOf(id: ServiceId, { announce }: HealthValue): AnnounceConfig | undefined {
  if (announce?.interface === undefined || isMark(id)) return undefined;
  return { interface: announce.interface, address: id.address };
}

/** A quiet UDP server would keep its clients. */
const usualOnFailure = (id: ServiceId): ServiceConfig['onFailure'] =>
  !isMark(id) && id.protocol === 'udp' ? 'remove' : 'quiet';

function sorryServerOf({ sorryServer }: DesiredService): SorryServer | undefined {
  return sorryServer && { ...sorryServer, key: formatDestinationId(sorryServer.id) };
}

function quorumOf(value: number | string): Quorum {
  return typeof value === 'number'
    ? { kind: 'servers', count: value }
    : { kind: 'share', percent: percentOf(value) };
}

function failOpenOf(value: string): FailOpen {
  return value === 'none-up' || value === 'never'
    ? { kind: value }
    : { kind: 'share', percent: percentOf(value) };
}
