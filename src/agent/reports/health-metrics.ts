import { histogramText } from '../../state/metrics/histogram-text.js';
import type { HistogramMetric } from '../../state/metrics/histogram-text.js';
import { metricsText } from '../../state/metrics/text.js';
import type { Label, MetricGroup } from '../../state/metrics/text.js';
import type { ServiceConfig } from '../config/config.js';
import type { ServerDecision, ServerState, ServiceDecision } from '../health/health.js';
import type { HealthStore } from '../run/health-store.js';
import type { CheckCounts } from './check-counts.js';

/** The metrics of health, as they are declared: name, help and labels. */

interface OfService {
  readonly config: ServiceConfig;
  readonly decision: ServiceDecision;
}

interface OfServer extends OfService {
  readonly server: ServerDecision;
  /** The keys of its checks. */
  readonly checks: readonly string[];
}

/** A server beside one of several words: a state, or a reason. */
interface Worded extends OfServer {
  readonly word: string;
  readonly value: number;
}

/** What the agent knows of itself. */
export interface AgentFigures {
  readonly reconciles: number;
  readonly driftRepairs: number;
  readonly isConfigValid: boolean;
  /** How late the timers of checks were at most within the last minute. */
  readonly loopDelaySeconds: number;
}

const serviceLabels: readonly Label<OfService>[] = [
  { name: 'service', value: ({ config }) => config.key },
  { name: 'name', value: ({ config }) => config.name },
];

const serverLabels: readonly Label<OfServer>[] = [
  ...serviceLabels,
  { name: 'server', value: ({ server }) => server.key },
];

const worded = (
  name: string,
  metric: Pick<MetricGroup<Worded>['metrics'][number], 'name' | 'type' | 'help'>,
): MetricGroup<Worded> => ({
  labels: [...serverLabels, { name, value: ({ word }) => word }],
  metrics: [{ ...metric, value: ({ value }) => value }],
});

const flag = (is: boolean): number => (is ? 1 : 0);

const services: MetricGroup<OfService> = {
  labels: serviceLabels,
  metrics: [
    {
      name: 'ipvs_service_up_servers',
      type: 'gauge',
      help: 'Number of real servers of the virtual service that are up.',
      value: ({ decision }) => decision.up,
    },
    {
      name: 'ipvs_service_quorum_met',
      type: 'gauge',
      help: 'Whether as many real servers are up as the quorum asks for: 1 or 0.',
      value: ({ decision }) => flag(decision.isQuorumMet),
    },
    {
      name: 'ipvs_service_fail_open',
      type: 'gauge',
      help: 'Whether real servers get connections although they fail their checks: 1 or 0.',
      value: ({ decision }) => flag(decision.state === 'fail-open'),
    },
    {
      name: 'ipvs_service_sorry',
      type: 'gauge',
      help: 'Whether the sorry server gets all new connections: 1 or 0.',
      value: ({ decision }) => flag(decision.isSorryIn),
    },
  ],
};

const servers: MetricGroup<OfServer> = {
  labels: serverLabels,
  metrics: [
    {
      name: 'ipvs_server_up',
      type: 'gauge',
      help: 'Whether the real server passes its checks and may get connections: 1 or 0.',
      value: ({ server }) => flag(server.state === 'up'),
    },
  ],
};

const states = worded('state', {
  name: 'ipvs_server_state',
  type: 'gauge',
  help: 'State of the real server: 1 for the state that it is in, 0 for the others.',
});

const transitions = worded('to', {
  name: 'ipvs_server_transitions_total',
  type: 'counter',
  help: 'How often the real server has changed to a state since the agent started.',
});

const failures = worded('reason', {
  name: 'ipvs_server_check_failures_total',
  type: 'counter',
  help: 'Failed checks of the real server since the agent started, by reason.',
});

const durations: HistogramMetric<OfService & { readonly counts: CheckCounts }> = {
  labels: serviceLabels,
  name: 'ipvs_server_check_duration_seconds',
  help: 'How long the checks of the virtual service took, passed or failed.',
  value: ({ counts, config }) => counts.durationsOf(config.key),
};

const agent: MetricGroup<AgentFigures> = {
  labels: [],
  metrics: [
    {
      name: 'ipvs_agent_reconciles_total',
      type: 'counter',
      help: 'How often the table was compared with what is wanted, and written where it differed.',
      value: ({ reconciles }) => reconciles,
    },
    {
      name: 'ipvs_agent_drift_repairs_total',
      type: 'counter',
      help: "Changes of others to the agent's services that were found and repaired.",
      value: ({ driftRepairs }) => driftRepairs,
    },
    {
      name: 'ipvs_agent_config_valid',
      type: 'gauge',
      help: 'Whether the configuration on disk is valid: 1 or 0. With 0 the agent keeps the one before.',
      value: ({ isConfigValid }) => flag(isConfigValid),
    },
    {
      name: 'ipvs_agent_loop_delay_seconds',
      type: 'gauge',
      help: 'How late the agent ran its checks at most within the last minute.',
      value: ({ loopDelaySeconds }) => loopDelaySeconds,
    },
  ],
};

const STATES: readonly ServerState[] = ['starting', 'up', 'down', 'draining', 'maintenance'];

/** The metrics that only an agent has, in pieces. */
export function* healthText(
  store: Pick<HealthStore, 'configs' | 'decisions'>,
  counts: CheckCounts,
  figures: AgentFigures,
): Generator<string, void, undefined> {
  const ofServices = [...store.configs.values()].flatMap((config): OfService[] => {
    const decision = store.decisions.get(config.key);
    return decision === undefined ? [] : [{ config, decision }];
  });
  const ofServers = ofServices.flatMap(serversOf);
  yield* metricsText(agent, [figures]);
  yield* metricsText(services, ofServices);
  yield* histogramText(
    durations,
    ofServices.map((one) => ({ ...one, counts })),
  );
  yield* metricsText(servers, ofServers);
  yield* metricsText(states, ofServers.flatMap(stateWords));
  yield* metricsText(
    transitions,
    ofServers.flatMap((one) => words(one, counts.transitionsOf(one.config.key, one.server.key))),
  );
  yield* metricsText(
    failures,
    ofServers.flatMap((one) => one.checks.flatMap((key) => words(one, counts.failuresOf(key)))),
  );
}

const stateWords = (one: OfServer): Worded[] =>
  STATES.map((word) => ({ ...one, word, value: flag(one.server.state === word) }));

const words = (one: OfServer, counts: ReadonlyMap<string, number>): Worded[] =>
  Array.from(counts, ([word, value]) => ({ ...one, word, value }));

function serversOf(one: OfService): OfServer[] {
  const checks = new Map(
    one.config.servers.map((server) => [server.key, server.checks.map(({ key }) => key)]),
  );
  return one.decision.servers.map((server) => ({
    ...{ ...one, server },
    checks: checks.get(server.key) ?? [],
  }));
}
