import { errorText } from '../../common/system-errors.js';
import { MOST_COMMAND_OUTPUT } from '../../host/run-command.js';
import type { CommandEnd } from '../../host/run-command.js';

/** How a program ended, as a reason has it. */
export function endText(end: CommandEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exit status ${end.status}`;
    case 'killed':
      return `ended by ${end.signal}`;
    case 'too-much':
      return `killed, since it printed more than ${MOST_COMMAND_OUTPUT / 1024} KiB`;
    case 'not-started':
      return `cannot start: ${errorText(end.error)}`;
  }
}
