/** What is on the wire of a machine. */
import type { Namespace } from './namespace.js';
import { perform } from './network.js';

export interface CaptureOptions {
  /** Which packets, in tcpdump's words. */
  readonly filter: string;
  /** `eth0` by default. */
  readonly device?: string;
  /** `-e` shows the hardware addresses, `-v` the headers of both sides of a tunnel. */
  readonly flags?: readonly string[];
}

/** Waits for a packet that grep finds with an extended expression, ends the capture, and gives a line per packet. */
export type EndOfCapture = (awaited: string) => Promise<string[]>;

let captures = 0;

/** Runs tcpdump, which is listening when this returns. */
export async function capture(
  machine: Namespace,
  { filter, device = 'eth0', flags = [] }: CaptureOptions,
): Promise<EndOfCapture> {
  const file = `/run/capture-${machine.name}-${++captures}`;
  const words = ['tcpdump', '-Z', 'root', '-i', device, '-nn', '-t', '-l', '--immediate-mode'];
  await perform(
    machine,
    `${[...words, ...flags].join(' ')} '${filter}' >${file} 2>${file}.error &
    echo $! >${file}.pid
    until grep -Eq 'listening on|error' ${file}.error; do sleep 0.01; done
    grep -q 'listening on' ${file}.error || { cat ${file}.error >&2; exit 1; }`,
  );
  // Packets that it has not read when it is ended are lost: so one is awaited.
  return async (awaited) => {
    const text = await perform(
      machine,
      `read -r pid <${file}.pid
      until grep -Eq '${awaited}' ${file}; do sleep 0.01; done
      kill $pid
      while kill -0 $pid 2>/dev/null; do sleep 0.01; done
      cat ${file}`,
    );
    // With -v a packet's further lines are indented.
    return text
      .replaceAll(/\n[ \t]+/g, ' ')
      .split('\n')
      .filter((line) => line !== '');
  };
}
