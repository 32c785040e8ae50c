/** Downloads that go on for as long as a test wants, checked byte for byte in both directions. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LabError } from './errors.js';
import type { TransferState } from './guest/transfers.js';
import type { Namespace } from './namespace.js';
import { projectFolder } from './project.js';
import { PATIENCE_MS } from './patience.js';

const FILE = join(projectFolder, 'test/lab/guest/transfers.ts');
/** For what a director that is gone, and the sender's ever longer waits, take in a guest that has little time. */
const DEADLINE_MS = PATIENCE_MS;
const INTERVAL_MS = 100;

/** A web server that says its name, on both families and every address; POST begins a transfer. */
export async function openWebServer(namespace: Namespace, name: string): Promise<void> {
  await namespace.call(FILE, 'open', name, 80);
}

/** The web server's port is closed, as when its process has died. */
export async function shutWebServer(namespace: Namespace): Promise<void> {
  await namespace.call(FILE, 'shut');
}

export interface Transfer {
  state(): Promise<TransferState>;
  /** Waits for so many lines more. */
  progress(lines: number): Promise<void>;
  /** Lets it come to its end, and gives the outcome. */
  finish(): Promise<string>;
  /** Waits for its end; gives the outcome. */
  end(): Promise<string>;
}

/** About 1 KB every 10 ms to the client, and a receipt for each to the real server. */
export async function beginTransfer(client: Namespace, url: string): Promise<Transfer> {
  const id = (await client.call(FILE, 'begin', url)) as number;
  const state = async (): Promise<TransferState> =>
    (await client.call(FILE, 'state', id)) as TransferState;
  const until = async (wanted: (now: TransferState) => boolean): Promise<TransferState> => {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const now = await state();
      if (wanted(now)) return now;
      if (Date.now() > deadline || now.outcome !== 'under way')
        throw new LabError(`a transfer stands at ${now.lines} lines: ${now.outcome}`);
      await pause(INTERVAL_MS);
    }
  };
  const end = async (): Promise<string> =>
    (await until(({ outcome }) => outcome !== 'under way')).outcome;
  return {
    state,
    progress: async (lines) => {
      const before = await state();
      await until((now) => now.lines >= before.lines + lines && now.outcome === 'under way');
    },
    finish: async () => {
      await client.call(FILE, 'finish', id);
      return await end();
    },
    end,
  };
}
