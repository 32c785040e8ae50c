import { shownLine } from '../../rules/parse-rules.js';
import type { Check } from '../check.js';

export const rulesFileFaulty: Check = {
  id: 'rules-file-faulty',
  severity: 'error',
  title: 'The rules file has lines that will not take effect',
  why:
    'If any line cannot be parsed, nothing in the file is restored, not even at boot: clients are not served. A line ' +
    'that contradicts earlier ones, such as a real server of a service that does not exist, is skipped, and the rest ' +
    'is restored.',
  role: 'any',
  run: async (context) => {
    const saved = await context.savedRules();
    if (saved === undefined) return [];
    const { file, faults, contradictions } = saved;
    return [...faults, ...contradictions].map(({ line, complaint }) => ({
      evidence: `${file}, line ${line.number}: ${complaint.split('\n', 1)[0] ?? ''} (${shownLine(line)})`,
      fix: [`Fix line ${line.number} of ${file}.`],
    }));
  },
};
