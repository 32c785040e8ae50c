import type { Session } from '../../terminal/session.js';
import { savedRules } from '../../ipvsadm/listing.js';
import { cliStatus, CliError, withContext } from '../../terminal/cli-error.js';
import { replaceFile } from '../../host/replace-file.js';
import { holdsRules, rulesFileToWrite } from '../../host/rules-file.js';

/**
 * Writes the kernel's table to a rules file, which is replaced as a whole or stays as it was. An empty table does not
 * replace rules unless that is asked for: it is more often the mark of a start that failed.
 */
export async function saveRules(
  session: Session,
  { file: named, empty }: { readonly file?: string | undefined; readonly empty?: boolean },
): Promise<number> {
  const file = rulesFileToWrite(named);
  const lines: string[] = [];
  for await (const rules of savedRules(session, true)) for (const rule of rules) lines.push(rule);
  if (lines.length === 0 && empty !== true && (await holdsRules(file))) {
    throw new CliError(
      `The table is empty, and ${file} has rules: it was left as it is.\n` +
        'To empty it all the same: ipvs service save --empty',
    );
  }
  const text = lines.map((line) => `${line}\n`).join('');
  await withContext(`Cannot write ${file}, which is as it was`, replaceFile(file, text));
  await session.output.line(`${file}: ${lines.length} rules`);
  return cliStatus.ok;
}
