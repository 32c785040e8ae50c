import { collect } from '../../common/collect.js';
import { formatState } from '../../state/file/format.js';
import type { StateFormat } from '../../state/file/format.js';
import { stateOfTable } from '../../state/file/of-table.js';
import type { TableState } from '../../state/file/of-table.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { savedTable } from '../../state/saved-table.js';
import { AmbiguousServerError, parseSelector, select } from '../../state/selection.js';
import type { Selector } from '../../state/selection.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import { printable } from '../../common/printable.js';
import { portNamesOf } from '../port-names.js';
import { readRecords } from '../table-records.js';
import type { VerbAction, VerbContext } from '../verb.js';

interface ExportOptions {
  readonly output: string;
  readonly json: boolean;
}

interface Exported extends TableState {
  readonly format: StateFormat;
  readonly missing: readonly string[];
}

export const exportState: VerbAction<ExportOptions, Exported> = {
  run: exportTable,
  status: ({ lost, missing }) =>
    lost.length + missing.length > 0 ? exitStatus.no : exitStatus.done,
  render: { text: write, formats: { json: write } },
};

async function exportTable(
  context: VerbContext,
  { output, json }: ExportOptions,
  words: readonly string[],
): Promise<Exported> {
  const { session } = context;
  const format = json ? 'json' : (output as StateFormat);
  const selectors = words.map((word) => selectorOf(word, session));
  const records = await readRecords(context);
  const table = (await collect(savedTable(await session.client()))).flat();
  const nameOf = (key: string) => records.services.get(key)?.name;
  const entries = table.map(({ service, destinations }) => ({
    ...service,
    name: nameOf(formatServiceId(service.id)),
    destinations,
  }));
  try {
    const { entries: chosen, missing } = select(entries, selectors);
    return { ...stateOfTable(chosen, format, nameOf), format, missing: missing.map(textOf) };
  } catch (error) {
    if (!(error instanceof AmbiguousServerError)) throw error;
    throw new CliError(printable(error.message), exitStatus.usage);
  }
}

const textOf = ({ text }: Selector): string => text;

function selectorOf(word: string, session: Session): Selector {
  try {
    return parseSelector(word, portNamesOf(session));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError(printable(error.message), exitStatus.usage);
  }
}

async function write({ state, comments, lost, missing, format }: Exported, session: Session) {
  await session.output.lines(formatState(state, format, { comments }));
  for (const complaint of lost) await session.complain(printable(complaint));
  for (const text of missing) {
    await session.complain(
      `There is no ${printable(text)} in the table. To see what there is: ipvs list`,
    );
  }
}
