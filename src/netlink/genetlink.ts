import { constants } from 'node:os';
import { attributeTable } from './attributes.js';
import type { NetlinkConnection, Refusal, Request, BatchOptions } from './connection.js';
import { CTRL_CMD_GETFAMILY, GENL_HDRLEN, GENL_ID_CTRL } from './constants.js';
import { malformed, NetlinkError } from './errors.js';
import type { Message } from './message.js';
import type { CallOptions } from './patience.js';
import { RequestBatch } from './request-batch.js';
import { text, u16, u32 } from './attribute-types.js';
import type { MessageWriter } from './writer.js';

/** Attributes of the controller, of which a look-up needs these. Source: include/uapi/linux/genetlink.h. */
const ctrl = attributeTable('CTRL_ATTR_', {
  FAMILY_ID: u16(1),
  FAMILY_NAME: text(15)(2),
  VERSION: u32(3),
});

/** A message of a generic netlink family: its command, and where its attributes stand. */
export interface GenericMessage {
  readonly command: number;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/** A request to a generic netlink family. */
export interface GenericRequest {
  readonly command: number;
  /** Writes the attributes. */
  readonly write?: ((writer: MessageWriter) => void) | undefined;
}

/** Requests to a family that have been written: see {@link RequestBatch}. */
export class GenericBatch {
  readonly requests: RequestBatch;
  readonly #version: number;

  /**
   * @param version of the family's commands.
   * @param bytes how much is expected to be written.
   */
  constructor(version: number, bytes = 0) {
    this.requests = new RequestBatch(bytes);
    this.#version = version;
  }

  /** Adds one; one whose values do not fit is not added. */
  add(request: GenericRequest): void {
    this.requests.add((writer) => {
      writeBody(writer, this.#version, request);
    });
  }

  /** Reads a request back. */
  message(index: number): GenericMessage {
    return toGeneric(this.requests.body(index));
  }
}

/** How a family is spoken to. */
interface Address {
  readonly id: number;
  readonly version: number;
}

const controller: Address = { id: GENL_ID_CTRL, version: 1 };

/**
 * What the kernel answers to the id of a family that is gone (net/netlink/genetlink.c, genl_rcv_msg), or whose id is
 * another family's by now. A family may mean something of its own by both.
 */
const staleFamilyErrors: readonly number[] = [constants.errno.ENOENT, constants.errno.EOPNOTSUPP];

/**
 * One family of generic netlink, on a connection that may carry others. Its id may change while the connection is open: a
 * module that is unloaded and loaded gets another one. The family is then looked up again, and what was refused is repeated, once.
 */
export class GenericFamily {
  readonly #connection: NetlinkConnection;
  readonly #name: string;
  #address: Address;

  private constructor(connection: NetlinkConnection, name: string, address: Address) {
    this.#connection = connection;
    this.#name = name;
    this.#address = address;
  }

  /**
   * Asks the kernel for a family's id.
   * @throws NetlinkError ENOENT when the kernel has no such family: its module is not loaded.
   */
  static async find(
    connection: NetlinkConnection,
    name: string,
    options: CallOptions = {},
  ): Promise<GenericFamily> {
    return new GenericFamily(connection, name, await lookUp(connection, name, options));
  }

  /** Sends a request and waits for its ACK. */
  execute(request: GenericRequest, options?: CallOptions): Promise<void> {
    return this.#reach(options, () => this.#connection.execute(this.#frame(request), options));
  }

  /** Sends a request and reads its replies. */
  query<T>(
    request: GenericRequest,
    read: (message: GenericMessage) => T,
    options?: CallOptions,
  ): Promise<T[]> {
    return this.#reach(options, () =>
      this.#connection.query(this.#frame(request), withHeader(read), options),
    );
  }

  /** Asks for every entry, a piece at a time: see {@link NetlinkConnection.dump}. */
  async *dump<T>(
    request: GenericRequest,
    read: (message: GenericMessage) => T | undefined,
    options?: CallOptions,
  ): AsyncGenerator<readonly T[], void, undefined> {
    // A module stays while the kernel walks a dump of it: its family can be gone before the first entry alone.
    const { pieces, first } = await this.#reach(options, async () => {
      const pieces = this.#connection.dump(this.#frame(request), withHeader(read), options);
      return { pieces, first: await pieces.next() };
    });
    try {
      for (let next = first; next.done !== true; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return();
    }
  }

