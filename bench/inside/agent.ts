/**
 * The agent as a process, with a table in memory in the kernel's place: `agent.ts FOLDER WORD...` is `ipvs agent WORD...`. It
 * prints a line for each datagram that changes the table: when, and how many changes it holds.
 */
import { runIpvs } from '../../src/cli/program.js';
import type { OpenNetlinkSocket } from '../../src/netlink/socket.js';
import { systemResolver } from '../../src/terminal/main-resolver.js';
import { daemonProcess } from '../../src/terminal/main-daemon.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const [folder = '', ...words] = process.argv.slice(2);
const kernel = tableKernel();
const daemon = daemonProcess();

const open: OpenNetlinkSocket = () => {
  const inner = kernel();
  return {
    send: (datagram) => {
      inner.send(datagram);
      const changes = kernel.requests.filter(({ command }) => /^(?:NEW|SET|DEL)_/.test(command));
      // What it was asked long ago would count as memory of the agent.
      kernel.requests.length = 0;
      kernel.datagrams.length = 0;
      if (changes.length > 0) process.stdout.write(`${daemon.monotonicMs()} ${changes.length}\n`);
    },
    receive: () => inner.receive(),
    close: () => {
      inner.close();
    },
  };
};

process.exitCode = await runIpvs(['agent', ...words], {
  io: {
    stdin: {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('no input')) }),
    },
    stdout: { write: (text) => void process.stdout.write(text) },
    stderr: { write: (text) => void process.stderr.write(text) },
    resolver: systemResolver,
    superuser: true,
    daemon: () => Promise.resolve({ ...daemon, stateFolder: folder }),
  },
  package: undefined,
  socket: open,
  state: folder,
});
process.exit();
