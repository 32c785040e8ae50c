/** Exit statuses of the compatible command. */
export const exitStatus = {
  ok: 0,
  /** A list that the kernel refused, or output that could not be written. */
  failed: 1,
  /** A usage error, or no IPVS to talk to. */
  usage: 2,
  /** A change that the kernel refused, or a word that is no option. */
  refused: 255,
  /** 128 and the number of SIGPIPE, as shells report a writer whose reader went away. */
  brokenPipe: 141,
} as const;

/** What is wrong with a command line: the text and the exit status are part of the interface. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly status: number;

  constructor(text: string, status: number = exitStatus.usage) {
    super(text);
    this.status = status;
  }
}

/** The line that answers a missing or unknown command. */
export const tryHelp = (): UsageError =>
  new UsageError("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", exitStatus.refused);

/** A word as it may be shown: control characters, which could steer a terminal, become `?`. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '?');
}