  /**
   * A dump without waiting: see {@link NetlinkConnection.dumpNow}. Undefined also when the family may have another id by
   * now, which {@link dump} finds out.
   */
  dumpNow<T>(
    request: GenericRequest,
    read: (message: GenericMessage) => T | undefined,
  ): readonly (readonly T[])[] | undefined {
    try {
      return this.#connection.dumpNow(this.#frame(request), withHeader(read));
    } catch (error) {
      if (mayBeStaleFamily(error)) return undefined;
      throw error;
    }
  }

  /**
   * Sends many requests; returns those that were refused. All are repeated when the family has another id by now, also those
   * that took effect: that went with the module.
   */
  async batch(requests: GenericBatch, options?: BatchOptions): Promise<Refusal[]> {
    const { id } = this.#address;
    const send = () => this.#connection.batch(this.#address.id, requests.requests, options);
    const refusals = await send();
    const stale = refusals.some(({ error }) => mayBeStaleFamily(error));
    return stale && (await this.#hasMoved(id, options)) ? send() : refusals;
  }

  /** Makes a call, and makes it again when it was refused because the family has another id by now. */
  async #reach<T>(options: CallOptions | undefined, call: () => Promise<T>): Promise<T> {
    const { id } = this.#address;
    try {
      return await call();
    } catch (error) {
      if (!mayBeStaleFamily(error) || !(await this.#hasMoved(id, options))) throw error;
    }
    return call();
  }

  /**
   * Whether the family has another id than one that was used.
   * @throws NetlinkError ENOPROTOOPT when the kernel has the family no more.
   */
  async #hasMoved(used: number, options: CallOptions | undefined): Promise<boolean> {
    // Another call may have found out meanwhile.
    if (this.#address.id !== used) return true;
    try {
      this.#address = await lookUp(this.#connection, this.#name, options);
    } catch (error) {
      const gone = error instanceof NetlinkError && error.errno === constants.errno.ENOENT;
      if (!gone) throw error;
      const detail = `the kernel has no family ${this.#name} any more`;
      throw new NetlinkError('request', constants.errno.ENOPROTOOPT, detail);
    }
    return this.#address.id !== used;
  }

  #frame(request: GenericRequest): Request {
    return frame(this.#address, request);
  }
}

function mayBeStaleFamily(error: unknown): boolean {
  return error instanceof NetlinkError && staleFamilyErrors.includes(error.errno);
}

async function lookUp(
  connection: NetlinkConnection,
  name: string,
  options: CallOptions | undefined,
): Promise<Address> {
  const request = {
    command: CTRL_CMD_GETFAMILY,
    write: (writer: MessageWriter) => {
      ctrl.write(writer, { FAMILY_NAME: name });
    },
  };
  const replies = await connection.query(
    frame(controller, request),
    withHeader(({ view, start, end }) => ctrl.read(view, start, end)),
    options,
  );
  const { FAMILY_ID: id, VERSION: version = 1 } = replies[0] ?? {};
  if (id === undefined) throw malformed(`family ${name} without an id`);
  return { id, version };
}

function frame({ id, version }: Address, request: GenericRequest): Request {
  return {
    type: id,
    write: (writer) => {
      writeBody(writer, version, request);
    },
  };
}

function writeBody(writer: MessageWriter, version: number, request: GenericRequest): void {
  writer.u8(request.command);
  writer.u8(version);
  writer.u16(0);
  request.write?.(writer);
}

function withHeader<T>(read: (message: GenericMessage) => T): (message: Message) => T {
  return (message) => read(toGeneric(message));
}

function toGeneric({ view, start, end }: Pick<Message, 'view' | 'start' | 'end'>): GenericMessage {
  if (end - start < GENL_HDRLEN) throw malformed('a generic message without its header');
  return { command: view.getUint8(start), view, start: start + GENL_HDRLEN, end };
}
