import { counted } from '../common/plural.js';
import { printable } from '../common/printable.js';
import type { Colours } from '../terminal/colours.js';
import type { Severity } from './check.js';
import type { DoctorReport, Finding } from './examine.js';

/** Of a fault in many places the first ones are shown; `--json` has all. */
const MOST_OCCURRENCES = 5;
const INDENT = '  ';
/** Explanations are wrapped to 80 columns; evidence and commands are not, as they are copied. */
const WIDTH = 80;

/** The report as text, the worst findings first. */
export function reportText(report: DoctorReport, paint: Colours): string {
  const { findings, skipped } = report;
  const blocks = inOrder(findings).map((finding) => findingText(finding, paint));
  for (const { check, reason } of skipped) {
    blocks.push(`${paint.warning('skipped')} ${check.id}: ${printable(reason)}\n`);
  }
  return [...blocks, summary(report, paint)].join('\n');
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => rank[a.check.severity] - rank[b.check.severity]);
}

function findingText({ check, occurrences }: Finding, paint: Colours): string {
  const { severity, id, title, why } = check;
  const colour = { error: paint.bad, warning: paint.warning, notice: paint.strong }[severity];
  const lines = [`${colour(severity)} ${paint.strong(title)} [${id}]`, ...wrapped(why)];
  for (const { evidence, fix } of occurrences.slice(0, MOST_OCCURRENCES)) {
    // Evidence quotes text from elsewhere: names of processes, rules of a firewall.
    lines.push(`${INDENT}- ${printable(evidence)}`);
    lines.push(...fix.map((line) => `${INDENT}${INDENT}${printable(line)}`));
  }
  const more = occurrences.length - MOST_OCCURRENCES;
  if (more > 0) lines.push(`${INDENT}- and ${more} more: ipvs doctor --json`);
  return `${lines.join('\n')}\n`;
}

function wrapped(text: string): string[] {
  const room = WIDTH - INDENT.length;
  const lines = text.match(new RegExp(`.{1,${room}}(?: |$)`, 'g')) ?? [text];
  return lines.map((line) => `${INDENT}${line.trimEnd()}`);
}

function summary({ findings, skipped, passed, ...roles }: DoctorReport, paint: Colours): string {
  const names = [roles.director && 'a director', roles.realServer && 'a real server'];
  const what = names.filter((name) => name !== false).join(' and ');
  const all = counted(passed + findings.length + skipped.length, 'check');
  const found =
    findings.length === 0
      ? paint.good(`Nothing found in ${all}`)
      : `${paint.strong(counted(findings.length, 'finding'))} in ${all}`;
  const left = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  const role =
    what === ''
      ? 'neither a director nor a real server: if it is to be one, say which with --role'
      : what;
  return `${found}${left}. This machine is ${role}.`;
}

/** The report for programs: keys and ids are stable. */
export function reportJson({ findings, passed, director, realServer, ...rest }: DoctorReport) {
  const found = inOrder(findings).map(({ check: { id, severity, title, why }, occurrences }) => ({
    id,
    severity,
    title,
    why,
    occurrences,
  }));
  const skipped = rest.skipped.map(({ check: { id }, reason }) => ({ id, reason }));
  return { director, realServer, findings: found, skipped, passed };
}
