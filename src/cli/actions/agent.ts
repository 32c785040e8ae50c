import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { prepareProbe } from '../../agent/checks/check-types.js';
import { isPrivate, parseListenAddress } from '../../agent/listener/listen-address.js';
import type { ListenAddress } from '../../agent/listener/listen-address.js';
import type { Listener } from '../../agent/listener/listener.js';
import type { AgentConfig } from '../../agent/config/config.js';
import { hostPaths } from '../../agent/path/path-system.js';
import { hostQuorumSystem } from '../../agent/quorum/quorum-system.js';
import { Agent } from '../../agent/run/agent.js';
import type { AgentOptions, OnExit, Settled } from '../../agent/run/agent-options.js';
import { systemClock } from '../../agent/run/clock.js';
import { ConfigProblem } from '../../agent/run/config-source.js';
import { logLine } from '../../agent/run/log.js';
import type { LogFormat } from '../../agent/run/log.js';
import type { MemoryPlaces } from '../../agent/run/memory.js';
import { notifier } from '../../agent/run/notify.js';
import { tableGuard } from '../../agent/run/own-records.js';
import { keepServed } from '../../agent/control/keep-served.js';
import type { ControlServer } from '../../agent/control/server.js';
import { becomeOnlyAgent } from '../../agent/run/only-agent.js';
import { printable } from '../../common/printable.js';
import { errorText } from '../../common/system-errors.js';
import type { Host } from '../../host/host.js';
import { kernelRelease } from '../../host/kernel-release.js';
import { makeRunFolder, runFolderOf } from '../../host/run-folder.js';
import { readSettled } from '../../host/read-settled.js';
import { watchFiles } from '../../host/watch-files.js';
import { StateFileError } from '../../state/file/desired.js';
import { CliError } from '../../terminal/cli-error.js';
import { coloursFor } from '../../terminal/colours.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { DaemonProcess } from '../../terminal/io.js';
import type { Session } from '../../terminal/session.js';
import { version } from '../../version.js';
import { CONFIG_FILES } from '../commands/agent.js';
import { isError, readAgentInput } from '../agent-input.js';
import { problemLines } from '../state-input.js';
import type { VerbAction, VerbContext } from '../verb.js';
import { stepLine } from '../views/steps.js';

export interface AgentVerbOptions {
  readonly file: string | undefined;
  readonly socket: string | undefined;
  readonly listen: string | undefined;
  readonly listenPublic: boolean;
  readonly onExit: OnExit;
  readonly once: boolean;
  readonly dryRun: boolean;
  readonly log: LogFormat;
}

/** What a run of `--once` has come to; undefined after a run that was ended by a signal. */
type AgentResult = Settled | undefined;

export const agent: VerbAction<AgentVerbOptions, AgentResult> = {
  run: runAgent,
  status: (settled) => (settled?.isAllUp === false ? exitStatus.no : exitStatus.done),
  render: {
    text: async (settled, session) => {
      const paint = await coloursFor(session.io);
      for (const step of settled?.steps ?? []) await session.output.line(stepLine(step, paint));
    },
  },
};

const CANNOT_STAY = 'This ipvs cannot run an agent.';

async function runAgent(context: VerbContext, options: AgentVerbOptions): Promise<AgentResult> {
  const { session } = context;
  const listenAt = listenAddress(options);
  const daemon = await session.io.daemon?.();
  if (daemon === undefined) throw new CliError(CANNOT_STAY, exitStatus.usage);
  const file = await configFile(options.file);
  // Before anything else: who may not, or has no IPVS, hears of it now.
  await session.client();
  const complain = (text: string): void => void session.io.stderr.write(`${text}\n`);
  const host = await context.host();
  const surroundings = await placesOf(context, host, daemon);
  const { run } = surroundings.places;
  const release = options.dryRun ? undefined : await becomeOnlyAgent(host, run, complain);
  try {
    return await runOnly(
      { session, daemon, host, file, complain, surroundings, listenAt },
      options,
    );
  } finally {
    await release?.();
  }
}

interface AgentProcess {
  readonly session: Session;
  readonly daemon: DaemonProcess;
  readonly host: Host;
  readonly file: string;
  readonly complain: (text: string) => void;
  readonly surroundings: Surroundings;
  readonly listenAt: ListenAddress | undefined;
}

/** What the agent needs of the machine. */
type Surroundings = Pick<AgentOptions, 'guard' | 'pathSystem' | 'places' | 'quorumSystem'>;

