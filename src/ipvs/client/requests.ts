import { toGeneric, writeGeneric } from '../../netlink/genetlink.js';
import { RequestBatch } from '../../netlink/request-batch.js';
import { commands, IPVS_GENL_VERSION } from '../wire/constants.js';
import { decodeOperation, encodeOperation } from './operations.js';
import type { KernelRequest, Operation } from './operations.js';
import { command as commandTable } from '../wire/schema.js';

/** What an operation takes, more or less: a real server over IPv4 without tunnel 140, with everything 164. */
const OPERATION_BYTES = 144;

/** Adds a request to those that are sent together. */
export function addRequest(
  batch: RequestBatch,
  { command, attributes }: Pick<KernelRequest, 'command' | 'attributes'>,
): void {
  batch.add((writer) => {
    writeGeneric(writer, IPVS_GENL_VERSION, { command: commands[command] });
    commandTable.write(writer, attributes);
  });
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
  readonly requests: RequestBatch;
  #requiresFeature = false;

  /** @param expected how many operations will be added, as far as that is known: there may be more. */
  constructor(expected = 0) {
    this.requests = new RequestBatch(expected * OPERATION_BYTES);
  }

  /** How many operations were added. */
  get length(): number {
    return this.requests.length;
  }

  /** @internal */
  get requiresFeature(): boolean {
    return this.#requiresFeature;
  }

  /** @throws RangeError or TypeError when a value has no place on the wire: the operation is not added. */
  add(operation: Operation): void {
    const request = encodeOperation(operation);
    addRequest(this.requests, request);
    if (request.requiresFeature === true) this.#requiresFeature = true;
  }

  /** @internal */
  at(index: number): KernelRequest {
    const { command, view, start, end } = toGeneric(this.requests.body(index));
    return decodeOperation(command, commandTable.read(view, start, end));
  }
}

/** The operations of a batch, in the bytes that are sent. */
export function toBatch(operations: Iterable<Operation> | OperationBatch): OperationBatch {
  if (operations instanceof OperationBatch) return operations;
  const batch = new OperationBatch(Array.isArray(operations) ? operations.length : 0);
  for (const operation of operations) batch.add(operation);
  return batch;
}
