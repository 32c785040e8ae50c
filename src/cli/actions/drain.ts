import { jsonLine } from '../../common/json.js';
import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatPlace } from '../../ipvs/model/place.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import type { DrainProgress } from '../../state/drain.js';
import { isDraining } from '../../state/drain-rules.js';
import type { DrainedServer } from '../../state/drain-rules.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { changesJson, changeStatus, writeChanges } from '../change-table.js';
import { runDrain } from '../drain/run.js';
import type { DrainListener, DrainResult } from '../drain/run.js';
import { parseServers, parseServices } from '../drain/targets.js';
import { leftText } from '../drain/warnings.js';
import { portNamesOf } from '../port-names.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface DrainOptions {
  readonly service: readonly string[];
  readonly timeout: number;
  readonly delete: boolean;
  readonly force: boolean;
  readonly quiet: boolean;
  readonly output: string;
  readonly json: boolean;
}

interface Drained extends DrainResult {
  readonly options: DrainOptions;
}

export const drain: VerbAction<DrainOptions, Drained> = {
  run,
  status: ({ interruption, outcome, servers }) => {
    if (interruption !== undefined) return interruption;
    if (outcome.failures.length > 0) return changeStatus(outcome);
    return servers.every(({ drained }) => drained) ? exitStatus.done : exitStatus.no;
  },
  render: {
    text: writeResult,
    json: resultJson,
    formats: {
      ndjson: (result, session) =>
        session.output.line(jsonLine({ type: 'result', ...resultJson(result) })),
    },
  },
};

async function run(
  context: VerbContext,
  options: DrainOptions,
  words: readonly string[],
): Promise<Drained> {
  const { session } = context;
  if (options.force && !options.delete) {
    throw new CliError(
      '--force is for --delete: it deletes also what is not drained when the time is over.',
      exitStatus.usage,
    );
  }
  const ports = portNamesOf(session);
  const request = {
    servers: parseServers(words, ports),
    services: parseServices(options.service, ports),
    timeoutSeconds: options.timeout,
    deletes: options.delete,
    force: options.force,
  };
  return { options, ...(await runDrain(context, request, listenerFor(session, options))) };
}

/** Tells what happens as it happens, on a terminal or as a line for each look. */
function listenerFor(session: Session, options: DrainOptions): DrainListener {
  const { output, json, quiet, timeout } = options;
  const format = json ? 'json' : output;
  const tell = async (progress: DrainProgress): Promise<void> => {
    if (format === 'ndjson') {
      await session.output.line(jsonLine(progressJson(progress)));
      await session.output.flush();
    } else await session.progress.show(() => progressText(progress, timeout));
  };
  return {
    onWeights: async (outcome) => {
      if (format !== 'text' || quiet) return;
      if (outcome.done.length > 0) await writeChanges(outcome, session, { quiet });
      else await session.output.line('The weight is 0 already.');
      await session.output.flush();
    },
    onWarning: ({ message }) => session.complain(`Warning: ${message}`),
    onProgress: tell,
  };
}

function progressText({ elapsedMs, servers }: DrainProgress, timeoutSeconds: number): string {
  const left = servers.filter(isDraining);
  const sum = (key: 'active' | 'inactive' | 'templates') =>
    left.reduce((total, server) => total + server[key], 0);
  const [first] = left;
  const many = left.length > 1 ? ` in ${left.length} places` : '';
  const all = { active: sum('active'), inactive: sum('inactive'), templates: sum('templates') };
  const what = first === undefined ? 'drained' : `${leftText(all)}${many}`;
  return `${Math.floor(elapsedMs / 1000)} s of ${timeoutSeconds} s: ${what}`;
}

function serverJson({ service, destination, ...state }: DrainedServer) {
  const { drained, gone, weight, active, inactive, templates } = state;
  return {
    service: formatServiceId(service),
    server: formatDestinationId(destination),
    drained,
    ...(gone && { gone }),
    ...(weight > 0 && { weight }),
    connections: { active, inactive, persistent: templates },
  };
}

const progressJson = ({ elapsedMs, servers }: DrainProgress) => ({
  type: 'progress',
  elapsedSeconds: Math.round(elapsedMs) / 1000,
  servers: servers.map(serverJson),
});

function resultJson({ outcome, servers, warnings, interruption }: DrainResult) {
  return {
    ...changesJson(outcome),
    servers: servers.map(serverJson),
    ...(warnings.length > 0 && { warnings }),
    ...(interruption !== undefined && { interrupted: true }),
  };
}

async function writeResult(result: Drained, session: Session): Promise<void> {
  const { options, outcome, deletions, servers, elapsedSeconds, interruption } = result;
  const { quiet } = options;
  if (servers.length === 0 && interruption === undefined) {
    await writeChanges(outcome, session, { quiet });
    return;
  }
  if (interruption !== undefined) {
    await writeInterruption(result, session);
    return;
  }
  for (const server of servers) {
    if (!server.drained) await session.complain(undrainedText(server, result));
    else if (!quiet) await session.output.line(drainedText(server, elapsedSeconds));
  }
  if (deletions.done.length + deletions.failures.length > 0) {
    await writeChanges(deletions, session, { quiet });
  }
}

async function writeInterruption(
  { outcome: { undone, done, failures } }: DrainResult,
  session: Session,
): Promise<void> {
  for (const { error } of failures) await session.complain(error.message);
  if (done.length > 0) {
    await session.complain('Interrupted. The weight stays 0. To give it back: ipvs undrain SERVER');
  } else if (undone.length > 0) {
    await session.complain('Interrupted. The weight from before was given back.');
  } else await session.complain('Interrupted. The weight was 0 before, and stays 0.');
}

const placeOf = ({ service, destination }: DrainedServer): string =>
  formatPlace(service, destination);

function drainedText(server: DrainedServer, elapsedSeconds: number): string {
  if (server.gone) return `${placeOf(server)} is gone.`;
  return `${placeOf(server)} is drained, after ${elapsedSeconds} s.`;
}

function undrainedText(server: DrainedServer, { options, elapsedSeconds }: Drained): string {
  const { weight, destination } = server;
  const place = placeOf(server);
  if (weight > 0) return `${place} is not drained: somebody has set its weight to ${weight}.`;
  const left = `${place} is not drained after ${elapsedSeconds} s: it has ${leftText(server)}.`;
  if (options.force) return left;
  const name = formatDestinationId(destination);
  return (
    `${left} Its weight stays 0.\n` +
    `To go on waiting: ipvs drain ${name}. To give its weight back: ipvs undrain ${name}`
  );
}
