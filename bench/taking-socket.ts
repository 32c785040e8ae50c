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
  return () => {
    const replies: Uint8Array[] = [];
    return {
      send(datagram) {
        let count = 0;
        visitMessages(datagram, ({ type, flags, sequence }) => {
          if (type === GENL_ID_CTRL)
            replies.push(message({ sequence }, GENL_ID_CTRL, FAMILY_REPLY));
          else count += 1;
          if ((flags & NLM_F_ACK) !== 0) replies.push(message({ sequence }, NLMSG_ERROR, ACK));
        });
        if (count > 0) onRequests(datagram);
      },
      receive: () => replies.shift(),
      close: () => undefined,
    };
  };
}

const FAMILY_REPLY = [1, 2, 0, 0, 6, 0, 1, 0, FAMILY_ID, 0, 0, 0];
const ACK = Array.from({ length: 20 }, () => 0);
