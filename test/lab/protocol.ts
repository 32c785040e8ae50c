/** What a process in the guest left behind. A process that a signal ended has code 128 + its number. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One JSON line from the host. A long one is a file in the shared folder: see {@link Envelope}. */
export type GuestRequest =
  | {
      readonly op: 'run';
      readonly argv: readonly string[];
      /** Base64. */
      readonly stdin: string;
      readonly deadlineMs: number;
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | {
      readonly op: 'call';
      readonly namespace: string;
      /** The bundled module, and which of its exports to call. */
      readonly module: string;
      readonly name: string;
      readonly args: readonly unknown[];
      readonly deadlineMs: number;
    }
  | { readonly op: 'end'; readonly namespace: string };

export type GuestReply =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'deadline'; readonly result: CommandResult }
  | { readonly kind: 'failure'; readonly message: string };

/**
 * A line on the console. Its terminal holds about 4 KB that nobody has read, so long payloads travel as files, and
 * `read` tells the host how many bytes of its lines have been taken off.
 */
export type Envelope<Payload> =
  | { readonly id: number; readonly payload: Payload }
  | { readonly id: number; readonly file: string };

export type GuestLine = Envelope<GuestReply> | { readonly read: number } | { readonly ready: true };

/** Between the supervisor and the agent of one namespace. */
export interface AgentTask {
  readonly id: number;
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type AgentAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: string };

/** Longest payload, in bytes, that goes through the console itself. */
export const LINE_LIMIT = 1000;
