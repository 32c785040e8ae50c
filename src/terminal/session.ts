import type { IpvsClient } from '../ipvs/client/client.js';
import type { IpvsInfo } from '../ipvs/client/options.js';
import { IpvsError } from '../ipvs/errors.js';
import type { OpenNetlinkSocket } from '../netlink/socket.js';
import { LineWriter } from './io.js';
import type { Io } from './io.js';
import { NameCache } from '../rules/names.js';
import type { ReadContext } from '../rules/parse-rules.js';
import { CliError } from './cli-error.js';
import { exitStatus } from './exit-status.js';
import { Progress } from './progress.js';
import { unreachableText } from './unreachable.js';

/** A kernel that can be talked to. */
interface Kernel {
  readonly client: IpvsClient;
  readonly info: IpvsInfo;
}

/** One run of the command: its streams, the names it has looked up, and its client once it needs one. */
export class Session {
  readonly io: Io;
  readonly output: LineWriter;
  readonly names: NameCache;
  readonly progress: Progress;
  readonly #socket: OpenNetlinkSocket | undefined;
  #kernel: Kernel | undefined;

  /** @param socket what a test has in the kernel's place. */
  constructor(io: Io, socket: OpenNetlinkSocket | undefined) {
    this.io = io;
    this.output = new LineWriter(io.stdout);
    this.names = new NameCache(io.resolver);
    this.progress = new Progress(io.terminal);
    this.#socket = socket;
  }

  /** Says something on standard error, after what was printed before. */
  async complain(text: string): Promise<void> {
    await this.output.flush();
    await this.progress.clear();
    await this.io.stderr.write(`${text}\n`);
  }

  /** For reading rules: names are looked up once per session, and a terminal shows the progress. */
  get reading(): ReadContext {
    const onProgress = (lines: number) => this.progress.show(() => `${lines} lines read`);
    return { names: this.names, onProgress };
  }

  /** The client, opened when it is first needed. Throws as {@link kernel} does. */
  async client(): Promise<IpvsClient> {
    return (await this.kernel()).client;
  }

  /**
   * The client, and what the kernel says of itself.
   * @throws CliError when there is no IPVS to talk to, or the caller may not.
   */
  async kernel(): Promise<Kernel> {
    this.#kernel ??= await this.#open();
    return this.#kernel;
  }

  /** A client for whoever closes it, and opens another one when the module has gone and come back. @throws IpvsError */
  async openClient(): Promise<IpvsClient> {
    const { IpvsClient } = await import('../ipvs/client/client.js');
    return IpvsClient.open({ socket: this.#socket });
  }

  /** Ends the session: clears the progress line, and writes out what was printed. */
  async close(): Promise<void> {
    this.#kernel?.client.close();
    await this.progress.clear();
    await this.output.flush();
  }

  async #open(): Promise<Kernel> {
    // A usage error and -h do without: they need not wait for the socket's native part.
    const { IpvsClient } = await import('../ipvs/client/client.js');
    let client: IpvsClient | undefined;
    try {
      client = await IpvsClient.open({ socket: this.#socket });
      // Without permission for GET_INFO nothing else will work: fail here, with a clear message.
      return { client, info: await client.info() };
    } catch (error) {
      client?.close();
      if (!(error instanceof IpvsError)) throw error;
      if (error.moduleLoader) await this.io.stderr.write(error.moduleLoader);
      throw new CliError(unreachableText(error, this.io.superuser ?? true), exitStatus.usage);
    }
  }
}

/**
 * Runs a command in a session of its own, whose client is opened when it is first needed and closed at the end.
 * @param socket what a test has in the kernel's place.
 * @param explain the message for an error of the layers below; undefined for unexpected errors.
 * @returns the exit status.
 */
export async function runInSession(
  io: Io,
  socket: OpenNetlinkSocket | undefined,
  work: (session: Session) => Promise<number>,
  explain: (error: unknown) => CliError | undefined,
): Promise<number> {
  const session = new Session(io, socket);
  try {
    return await work(session);
  } catch (error) {
    const explained = error instanceof CliError ? error : explain(error);
    if (explained === undefined) throw error;
    await session.complain(explained.message);
    return explained.status;
  } finally {
    await session.close();
  }
}
