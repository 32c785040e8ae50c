import { listOf, object, oneOf, output, text, yesNo, count } from './build.js';
import type { Definitions } from '../../state/file/json-schema.js';

const check = { id: text, severity: oneOf('error', 'warning', 'notice'), title: text };

export const doctorDefinitions: Definitions = {
  doctor: {
    anyOf: [
      output({
        director: yesNo,
        realServer: yesNo,
        findings: listOf(
          object({
            ...check,
            why: text,
            occurrences: listOf(object({ evidence: text, fix: listOf(text) })),
          }),
        ),
        skipped: listOf(object({ id: text, reason: text })),
        passed: count,
      }),
      output({ checks: listOf(object(check)) }),
    ],
  },
};
