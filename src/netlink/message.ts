import { align4, NLMSG_ERROR, NLMSG_HDRLEN } from './constants.js';
import { malformed } from './errors.js';

/** A message as it was received; its body is valid while the view's buffer is. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The port it is meant for: ours. */
  readonly port: number;
  readonly view: DataView;
  /** Where its body begins and ends within the view. */
  readonly start: number;
  readonly end: number;
}

/**
 * Shows the messages of one datagram, one after the other, all in the same object, since a table may have a hundred thousand
 * entries. Whoever keeps one must copy it.
 * @throws NetlinkError EBADMSG at a message that is cut short; those before it have been shown.
 */
export function visitMessages(datagram: Uint8Array, visit: (message: Message) => void): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const message = { type: 0, flags: 0, sequence: 0, port: 0, view, start: 0, end: 0 };
  let at = 0;
  while (at < datagram.length) {
    if (at + NLMSG_HDRLEN > datagram.length)
      throw malformed(`${datagram.length - at} bytes of a header`);
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || at + length > datagram.length)
      throw malformed(`message length ${length}`);
    message.type = view.getUint16(at + 4, true);
    message.flags = view.getUint16(at + 6, true);
    message.sequence = view.getUint32(at + 8, true);
    message.port = view.getUint32(at + 12, true);
    message.start = at + NLMSG_HDRLEN;
    message.end = at + length;
    visit(message);
    at += align4(length);
  }
}

/**
 * The error number that a message of type NLMSG_ERROR or NLMSG_DONE carries, positive; 0 for "all went well". DONE may
 * come without one.
 * @throws NetlinkError EBADMSG when NLMSG_ERROR does: that is no success.
 */
export function statusOf(message: Message): number {
  const { type, view, start, end } = message;
  if (end - start >= 4) return Math.abs(view.getInt32(start, true));
  if (type === NLMSG_ERROR) throw malformed(`a status of ${end - start} bytes`);
  return 0;
}
