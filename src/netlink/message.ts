import { align4, NLMSG_HDRLEN } from './constants.js';
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
 * The messages of one datagram.
 * @throws NetlinkError EBADMSG at a message that is cut short.
 */
export function* readMessages(datagram: Uint8Array): Generator<Message, void, undefined> {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  let at = 0;
  while (at < datagram.length) {
    if (at + NLMSG_HDRLEN > datagram.length)
      throw malformed(`${datagram.length - at} bytes of a header`);
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || at + length > datagram.length)
      throw malformed(`message length ${length}`);
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      port: view.getUint32(at + 12, true),
      view,
      start: at + NLMSG_HDRLEN,
      end: at + length,
    };
    at += align4(length);
  }
}

/**
 * The error number that a message of type NLMSG_ERROR or NLMSG_DONE carries, positive; 0 for "all went well". DONE may
 * come without one.
 */
export function statusOf(message: Message): number {
  if (message.end - message.start < 4) return 0;
  return Math.abs(message.view.getInt32(message.start, true));
}