/** No other agent runs meanwhile. */
async function runOnly(
  { session, daemon, host, file, complain, surroundings, listenAt }: AgentProcess,
  options: AgentVerbOptions,
): Promise<AgentResult> {
  const clock = systemClock(daemon);
  const kernel = await kernelRelease(host);
  const loaded = await load({
    ...{ clock, version, kernel, pid: daemon.pid, isDry: options.dryRun, isOnce: options.once },
    isListening: listenAt !== undefined,
    source: configSource(session, host, file, complain),
    prepare: prepareProbe,
    open: () => session.openClient(),
    ...surroundings,
    onEvent: (event) => {
      const line = logLine(event, options.log, (service) => loaded.nameOf(service));
      void session.io.stderr.write(`${line}\n`);
    },
  });
  if (options.once) return runOnce(loaded);
  const notify = notifier({
    ...{ host, clock, socket: daemon.notifySocket, watchdogMs: daemon.watchdogMs },
  });
  const reload = async (): Promise<void> => {
    notify.reloading();
    await loaded.reload();
    notify.ready();
  };
  const control = await served(loaded, complain, options);
  const listener = await listening(loaded, complain, listenAt).catch(async (error: unknown) => {
    await control?.close();
    throw error;
  });
  const { ended, hurried } = daemon.signals(() => void reload());
  const unwatch = await watchFiles(file, () => void reload());
  try {
    await loaded.begin();
  } catch (error) {
    unwatch();
    await control?.close();
    await listener?.close();
    throw refusal(error);
  }
  notify.ready();
  if (!ended.aborted) await once(ended, 'abort');
  unwatch();
  notify.stopping();
  await control?.close();
  await listener?.close();
  await loaded.stop(options.onExit, hurried);
  notify.close();
  return undefined;
}

/** A dry run listens only where a socket is named: it may run beside an agent. */
async function served(
  loaded: Agent,
  complain: (text: string) => void,
  { socket, dryRun }: AgentVerbOptions,
): Promise<ControlServer | undefined> {
  if (dryRun && socket === undefined) return undefined;
  return keepServed(loaded, {
    ...(socket !== undefined && { socket }),
    onWarning: complain,
    onError: (error) => {
      complain(`the socket: ${errorText(error)}`);
    },
  });
}

/** Read-only, for browsers and Prometheus. */
async function listening(
  loaded: Agent,
  complain: (text: string) => void,
  at: ListenAddress | undefined,
): Promise<Listener | undefined> {
  if (at === undefined) return undefined;
  const { listen } = await import('../../agent/listener/listener.js');
  const onError = (error: unknown): void => {
    complain(`the listener: ${errorText(error)}`);
  };
  return listen(loaded, { at, onError });
}

/** @throws CliError when it is no address, or one that others can reach though nobody has said that they may. */
function listenAddress({
  listen: text,
  listenPublic,
}: AgentVerbOptions): ListenAddress | undefined {
  if (text === undefined) return undefined;
  const at = parseListenAddress(text);
  if (at === undefined) {
    throw new CliError(
      `--listen ${printable(text)}: it must be an address and a port, for example 127.0.0.1:9786 or [::1]:9786`,
      exitStatus.usage,
    );
  }
  if (listenPublic || isPrivate(at)) return at;
  throw new CliError(
    `--listen ${printable(text)}: that address is not a loopback address: whoever can reach it could see all services.\n` +
      'If they may, add --listen-public. For this machine alone: --listen 127.0.0.1:9786',
    exitStatus.usage,
  );
}

async function runOnce(loaded: Agent): Promise<Settled> {
  await loaded.begin().catch((error: unknown) => {
    throw refusal(error);
  });
  const settled = await loaded.settled();
  await loaded.stop('leave');
  return settled;
}

async function configFile(given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  for (const path of CONFIG_FILES) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) return path;
  }
  throw new CliError(
    `There is neither ${CONFIG_FILES.join(' nor ')}. Write one of them, or name another file: ipvs agent -f FILE`,
    exitStatus.usage,
  );
}

/** @throws CliError when the file is not good. */
async function load(options: AgentOptions): Promise<Agent> {
  try {
    return await Agent.load(options);
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): unknown {
  if (!(error instanceof ConfigProblem)) return error;
  const rest = 'Nothing was changed. Correct this and start the agent again.';
  return new CliError(`${error.message}\n${rest}`, exitStatus.usage);
}

function configSource(
  session: Session,
  host: Host,
  file: string,
  complain: (text: string) => void,
) {
  return {
    file,
    read: async (): Promise<AgentConfig> => {
      const input = readSettled(file, () => readAgentInput(session, host, file));
      const { config, problems } = await input.catch((error: unknown) => {
        throw problemOf(error);
      });
      // A full disk leaves such a file. It must not end all services.
      const { size } = await stat(file);
      if (size === 0) throw new ConfigProblem(`${file}: it is empty; for none, write services: []`);
      const errors = problems.filter(isError);
      if (errors.length > 0) throw new ConfigProblem(problemLines(errors));
      if (problems.length > 0) complain(problemLines(problems));
      return config;
    },
  };
}

function problemOf(error: unknown): unknown {
  if (error instanceof CliError) return new ConfigProblem(error.message);
  return error instanceof StateFileError ? new ConfigProblem(problemLines(error.problems)) : error;
}

const STATE_FOLDER = '/var/lib/ipvs';

async function placesOf(
  context: VerbContext,
  host: Host,
  daemon: DaemonProcess,
): Promise<Surroundings> {
  const run = await runFolderOf(host, context.state);
  await makeRunFolder(run);
  const own = await host.link('/proc/self/ns/net');
  const first = await host.link('/proc/1/ns/net');
  // A namespace beside that of the machine has a table, and so maintenance, of its own.
  const suffix = first === undefined || first === own ? '' : `-${own?.replace(/\D/g, '') ?? ''}`;
  const folder = daemon.stateFolder ?? STATE_FOLDER;
  const places: MemoryPlaces = { run, maintenance: join(folder, `maintenance${suffix}.json`) };
  return {
    guard: tableGuard(host, run),
    places,
    pathSystem: hostPaths(host),
    quorumSystem: hostQuorumSystem(host),
  };
}
