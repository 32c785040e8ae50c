import { GENL_ID_CTRL, NLM_F_ACK, NLMSG_ERROR } from '../src/netlink/constants.js';
import { visitMessages } from '../src/netlink/message.js';
import type { OpenNetlinkSocket } from '../src/netlink/socket.js';
import { FAMILY_ID, message } from '../src/testing/fake-kernel.js';

/**
 * Opens sockets to nobody, who takes all that comes and looks at nothing. What is measured through it is what we do.
 * @param onRequests gets each datagram for the family; its bytes change afterwards.
 */
export function takingSocket(
  onRequests: (datagram: Uint8Array) => void = () => undefined,
): OpenNetlinkSocket {
  return (events) => ({
    send(datagram, sent) {
      const replies: Uint8Array[] = [];
      const others: number[] = [];
      visitMessages(datagram, ({ type, flags, sequence }) => {
        if (type === GENL_ID_CTRL) replies.push(message({ sequence }, GENL_ID_CTRL, FAMILY_REPLY));
        else others.push(sequence);
        if ((flags & NLM_F_ACK) !== 0) replies.push(message({ sequence }, NLMSG_ERROR, ACK));
      });
      if (others.length > 0) onRequests(datagram);
      queueMicrotask(() => {
        sent(undefined);
        for (const reply of replies) events.datagram(reply, 0);
      });
    },
    keepAlive: () => undefined,
    close: () => undefined,
  });
}

const FAMILY_REPLY = [1, 2, 0, 0, 6, 0, 1, 0, FAMILY_ID, 0, 0, 0];
const ACK = Array.from({ length: 20 }, () => 0);
