import type { Io, TextSink } from './io.js';
import { run } from './program.js';
import type { ProgramName } from './program.js';

/** Exit status of a writer whose reader went away: 128 and the number of SIGPIPE, as shells report it. */
const PIPE_STATUS = 141;
const FAILED_STATUS = 1;

/** Runs a command as this process: its arguments, its streams, its exit status. */
export async function main(program: ProgramName): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      endUnwritten(program, error);
    });
  }
  const io: Io = {
    stdin: process.stdin,
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    superuser: process.geteuid?.() === 0,
  };
  try {
    process.exitCode = await run(program, process.argv.slice(2), io);
  } catch (error) {
    // Nothing is known to come here; if something does, its stack would not help who sees it.
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${program}: ${text}\n`);
    process.exitCode = FAILED_STATUS;
  }
  // A look-up that was given up would keep the process for seconds.
  await drained(process.stdout);
  process.exit();
}

/** Writes to a stream of the process, waiting when its reader is slow. */
function sink(stream: NodeJS.WriteStream): TextSink {
  return {
    write: (text) => {
      if (stream.write(text)) return undefined;
      return new Promise((resolve) => stream.once('drain', resolve));
    },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.once('drain', resolve);
  });
}

/** A reader that went away is no fault (`ipvsadm -Ln | head`); a full disk is. */
function endUnwritten(program: ProgramName, error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(PIPE_STATUS);
  try {
    process.stderr.write(`${program}: cannot write: ${error.message}\n`);
  } finally {
    process.exit(FAILED_STATUS);
  }
}
