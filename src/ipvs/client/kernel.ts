import { constants } from 'node:os';
import type { AttributeTable, Declaration, Infer } from '../../netlink/attributes.js';
import { NetlinkConnection } from '../../netlink/connection.js';
import type { BatchOptions } from '../../netlink/connection.js';
import { NetlinkError } from '../../netlink/errors.js';
import { GenericFamily } from '../../netlink/genetlink.js';
import type { GenericMessage } from '../../netlink/genetlink.js';
import type { CallOptions } from '../../netlink/patience.js';
import { loadRawSocket } from '../../netlink/load-raw-socket.js';
import type { OpenNetlinkSocket } from '../../netlink/socket.js';
import { commands, IPVS_GENL_NAME } from '../wire/constants.js';
import type { CommandName } from '../wire/constants.js';
import { IpvsError, withCause, withFacts } from '../errors.js';
import type { IpvsErrorFacts } from '../errors.js';
import { loadModule } from './module-loader.js';
import { toMessage } from './requests.js';
import type { Requests } from './requests.js';
import { command as commandTable, info as infoTable } from '../wire/schema.js';
import type { CommandAttributes } from '../wire/schema.js';

/** How a client is opened. */
export interface OpenOptions extends CallOptions {
  /** Whether to run `/sbin/modprobe ip_vs` when the kernel has no IPVS. Default true. */
  readonly loadModule?: boolean | undefined;
  /** The socket to speak through. Default: a netlink socket in the network namespace of this process. */
  readonly socket?: OpenNetlinkSocket | undefined;
}

/** What an error about a command has to say. */
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
      const connection = new NetlinkConnection(options.socket ?? (await loadRawSocket()));
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
  query(
    facts: CommandFacts,
    attributes: CommandAttributes,
    options: CallOptions | undefined,
  ): Promise<CommandAttributes[]> {
    return withFacts(facts, () =>
      this.#family.query(toMessage(facts.command, attributes), reader(commandTable), options),
    );
  }

  /**
   * Asks for every entry of a kind, a piece at a time. What `read` is given has its values while it reads: they are decoded
   * when they are asked for.
   */
  async *dump<T>(
    facts: CommandFacts,
    attributes: CommandAttributes,
    read: (attributes: CommandAttributes) => T | undefined,
    options: CallOptions | undefined,
  ): AsyncGenerator<readonly T[], void, undefined> {
    try {
      yield* this.#family.dump(toMessage(facts.command, attributes), opener(read), options);
    } catch (error) {
      throw withCause(facts, error);
    }
  }

  /** A dump without waiting, all pieces at once; undefined when the socket cannot do that now. */
  dumpNow<T>(
    facts: CommandFacts,
    attributes: CommandAttributes,
    read: (attributes: CommandAttributes) => T | undefined,
  ): readonly (readonly T[])[] | undefined {
    try {
      return this.#family.dumpNow(toMessage(facts.command, attributes), opener(read));
    } catch (error) {
      throw withCause(facts, error);
    }
  }

  /** GET_INFO, whose reply has attributes of its own. */
  async info(options: CallOptions | undefined): Promise<Infer<typeof infoTable>> {
    const replies = await withFacts({ operation: 'info', command: 'GET_INFO' }, () =>
      this.#family.query({ command: commands.GET_INFO }, reader(infoTable), options),
    );
    return replies[0] ?? {};
  }

  /** Sends many commands; returns those that were refused. */
  async batch(
    requests: Requests,
    options: BatchOptions | undefined,
    facts: Omit<IpvsErrorFacts, 'cause'> = { operation: 'batch' },
  ): Promise<BatchFailure[]> {
    const refusals = await withFacts(facts, () => this.#family.batch(requests.messages, options));
    return refusals.map(({ index, error: cause }) => ({
      index,
      error: new IpvsError({ ...facts, ...requests.at(index), cause }),
    }));
  }
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

function opener<T>(
  read: (attributes: CommandAttributes) => T | undefined,
): (message: GenericMessage) => T | undefined {
  return ({ view, start, end }) => read(commandTable.open(view, start, end));
}

function reader<D extends Declaration>(
  table: AttributeTable<D>,
): (message: GenericMessage) => Infer<AttributeTable<D>> {
  return ({ view, start, end }) => table.read(view, start, end);
}
