import { histogramText } from '../../state/metrics/histogram-text.js';
import type { HistogramMetric } from '../../state/metrics/histogram-text.js';
import { metricsText, seriesText } from '../../state/metrics/text.js';
import type { Label, LabelledValue, MetricGroup } from '../../state/metrics/text.js';
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

const states = {
  name: 'ipvs_server_state',
  type: 'gauge',
  help: 'State of the real server: 1 for the state that it is in, 0 for the others.',
} as const;

const transitions = {
  name: 'ipvs_server_transitions_total',
  type: 'counter',
  help: 'How often the real server has changed to a state since the agent started.',
} as const;

const failures = {
  name: 'ipvs_server_check_failures_total',
  type: 'counter',
  help: 'Failed checks of the real server since the agent started, by reason.',
} as const;

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
  yield* seriesText(states, worded(ofServers, 'state', statesOf));
  yield* seriesText(
    transitions,
    worded(ofServers, 'to', ({ config, server }) => counts.transitionsOf(config.key, server.key)),
  );
  yield* seriesText(
    failures,
    worded(ofServers, 'reason', ({ checks }) => failuresOf(checks, counts)),
  );
}

/** Series of servers, for each of several words: a state, or a reason. */
function* worded(
  all: readonly OfServer[],
  name: string,
  wordsOf: (one: OfServer) => ReadonlyMap<string, number>,
): Generator<LabelledValue, void, undefined> {
  for (const one of all) {
    const own = serverLabels.map((label) => [label.name, label.value(one)] as const);
    for (const [word, value] of wordsOf(one)) yield [[...own, [name, word]], value];
  }
}

const statesOf = ({ server }: OfServer): ReadonlyMap<string, number> =>
  new Map(STATES.map((state) => [state, flag(server.state === state)]));

/** Of all checks of a server together. */
function failuresOf(checks: readonly string[], counts: CheckCounts): ReadonlyMap<string, number> {
  const [first = '', ...others] = checks;
  if (others.length === 0) return counts.failuresOf(first);
  const sums = new Map<string, number>();
  for (const check of checks) {
    for (const [reason, count] of counts.failuresOf(check)) {
      sums.set(reason, (sums.get(reason) ?? 0) + count);
    }
  }
  return sums;
}

function serversOf(one: OfService): OfServer[] {
  const checks = new Map(
    one.config.servers.map((server) => [server.key, server.checks.map(({ key }) => key)]),
  );
  return one.decision.servers.map((server) => ({
    ...{ ...one, server },
    checks: checks.get(server.key) ?? [],
  }));
}
