/** Faults between a kernel and who speaks to it, and what a kernel of another age says. */
import { align4, GENL_ID_CTRL, NLA_F_NESTED, NLA_TYPE_MASK } from '../../src/netlink/constants.js';
import { NetlinkError } from '../../src/netlink/errors.js';
import { visitMessages } from '../../src/netlink/message.js';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { MessageWriter } from '../../src/netlink/writer.js';

/** What becomes of a datagram of the kernel (nothing, other bytes, or an errno), and the errno of one for it. */
export interface Faults {
  receive?: ((datagram: Uint8Array) => Uint8Array | number | undefined) | undefined;
  send?: (() => number | undefined) | undefined;
}

/** Sockets to a kernel, with faults that a test may change as it goes. */
export function faulty(kernel: OpenNetlinkSocket, faults: Faults): OpenNetlinkSocket {
  return () => {
    const socket = kernel();
    return {
      send: (datagram) => {
        const errno = faults.send?.();
        if (errno !== undefined) throw new NetlinkError('send', errno);
        socket.send(datagram);
      },
      receive: () => {
        for (;;) {
          const datagram = socket.receive();
          if (datagram === undefined || faults.receive === undefined) return datagram;
          const passed = faults.receive(datagram);
          if (typeof passed === 'number') throw new NetlinkError('receive', passed);
          if (passed !== undefined) return passed;
        }
      },
      close: () => {
        socket.close();
      },
    };
  };
}

/** A place of an attribute: the numbers of the nests around it, and its own. */
export type Path = readonly number[];

/** What becomes of the attributes of one nest: each is written again, or something else in its place. */
export interface Rewriting {
  /** Whether an attribute is passed on. */
  readonly keeps?: (path: Path) => boolean;
  /** Written into each nest, after its attributes. */
  readonly adds?: (writer: MessageWriter, nest: Path) => void;
}

const HEADERS = 4;

/** The datagram with the attributes of its messages rewritten. Statuses and what the controller says are passed on as they are. */
export function rewritten(datagram: Uint8Array, rewriting: Rewriting): Uint8Array {
  const writer = new MessageWriter();
  visitMessages(datagram, ({ type, flags, sequence, view, start, end }) => {
    const at = writer.begin({ type, flags, sequence });
    const bodyEnd = type <= GENL_ID_CTRL ? end : start + HEADERS;
    writer.raw(new Uint8Array(view.buffer, view.byteOffset + start, bodyEnd - start));
    if (bodyEnd < end) rewriteNest(writer, view, [bodyEnd, end], rewriting, []);
    writer.end(at);
  });
  return writer.bytes().slice();
}

function rewriteNest(
  writer: MessageWriter,
  view: DataView,
  [from, to]: readonly [number, number],
  rewriting: Rewriting,
  nest: Path,
): void {
  for (let at = from; at < to; at += align4(view.getUint16(at, true))) {
    const end = at + view.getUint16(at, true);
    const type = view.getUint16(at + 2, true);
    const path = [...nest, type & NLA_TYPE_MASK];
    if (rewriting.keeps?.(path) === false) continue;
    const start = writer.beginAttribute(type);
    if ((type & NLA_F_NESTED) === 0) {
      writer.raw(new Uint8Array(view.buffer, view.byteOffset + at + 4, end - at - 4));
    } else rewriteNest(writer, view, [at + 4, end], rewriting, path);
    writer.endAttribute(start);
  }
  rewriting.adds?.(writer, nest);
}
