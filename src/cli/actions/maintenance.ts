import type { AgentClient } from '../../agent/control/client.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { agentTargets, askAgent } from '../ask-agent.js';
import { parseServers, parseServices } from '../drain/targets.js';
import { portNamesOf } from '../port-names.js';
import type { VerbAction } from '../verb.js';

interface MaintenanceOptions {
  readonly service: readonly string[];
  readonly socket: string;
  readonly quiet: boolean;
}

type Targets = ReturnType<typeof agentTargets>;

interface MaintenanceResult {
  readonly quiet: boolean;
  readonly maintenance: 'on' | 'off';
  readonly targets: Targets;
  readonly reason: string | undefined;
}

export const maintenanceOn = actionOf<MaintenanceOptions & { readonly reason: string | undefined }>(
  'on',
  (client, targets, reason) =>
    client.startMaintenance({ ...targets, ...(reason !== undefined && { reason }) }),
);

export const maintenanceOff = actionOf<MaintenanceOptions>('off', (client, targets) =>
  client.endMaintenance(targets),
);

function actionOf<Options extends MaintenanceOptions & { readonly reason?: string | undefined }>(
  maintenance: 'on' | 'off',
  ask: (client: AgentClient, targets: Targets, reason: string | undefined) => Promise<void>,
): VerbAction<Options, MaintenanceResult> {
  return {
    run: async ({ session }, { service, socket, quiet, reason }, words) => {
      const ports = portNamesOf(session);
      const targets = agentTargets(parseServers(words, ports), parseServices(service, ports));
      await askAgent(socket, (client) => ask(client, targets, reason));
      return { quiet, maintenance, targets, reason };
    },
    status: () => exitStatus.done,
    render: {
      text: async ({ quiet, targets: { servers } }, session) => {
        if (quiet) return;
        for (const server of servers) {
          await session.output.line(
            maintenance === 'on'
              ? `${server} is in maintenance. To end that: ipvs maintenance off ${server}`
              : `${server} is no longer in maintenance.`,
          );
        }
      },
      json: ({ targets, reason }) => ({
        maintenance,
        ...targets,
        ...(reason !== undefined && { reason }),
      }),
    },
  };
}
