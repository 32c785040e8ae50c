/** In the guest: tells the backup daemon on this address of so many connections. */
import { createSocket } from 'node:dgram';
import { setTimeout } from 'node:timers/promises';
import { syncMessages } from '../connections.js';

const [address = '', count = ''] = process.argv.slice(2);
/** The daemon's receive queue holds no more. */
const AT_ONCE = 24;
const PAUSE_MS = 4;

const socket = createSocket('udp4');
await new Promise<void>((resolve) => socket.bind(0, address, resolve));
socket.setMulticastInterface(address);
let sent = 0;
for (const message of syncMessages(Number(count))) {
  await new Promise<void>((resolve, reject) => {
    socket.send(message, 8848, '224.0.0.81', (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  sent += 1;
  if (sent % AT_ONCE === 0) await setTimeout(PAUSE_MS);
}
socket.close();
