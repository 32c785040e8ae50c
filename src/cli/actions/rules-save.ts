import { stat } from 'node:fs/promises';
import { readFileIfExists } from '../../common/read-if-exists.js';
import { NotARegularFile } from '../../common/regular-file.js';
import { IncompleteFile, replaceFile } from '../../host/replace-file.js';
import { numericNaming } from '../../rules/format-endpoint.js';
import { destinationRules, serviceRule } from '../../rules/format-rules.js';
import { destinationFault, serviceFault } from '../../rules/restorable.js';
import { rulesFileToWrite, saysRules } from '../../rules/rules-file.js';
import { savedTable } from '../../state/saved-table.js';
import { CliError, withContext } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import type { Session } from '../../terminal/session.js';
import type { VerbAction } from '../verb.js';

/** Paths that mean the command's own output, which is not a file to be replaced. */
const STANDARD_OUTPUT: readonly string[] = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

interface SaveOptions {
  readonly file: string | undefined;
  readonly empty: boolean;
}

/** What was saved, and where. */
interface Saved extends SavedLines {
  /** Undefined: standard output. */
  readonly file: string | undefined;
  /** Whether the file could not be replaced as a whole. */
  readonly isInPlace: boolean;
}

export const rulesSave: VerbAction<SaveOptions, Saved> = {
  run: ({ session }, options) => saveRules(session, options),
  status: ({ refused }) => (refused.length > 0 ? exitStatus.no : exitStatus.done),
  render: { text: report },
};

/**
 * Writes the kernel's table to a rules file, which is replaced as a whole or stays as it was. An empty table does not
 * replace rules unless that is asked for: it is more often the sign of a start that failed.
 */
async function saveRules(session: Session, { file: named, empty }: SaveOptions): Promise<Saved> {
  const toOutput = named !== undefined && STANDARD_OUTPUT.includes(named);
  const file = toOutput ? undefined : rulesFileToWrite(named);
  const saved = await linesToSave(session);
  if (file === undefined) return { ...saved, file, isInPlace: false };
  if (saved.rules === 0 && !empty && (await holdsRules(file))) {
    throw new CliError(
      `The table is empty, and ${file} has rules: it was left as it is.\n` +
        'To empty it all the same: ipvs rules save --empty',
    );
  }
  const isInPlace = (await write(file, textOf(saved))) === 'in place';
  return { ...saved, file, isInPlace };
}

interface SavedLines {
  readonly lines: readonly string[];
  /** How many of the lines are rules. */
  readonly rules: number;
  /** A complaint for each rule that a restore would refuse. */
  readonly refused: readonly string[];
}

/**
 * The table as lines of a rules file. Programs that speak netlink can make services which the rule language does not allow.
 * One such line would keep the whole file from being restored at boot, so it is saved as a comment, with its real servers.
 */
async function linesToSave(session: Session): Promise<SavedLines> {
  const lines: string[] = [];
  const refused: string[] = [];
  let rules = 0;
  const add = (rule: string, fault: string | undefined, isKept: boolean) => {
    lines.push(isKept ? rule : `# not restored: ${rule}`);
    if (isKept) rules += 1;
    if (fault !== undefined) {
      refused.push(`Saved as a comment, because a restore refuses it (${fault}): ${rule}`);
    }
  };
  for await (const [entry] of savedTable(await session.client())) {
    if (entry === undefined) continue;
    const { service, destinations } = entry;
    const fault = serviceFault(service);
    add(serviceRule(service, numericNaming), fault, fault === undefined);
    const ruleOf = destinationRules(service.id, numericNaming);
    for (const server of destinations) {
      const own = destinationFault(server);
      add(ruleOf(server), own, fault === undefined && own === undefined);
    }
  }
  return { lines, rules, refused };
}

const textOf = ({ lines }: SavedLines): string => lines.map((line) => `${line}\n`).join('');

/** Whether a regular file says anything besides comments. Reading a pipe would wait for a writer. */
async function holdsRules(path: string): Promise<boolean> {
  const isSpecial = await stat(path).then(
    (found) => !found.isFile(),
    () => false,
  );
  if (isSpecial) return false;
  return saysRules((await withContext(`Cannot read ${path}`, readFileIfExists(path))) ?? '');
}

async function write(file: string, text: string): ReturnType<typeof replaceFile> {
  const writing = replaceFile(file, text).catch((error: unknown) => {
    if (error instanceof NotARegularFile) {
      throw new CliError(`Nothing was written. ${error.message}`, exitStatus.usage);
    }
    if (error instanceof IncompleteFile) {
      throw new CliError(
        `${error.message}\nThe rules are still in the kernel. Save them again, or to another file with -f.`,
        exitStatus.partly,
      );
    }
    throw error;
  });
  return withContext(`Cannot write ${file}, which is as it was`, writing);
}

async function report(saved: Saved, session: Session): Promise<void> {
  const { file, rules, refused, isInPlace } = saved;
  if (file === undefined) await session.output.lines(textOf(saved));
  if (isInPlace) {
    await session.complain(
      `Warning: ${file} cannot be replaced atomically, and was overwritten in place.`,
    );
  }
  if (file !== undefined) await session.output.line(`${file}: ${rules} rules`);
  for (const complaint of refused) await session.complain(complaint);
}
