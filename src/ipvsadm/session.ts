import type { IpvsClient } from '../ipvs/client.js';
import { IpvsError } from '../ipvs/errors.js';
import type { OpenNetlinkSocket } from '../netlink/socket.js';
import { LineWriter } from './io.js';
import type { Io } from './io.js';
import { unreachableText } from './kernel-errors.js';
import { NameCache } from './names.js';
import { exitStatus, UsageError } from './usage-error.js';

/** One run of the command: its streams, the names it has looked up, and its client once it needs one. */
export class Session {
  readonly io: Io;
  readonly output: LineWriter;
  readonly names: NameCache;
  readonly #socket: OpenNetlinkSocket | undefined;
  #client: IpvsClient | undefined;

  /** @param socket what a test has in the kernel's place. */
  constructor(io: Io, socket: OpenNetlinkSocket | undefined) {
    this.io = io;
    this.output = new LineWriter(io.stdout);
    this.names = new NameCache(io.resolver);
    this.#socket = socket;
  }

  /** Says something on standard error, after what was printed before. */
  async complain(text: string): Promise<void> {
    await this.output.flush();
    await this.io.stderr.write(`${text}\n`);
  }

  /**
   * The client, opened when it is first needed.
   * @throws UsageError when there is no IPVS to talk to, or the caller may not.
   */
  async client(): Promise<IpvsClient> {
    if (this.#client !== undefined) return this.#client;
    // A usage error and -h do without: they need not wait for the socket's native part.
    const { IpvsClient } = await import('../ipvs/client.js');
    try {
      this.#client = await IpvsClient.open({ socket: this.#socket });
      // Who may not even ask for this may do nothing: better said so than as the error of what was asked.
      await this.#client.info();
      return this.#client;
    } catch (error) {
      if (!(error instanceof IpvsError)) throw error;
      if (error.moduleLoader) await this.io.stderr.write(error.moduleLoader);
      throw new UsageError(unreachableText(error, this.io.superuser ?? true), exitStatus.usage);
    }
  }

  close(): void {
    this.#client?.close();
  }
}
