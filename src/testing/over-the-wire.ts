import { NLMSG_HDRLEN } from '../netlink/constants.js';
import { MessageWriter } from '../netlink/writer.js';
import { command as commandTable } from '../ipvs/wire/schema.js';
import type { CommandAttributes } from '../ipvs/wire/schema.js';

/** Attributes of a command as the other side reads them: to bytes and back, within a message. */
export function overTheWire(attributes: CommandAttributes): CommandAttributes {
  const writer = new MessageWriter();
  writer.zeros(NLMSG_HDRLEN);
  commandTable.write(writer, attributes);
  const { buffer, byteOffset, length } = writer.bytes();
  return commandTable.read(new DataView(buffer, byteOffset, length), NLMSG_HDRLEN, length);
}
