import { constants } from 'node:os';
import { andThen } from '../common/and-then.js';
import type { Awaitable } from '../common/and-then.js';
import { attributeTable } from './attributes.js';
import type { BatchOptions, CallOptions, NetlinkConnection, Request } from './connection.js';
import { CTRL_CMD_GETFAMILY, GENL_HDRLEN, GENL_ID_CTRL } from './constants.js';
import { malformed, NetlinkError } from './errors.js';
import { entriesIn } from './exchange.js';
import type { Refusal, Replies } from './exchange.js';
import type { Message } from './message.js';
import type { RequestBatch } from './request-batch.js';
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
  /** Whether every entry is asked for. */
  readonly isDump?: boolean | undefined;
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

  /** Sends a request and reads its replies: see {@link NetlinkConnection.request}. */
  request<T>(
    request: GenericRequest,
    read: (message: GenericMessage) => T | undefined,
    options?: CallOptions,
  ): Awaitable<Replies<T>> {
    // One object for all replies: see visitMessages.
    let generic: GenericMessage | undefined;
    const readGeneric = (message: Message) => read((generic = toGeneric(message, generic)));
    return this.#reach(
      options,
      () => this.#connection.request(frame(this.#address, request), readGeneric, options),
      isStaleReply,
    );
  }

  /**
   * Sends many requests; returns those that were refused. All are repeated when the family has another id by now, also those
   * that took effect: that went with the module.
   */
  async batch(requests: RequestBatch, options?: BatchOptions): Promise<Refusal[]> {
    return await this.#reach(
      options,
      () => this.#connection.batch(this.#address.id, requests, options),
      (refusals) => refusals.some(({ error }) => mayBeStaleFamily(error)),
    );
  }

  /** Makes a call, and makes it again when it was refused because the family has another id by now. */
  #reach<T>(
    options: CallOptions | undefined,
    call: () => Awaitable<T>,
    isStale: (outcome: T) => boolean,
  ): Awaitable<T> {
    const { id } = this.#address;
    return andThen(call(), (outcome) =>
      isStale(outcome)
        ? this.#hasMoved(id, options).then((moved) => (moved ? call() : outcome))
        : outcome,
    );
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
}

/** A module stays loaded while a dump of it runs: its family can be gone only before the first entry. */
function isStaleReply({ pieces, error }: Replies<unknown>): boolean {
  return pieces.length === 0 && mayBeStaleFamily(error);
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
  const replies = await connection.request(
    frame(controller, request),
    (message) => {
      const { view, start, end } = toGeneric(message);
      return ctrl.read(view, start, end);
    },
    options,
  );
  const { FAMILY_ID: id, VERSION: version = 1 } = entriesIn(replies)[0] ?? {};
  if (id === undefined) throw malformed(`family ${name} without an id`);
  return { id, version };
}

function frame({ id, version }: Address, request: GenericRequest): Request {
  return {
    type: id,
    write: (writer) => {
      writeGeneric(writer, version, request);
    },
    isDump: request.isDump,
  };
}

/** Writes the header of a family's request, and its attributes. */
export function writeGeneric(
  writer: MessageWriter,
  version: number,
  { command, write }: GenericRequest,
): void {
  writer.u8(command);
  writer.u8(version);
  writer.u16(0);
  write?.(writer);
}

/**
 * The header of a family's message, and where its attributes stand.
 * @param into an object for the result, which saves making one.
 */
export function toGeneric(
  { view, start, end }: Pick<Message, 'view' | 'start' | 'end'>,
  into: Mutable<GenericMessage> = { command: 0, view, start: 0, end: 0 },
): GenericMessage {
  if (end - start < GENL_HDRLEN) throw malformed('a generic message without its header');
  into.command = view.getUint8(start);
  into.view = view;
  into.start = start + GENL_HDRLEN;
  into.end = end;
  return into;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
