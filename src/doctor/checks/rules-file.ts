import { shownLine } from '../../rules/parse-rules.js';
import { tryHelp } from '../../terminal/usage-error.js';
import type { Check } from '../check.js';

export const rulesFileFaulty: Check = {
  id: 'rules-file-faulty',
  severity: 'error',
  title: 'The rules file has lines that will not take effect',
  why:
    'With a line that cannot be read nothing of the file is restored, at boot neither: clients are not served. A line that ' +
    'contradicts those before it, such as a real server of a service that is not there, is left out by itself.',
  role: 'any',
  run: async (snapshot) => {
    const saved = await snapshot.savedRules();
    if (saved === undefined) return [];
    const { file, faults, contradictions } = saved;
    return [...faults, ...contradictions].map(({ line, complaint }) => ({
      evidence: `${file}, line ${line.number}: ${briefly(complaint)} (${shownLine(line)})`,
      fix: [`Mend line ${line.number} of ${file}.`],
    }));
  },
};

/** The advice to ask for help is for who types a command. */
function briefly(complaint: string): string {
  return complaint === tryHelp().message ? 'is no rule' : (complaint.split('\n', 1)[0] ?? '');
}
