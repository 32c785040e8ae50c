import { problemText, StateFileError } from '../../state/file/desired.js';
import { formatState } from '../../state/file/format.js';
import type { StateComments, StateFormat } from '../../state/file/format.js';
import type { Imported, Importer, ImportNote } from '../../state/import/imported.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { VerbAction } from '../verb.js';
import { importSources } from './import-sources.js';

interface ImportOptions {
  readonly strict: boolean;
  readonly configId: string | undefined;
}

interface ImportOutcome extends Imported {
  readonly strict: boolean;
}

type Write = (outcome: ImportOutcome, session: Session) => Promise<void>;

/** By the names that the command line has for them. */
const importers: Readonly<Record<string, () => Promise<Importer>>> = {
  keepalived: async () =>
    (await import('../../state/import/keepalived/import-keepalived.js')).importKeepalived,
  ldirectord: async () =>
    (await import('../../state/import/ldirectord/ldirectord.js')).importLdirectord,
  rules: async () => (await import('../../state/import/rules.js')).importRules,
};

export const importAction: VerbAction<ImportOptions, ImportOutcome> = {
  run: async ({ session }, { strict, configId }, [program = '', file = '']) => {
    const load = Object.hasOwn(importers, program) ? importers[program] : undefined;
    if (load === undefined) {
      const known = Object.keys(importers).join(', ');
      throw new CliError(
        `"${program}" is none of ${known}. To see how they are given: ipvs import -h`,
        exitStatus.usage,
      );
    }
    const importer = await load();
    try {
      return { ...(await importer(file, importSources(session, configId))), strict };
    } catch (error) {
      if (!(error instanceof StateFileError)) throw error;
      throw new CliError(
        `${error.problems.map(problemText).join('\n')}\nNothing was imported.`,
        exitStatus.usage,
      );
    }
  },
  status: ({ notes, strict }) =>
    strict && notes.some(({ kind }) => kind === 'lost') ? exitStatus.no : exitStatus.done,
  render: { text: writer('yaml'), formats: { yaml: writer('yaml'), json: writer('json') } },
};

function writer(format: StateFormat): Write {
  return async ({ state, notes }, session) => {
    const comments = commentsOf(notes);
    await session.output.lines(formatState(state, format, { comments }));
    for (const note of notes) await session.complain(noteText(note));
  };
}

function noteText({ file, line, message, kind }: ImportNote): string {
  return `${file}:${line}: ${kind === 'lost' ? 'warning' : 'note'}: ${message}`;
}

/** Notes as comments of the state file, where they belong. */
function commentsOf(notes: readonly ImportNote[]): StateComments {
  const head: string[] = [];
  const services = new Map<string, string[]>();
  const servers = new Map<string, Map<string, string[]>>();
  for (const note of notes) {
    const { service, server } = note;
    let place = head;
    if (service !== undefined && server !== undefined) {
      place = listAt(mapAt(servers, service), server);
    } else if (service !== undefined) place = listAt(services, service);
    place.push(`${note.file}:${note.line}: ${note.message}`);
  }
  return { head, services, servers };
}

function listAt(lists: Map<string, string[]>, key: string): string[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function mapAt<Value>(maps: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const map = maps.get(key) ?? new Map<string, Value>();
  maps.set(key, map);
  return map;
}
