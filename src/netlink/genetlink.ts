import { attributeTable } from './attributes.js';
import type { NetlinkConnection, Refusal, Request, BatchOptions } from './connection.js';
import { CTRL_CMD_GETFAMILY, GENL_HDRLEN, GENL_ID_CTRL } from './constants.js';
import { malformed } from './errors.js';
import type { Message } from './message.js';
import type { CallOptions } from './patience.js';
import { text, u16, u32 } from './types.js';
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

/** One family of generic netlink, on a connection that may carry others. */
export class GenericFamily {
  readonly #connection: NetlinkConnection;
  readonly #id: number;
  readonly #version: number;

  private constructor(connection: NetlinkConnection, id: number, version: number) {
    this.#connection = connection;
    this.#id = id;
    this.#version = version;
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
    const request = {
      command: CTRL_CMD_GETFAMILY,
      write: (writer: MessageWriter) => {
        ctrl.write(writer, { FAMILY_NAME: name });
      },
    };
    const controller = new GenericFamily(connection, GENL_ID_CTRL, 1);
    const replies = await controller.query(
      request,
      ({ view, start, end }) => ctrl.read(view, start, end),
      options,
    );
    const { FAMILY_ID: id, VERSION: version = 1 } = replies[0] ?? {};
    if (id === undefined) throw malformed(`family ${name} without an id`);
    return new GenericFamily(connection, id, version);
  }

  /** Sends a request and waits for its ACK. */
  execute(request: GenericRequest, options?: CallOptions): Promise<void> {
    return this.#connection.execute(this.#frame(request), options);
  }

  /** Sends a request and reads its replies. */
  query<T>(
    request: GenericRequest,
    read: (message: GenericMessage) => T,
    options?: CallOptions,
  ): Promise<T[]> {
    return this.#connection.query(this.#frame(request), withHeader(read), options);
  }

  /** Asks for every entry. */
  dump<T>(
    request: GenericRequest,
    read: (message: GenericMessage) => T,
    options?: CallOptions,
  ): AsyncGenerator<T, void, undefined> {
    return this.#connection.dump(this.#frame(request), withHeader(read), options);
  }

  /** Sends many requests; returns those that were refused. */
  batch(requests: readonly GenericRequest[], options?: BatchOptions): Promise<Refusal[]> {
    return this.#connection.batch(
      requests.map((request) => this.#frame(request)),
      options,
    );
  }

  #frame(request: GenericRequest): Request {
    return {
      type: this.#id,
      write: (writer) => {
        writer.u8(request.command);
        writer.u8(this.#version);
        writer.u16(0);
        request.write?.(writer);
      },
    };
  }
}

function withHeader<T>(read: (message: GenericMessage) => T): (message: Message) => T {
  return ({ view, start, end }) => {
    if (end - start < GENL_HDRLEN) throw malformed('a generic message without its header');
    return read({ command: view.getUint8(start), view, start: start + GENL_HDRLEN, end });
  };
}
