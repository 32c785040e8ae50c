import { RuleError } from '../rules/rule-error.js';
import { CliError } from '../terminal/cli-error.js';
import { compatibleStatus } from './exit-status.js';

/** The line that answers a missing or unknown command. */
export const TRY_HELP = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

/** How the genuine program reports an invalid command line. */
export function explainRule(error: unknown): CliError | undefined {
  if (!(error instanceof RuleError)) return undefined;
  switch (error.kind) {
    case 'no-command':
      return new CliError(TRY_HELP, compatibleStatus.refused);
    case 'option':
      return new CliError(error.message, compatibleStatus.refused);
    case 'value':
    case 'file':
      return new CliError(error.message, compatibleStatus.usage);
  }
}
