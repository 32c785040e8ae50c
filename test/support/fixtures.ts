/** What the genuine program and a real kernel said to each other. See test/kernel/fixtures.test.ts. */
import { readFileSync } from 'node:fs';
import { command as commandTable } from '../../src/ipvs/wire/schema.js';
import type { CommandAttributes } from '../../src/ipvs/wire/schema.js';
import type { Reply } from '../../src/testing/fake-kernel.js';

interface Exchange {
  readonly request: string;
  readonly replies: readonly string[];
}

type Fixtures = Readonly<
  Record<string, { readonly command: string; readonly exchanges: readonly Exchange[] }>
>;

const file = new URL('../fixtures/genuine.json', import.meta.url);
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Fixtures;

export interface Captured {
  readonly request: Uint8Array;
  /** The request's command and attributes. */
  readonly command: number;
  readonly attributes: CommandAttributes;
  /** The replies, as answers to another request. */
  repliesTo(request: { readonly sequence: number }): Reply[];
}

const HEADERS = 20;

/** The exchanges of a run of the program. */
export function captured(name: string): Captured[] {
  const run = fixtures[name];
  if (run === undefined) throw new Error(`no fixture ${name}`);
  return run.exchanges.map(({ request, replies }) => {
    const bytes = new Uint8Array(Buffer.from(request, 'hex'));
    const view = new DataView(bytes.buffer);
    return {
      request: bytes,
      command: view.getUint8(16),
      // Decoded when asked for: a look-up of the family has other attributes.
      get attributes() {
        return commandTable.read(view, HEADERS, bytes.length);
      },
      repliesTo: ({ sequence }) =>
        replies.map((hex) => {
          const reply = new Uint8Array(Buffer.from(hex, 'hex'));
          new DataView(reply.buffer).setUint32(8, sequence, true);
          return reply;
        }),
    };
  });
}

/** The exchange that the run was for: its last one. */
export function capturedLast(name: string): Captured {
  const last = captured(name).at(-1);
  if (last === undefined) throw new Error(`fixture ${name} is empty`);
  return last;
}
