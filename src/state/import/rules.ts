import type { SyncDaemonInput, SyncDaemonState } from '../../ipvs/model/daemon.js';
import type { Protocol } from '../../ipvs/model/service.js';
import type { Timeouts, TimeoutsInput } from '../../ipvs/model/timeouts.js';
import { NameCache } from '../../rules/names.js';
import { findFaults, shownLine } from '../../rules/parse-rules.js';
import type { Fault, Rule } from '../../rules/parse-rules.js';
import { StateFileError } from '../file/desired.js';
import type { DesiredService, StateProblem } from '../file/desired.js';
import { loadRules } from '../load-rules.js';
import type { WantedService } from '../table.js';
import type { Importer, ImportNote, ImportSources } from './imported.js';

/** Reads rules of ipvsadm, as `ipvsadm-save` writes them. */
export const importRules: Importer = async (file, sources) => {
  const text = await sources.read(file);
  if (text === undefined) throw new StateFileError([problem(file, undefined, 'no such file')]);
  const rules: Rule[] = [];
  const context = { names: new SourceNames(sources) };
  const faults = await findFaults(context, bytesOf(text), (rule) => rules.push(rule));
  const { services, others, contradictions } = loadRules(rules);
  const { timeouts, syncDaemons, notes, doubled } = readOthers(file, others);
  const wrong = [...faults, ...contradictions, ...doubled];
  if (wrong.length > 0) {
    wrong.sort((a, b) => a.line.number - b.line.number);
    throw new StateFileError(wrong.map((fault) => faultProblem(file, fault)));
  }
  return {
    state: { timeouts, syncDaemons, services: services.map(desired), agent: {} },
    notes,
  };
};

/** Looks names up as the import does, instead of the system's own way. */
class SourceNames extends NameCache {
  readonly #sources: ImportSources;

  constructor(sources: ImportSources) {
    super({
      async addressOf(name, family) {
        return (await sources.addressOf(name, family))?.toString() ?? '';
      },
      nameOf: () => Promise.reject(new Error('an import asks for no names of addresses')),
    });
    this.#sources = sources;
  }

  override port(name: string, protocol: Protocol): number | undefined {
    return this.#sources.portOf(name, protocol);
  }
}

/** The bytes of a text, in one piece. */
// eslint-disable-next-line @typescript-eslint/require-await -- the reader takes what arrives in pieces
async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield new TextEncoder().encode(text);
}

function desired({ id, settings, destinations }: WantedService): DesiredService {
  return {
    id,
    name: undefined,
    settings,
    destinations: destinations.map((server) => ({ ...server, health: {} })),
    health: {},
  };
}

/** What the rules say beside the table. */
interface OtherRules {
  readonly timeouts: TimeoutsInput | undefined;
  readonly syncDaemons: readonly SyncDaemonInput[] | undefined;
  readonly notes: readonly ImportNote[];
  readonly doubled: readonly Fault[];
}

function readOthers(file: string, rules: readonly Rule[]): OtherRules {
  let timeouts: TimeoutsInput | undefined;
  let daemons: Map<SyncDaemonState, SyncDaemonInput> | undefined;
  const notes: ImportNote[] = [];
  const doubled: Fault[] = [];
  for (const { line, invocation } of rules) {
    switch (invocation.command) {
      case 'set':
        timeouts = { ...timeouts, ...nonZero(invocation.timeouts) };
        break;
      case 'start-daemon': {
        const { daemon } = invocation;
        daemons ??= new Map();
        if (daemons.has(daemon.state)) {
          doubled.push({ line, complaint: `a ${daemon.state} daemon is started above already` });
        }
        daemons.set(daemon.state, daemon);
        break;
      }
      case 'stop-daemon':
        daemons ??= new Map();
        daemons.delete(invocation.state);
        break;
      default: {
        const message = `${shownLine(line)} leaves the table as it is: nothing is imported of it`;
        notes.push({ file, line: line.number, message, kind: 'info' });
      }
    }
  }
  return { timeouts, syncDaemons: daemons && [...daemons.values()], notes, doubled };
}

/** Those that are set: 0 leaves one as it is. */
function nonZero(timeouts: Timeouts): TimeoutsInput {
  return Object.fromEntries(Object.entries(timeouts).filter(([, seconds]) => seconds !== 0));
}

function faultProblem(file: string, { line, complaint }: Fault): StateProblem {
  const shown = shownLine(line);
  return problem(file, line.number, shown === '' ? complaint : `${complaint}: ${shown}`);
}

function problem(file: string, line: number | undefined, message: string): StateProblem {
  return { file, line, column: undefined, message };
}
