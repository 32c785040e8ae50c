import { constants } from 'node:os';
import type { Awaitable } from '../../common/and-then.js';
import type { Infer } from '../../netlink/attributes.js';
import { NetlinkConnection } from '../../netlink/connection.js';
import type { BatchOptions, CallOptions } from '../../netlink/connection.js';
import { NetlinkError } from '../../netlink/errors.js';
import { entriesIn } from '../../netlink/exchange.js';
import type { Replies } from '../../netlink/exchange.js';
import { GenericFamily } from '../../netlink/genetlink.js';
import type { GenericMessage } from '../../netlink/genetlink.js';
import { loadRawSocket } from '../../netlink/load-raw-socket.js';
import type { RequestBatch } from '../../netlink/request-batch.js';
import type { OpenNetlinkSocket } from '../../netlink/socket.js';
import type { MessageWriter } from '../../netlink/writer.js';
import { commands, IPVS_GENL_NAME } from '../wire/constants.js';
import type { CommandName } from '../wire/constants.js';
import { IpvsError, withCause, withFacts } from '../errors.js';
import type { IpvsErrorFacts } from '../errors.js';
import { loadModule } from './module-loader.js';
import type { KernelRequest } from './operations.js';
import { tracer } from './trace.js';
import { command as commandTable, info as infoTable } from '../wire/schema.js';
import type { CommandAttributes } from '../wire/schema.js';

/** How a client is opened. */
export interface OpenOptions extends CallOptions {
  /** Whether to run `/sbin/modprobe ip_vs` when the kernel has no IPVS. Default true. */
  readonly loadModule?: boolean | undefined;
  /** The socket to speak through. Default: a netlink socket in the network namespace of this process. */
  readonly socket?: OpenNetlinkSocket | undefined;
}

/** The facts for an error about a command. */
export type CommandFacts = Omit<IpvsErrorFacts, 'cause'> & { readonly command: CommandName };

/** An operation of a batch that the kernel refused. */
export interface BatchFailure {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly error: IpvsError;
}

/** The commands of IPVS; every error is an {@link IpvsError}. */
export class Kernel {
  readonly #connection: NetlinkConnection;
  readonly #family: GenericFamily;

  private constructor(connection: NetlinkConnection, family: GenericFamily) {
    this.#connection = connection;
    this.#family = family;
  }

  static open(options: OpenOptions): Promise<Kernel> {
    return withFacts({ operation: 'open' }, async () => {
      const connection = new NetlinkConnection(options.socket ?? (await loadRawSocket()), tracer);
      try {
        return new Kernel(connection, await findFamily(connection, options));
      } catch (error) {
        connection.close();
        throw error;
      }
    });
  }

  close(): void {
    this.#connection.close();
  }

  /** Sends a command; returns the replies that came before its ACK. */
  async query(
    request: KernelRequest,
    options: CallOptions | undefined,
  ): Promise<CommandAttributes[]> {
    const read = ({ view, start, end }: GenericMessage) => commandTable.read(view, start, end);
    return entriesIn(await this.#send(request, false, read, options));
  }

  /**
   * Asks for every entry of a kind. What `read` is given has its values while it reads: they are decoded when they are
   * asked for. They are there at once where nothing has to be waited for.
   */
  dump<T>(
    request: KernelRequest,
    read: (attributes: CommandAttributes) => T | undefined,
    options: CallOptions | undefined,
  ): Awaitable<Replies<T>> {
    const open = ({ view, start, end }: GenericMessage) =>
      read(commandTable.open(view, start, end));
    return this.#send(request, true, open, options);
  }

  /** GET_INFO, whose reply has attributes of its own. */
  async info(options: CallOptions | undefined): Promise<Infer<typeof infoTable>> {
    const request = { operation: 'info', command: 'GET_INFO', attributes: {} } as const;
    const read = ({ view, start, end }: GenericMessage) => infoTable.read(view, start, end);
    const [info = {}] = entriesIn(await this.#send(request, false, read, options));
    return info;
  }

  /**
   * Sends many commands; returns those that were refused.
   * @param facts for an error of the whole batch.
   * @param factsOf the facts for an error of one command, by its index.
   */
  async batch(
    requests: RequestBatch,
    facts: Omit<IpvsErrorFacts, 'cause'>,
    factsOf: (index: number) => CommandFacts,
    options: BatchOptions | undefined,
  ): Promise<BatchFailure[]> {
    const refusals = await withFacts(facts, () => this.#family.batch(requests, options));
    return refusals.map(({ index, error: cause }) => ({
      index,
      error: new IpvsError({ ...factsOf(index), cause }),
    }));
  }

  #send<T>(
    facts: KernelRequest,
    isDump: boolean,
    read: (message: GenericMessage) => T | undefined,
    options: CallOptions | undefined,
  ): Awaitable<Replies<T>> {
    const { command, attributes } = facts;
    const write = (writer: MessageWriter) => {
      commandTable.write(writer, attributes);
    };
    const request = { command: commands[command], write, isDump };
    try {
      const replies = this.#family.request(request, read, options);
      return replies instanceof Promise
        ? withFacts(facts, () => replies).then((all) => explained(facts, all))
        : explained(facts, replies);
    } catch (error) {
      throw withCause(facts, error);
    }
  }
}

/** The replies, with an error that says what it is about. */
function explained<T>(facts: KernelRequest, replies: Replies<T>): Replies<T> {
  const { pieces, error } = replies;
  return error === undefined ? replies : { pieces, error: withCause(facts, error) as Error };
}

async function findFamily(
  connection: NetlinkConnection,
  options: OpenOptions,
): Promise<GenericFamily> {
  try {
    return await GenericFamily.find(connection, IPVS_GENL_NAME, options);
  } catch (error) {
    const missing = error instanceof NetlinkError && error.errno === constants.errno.ENOENT;
    if (!missing || options.loadModule === false) throw error;
  }
  const moduleLoader = await loadModule('ip_vs', options.signal);
  return withFacts({ operation: 'open', moduleLoader }, () =>
    GenericFamily.find(connection, IPVS_GENL_NAME, options),
  );
}
