import { NotARegularFile, replaceFile } from '../../host/replace-file.js';
import { holdsRules, rulesFileToWrite } from '../../rules/rules-file.js';
import { savedRules } from '../../ipvsadm/listing.js';
import { parse } from '../../rules/parse.js';
import { cliStatus, CliError, withContext } from '../../terminal/cli-error.js';
import type { Session } from '../../terminal/session.js';

/** Paths that mean the command's own output, which is not a file to be replaced. */
const STANDARD_OUTPUT: readonly string[] = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

interface SaveOptions {
  readonly file?: string | undefined;
  readonly empty?: boolean;
}

/**
 * Writes the kernel's table to a rules file, which is replaced as a whole or stays as it was. An empty table does not
 * replace rules unless that is asked for: it is more often the sign of a start that failed.
 */
export async function saveRules(
  session: Session,
  { file: named, empty = false }: SaveOptions,
): Promise<number> {
  const toOutput = named !== undefined && STANDARD_OUTPUT.includes(named);
  const file = toOutput ? 'standard output' : rulesFileToWrite(named);
  const { lines, rules, refused } = await linesToSave(session);
  if (rules === 0 && !toOutput && !empty && (await holdsRules(file))) {
    throw new CliError(
      `The table is empty, and ${file} has rules: it was left as it is.\n` +
        'To empty it all the same: ipvs rules save --empty',
    );
  }
  const text = lines.map((line) => `${line}\n`).join('');
  if (toOutput) await session.output.lines(text);
  else {
    await write(session, file, text);
    await session.output.line(`${file}: ${rules} rules`);
  }
  for (const complaint of refused) await session.complain(complaint);
  return refused.length > 0 ? cliStatus.failed : cliStatus.ok;
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
  for await (const [service = '', ...servers] of savedRules(session, true)) {
    const serviceFault = faultOf(session, service);
    for (const rule of [service, ...servers]) {
      const fault = rule === service ? serviceFault : faultOf(session, rule);
      const isKept = serviceFault === undefined && fault === undefined;
      lines.push(isKept ? rule : `# not restored: ${rule}`);
      if (isKept) rules += 1;
      if (fault !== undefined) {
        refused.push(`Saved as a comment, because a restore refuses it (${fault}): ${rule}`);
      }
    }
  }
  return { lines, rules, refused };
}

/** Why a restore refuses a rule. */
function faultOf(session: Session, rule: string): string | undefined {
  const parsed = parse(rule.split(' '), session.names);
  return parsed.kind === 'error' ? parsed.error.message : undefined;
}

async function write(session: Session, file: string, text: string): Promise<void> {
  const writing = replaceFile(file, text).catch((error: unknown) => {
    if (!(error instanceof NotARegularFile)) throw error;
    throw new CliError(`Nothing was written. ${error.message}`, cliStatus.usage);
  });
  const how = await withContext(`Cannot write ${file}, which is as it was`, writing);
  if (how === 'in place') {
    await session.complain(
      `Warning: ${file} cannot be replaced atomically, and was overwritten in place.`,
    );
  }
}
