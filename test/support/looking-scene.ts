import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIpvs } from '../../src/cli/program.js';
import { formatRecords } from '../../src/state/records.js';
import type { PresetService } from '../../src/testing/presets.js';
import type { TableKernel } from '../../src/testing/table-kernel.js';
import type { Io } from '../../src/terminal/io.js';
import type { Resolver } from '../../src/rules/names.js';
import { noNames } from './command.js';
import type { Outcome } from './command.js';
import { setupScene } from './setup-scene.js';

/** What a terminal is to a command that looks at the table. */
export interface Viewer {
  readonly screen?: { readonly columns: number; readonly rows: number };
  readonly hasColours?: boolean;
  readonly resolver?: Resolver;
  /** Called with all that was printed so far: a status interrupts the command. */
  readonly interrupt?: (printed: string) => number | undefined;
}

/** A director whose table can be looked at. */
export interface LookingScene {
  readonly kernel: TableKernel;
  run(words: string, viewer?: Viewer): Promise<Outcome>;
}

const NAMESPACE = '4026531840';

/** @param names of services, as state files give them. */
export function lookingScene(
  services: readonly PresetService[],
  names: Readonly<Record<string, string>> = {},
): LookingScene {
  const { kernel, host, state } = setupScene(services);
  const records = new Map(Object.entries(names).map(([service, name]) => [service, { name }]));
  mkdirSync(join(state, NAMESPACE), { recursive: true });
  writeFileSync(
    join(state, NAMESPACE, 'table.json'),
    formatRecords({ services: records, drained: new Map() }),
  );
  return {
    kernel,
    run: async (words, { screen, hasColours = false, resolver = noNames, interrupt } = {}) => {
      const controller = new AbortController();
      const printed = { stdout: '', stderr: '' };
      const io: Io = {
        stdin: [] as never,
        stdout: {
          write: (text) => {
            printed.stdout += text;
            const status = interrupt?.(printed.stdout);
            if (status !== undefined) controller.abort(status);
          },
        },
        stderr: { write: (text) => void (printed.stderr += text) },
        screen: () => Promise.resolve(screen),
        colours: () => Promise.resolve(hasColours),
        interruption: () => controller.signal,
        resolver,
      };
      const given = words === '' ? [] : words.split(' ');
      const environment = { io, package: undefined, socket: kernel, host, state };
      return { status: await runIpvs(given, environment), ...printed };
    },
  };
}
