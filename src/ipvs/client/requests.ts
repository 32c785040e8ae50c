import { GenericBatch } from '../../netlink/genetlink.js';
import type { GenericRequest } from '../../netlink/genetlink.js';
import type { MessageWriter } from '../../netlink/writer.js';
import { commands, IPVS_GENL_VERSION } from '../wire/constants.js';
import type { CommandName } from '../wire/constants.js';
import { encodeOperation, toRequestFacts } from './operations.js';
import type { KernelRequest, Operation } from './operations.js';
import { command as commandTable } from '../wire/schema.js';
import type { CommandAttributes } from '../wire/schema.js';

/** Requests to the kernel, ready to be sent together. */
export interface Requests {
  readonly messages: GenericBatch;
  readonly length: number;
  /** Whether some kernels are too old for one of them. */
  readonly requiresFeature: boolean;
  /** What a request was about. */
  at(index: number): KernelRequest | undefined;
}

/** What an operation takes, more or less: a real server over IPv4 without tunnel 140, with everything 164. */
const OPERATION_BYTES = 144;

/** A command with its attributes, as it is sent. */
class CommandRequest implements GenericRequest {
  readonly command: number;
  readonly #attributes: CommandAttributes;

  constructor(command: CommandName, attributes: CommandAttributes) {
    this.command = commands[command];
    this.#attributes = attributes;
  }

  write(writer: MessageWriter): void {
    commandTable.write(writer, this.#attributes);
  }
}

export function toMessage(command: CommandName, attributes: CommandAttributes): GenericRequest {
  return new CommandRequest(command, attributes);
}

/** Requests that are kept as they are: there are few of them. */
export class RequestList implements Requests {
  readonly messages = new GenericBatch(IPVS_GENL_VERSION);
  readonly #all: readonly KernelRequest[];

  constructor(requests: readonly KernelRequest[]) {
    this.#all = requests;
    for (const { command, attributes } of requests) {
      this.messages.add(toMessage(command, attributes));
    }
  }

  get length(): number {
    return this.#all.length;
  }

  get requiresFeature(): boolean {
    return this.#all.some(({ requiresFeature }) => requiresFeature);
  }

  at(index: number): KernelRequest | undefined {
    return this.#all[index];
  }
}

/**
 * Changes of the table, ready to be sent by {@link IpvsClient.batch}. Each is checked and encoded when it is added and takes
 * some hundred bytes then, whatever it was made from: of a hundred thousand, say, that are all to be checked before the first
 * takes effect.
 *
 * @example
 * ```ts
 * import { IpvsClient, OperationBatch } from 'ipvs';
 *
 * const batch = new OperationBatch();
 * batch.add({ type: 'addService', service: { firewallMark: 7 } });
 * await using client = await IpvsClient.open();
 * console.log((await client.batch(batch)).applied); // 1
 * ```
 */
export class OperationBatch {
  /** @internal */
  readonly messages: GenericBatch;
  #requiresFeature = false;

  /** @param expected how many operations will be added, as far as that is known: there may be more. */
  constructor(expected = 0) {
    this.messages = new GenericBatch(IPVS_GENL_VERSION, expected * OPERATION_BYTES);
  }

  /** How many operations were added. */
  get length(): number {
    return this.messages.requests.length;
  }

  /** @internal */
  get requiresFeature(): boolean {
    return this.#requiresFeature;
  }

  /** @throws RangeError when a value has no place on the wire: the operation is not added. */
  add(operation: Operation): void {
    const { command, attributes, requiresFeature } = encodeOperation(operation);
    this.messages.add(toMessage(command, attributes));
    if (requiresFeature) this.#requiresFeature = true;
  }

  /** @internal */
  at(index: number): KernelRequest {
    const { command, view, start, end } = this.messages.message(index);
    return toRequestFacts(command, commandTable.read(view, start, end));
  }
}
