import { printable } from '../../ipvsadm/usage-error.js';
import type { Paint } from '../paint.js';
import type { Severity } from './check.js';
import type { Examination, Finding } from './examine.js';

/** Of one thing in many places the first ones show what it is; `--json` has all. */
const MOST_SIGHTINGS = 5;
const INDENT = '  ';
/** Explanations fit a terminal of 80 columns; evidence and commands stay whole, for they are copied. */
const WIDTH = 80;

/** The findings for somebody who reads them, the worst first. */
export function reportText(examination: Examination, paint: Paint): string {
  const { findings, unseen } = examination;
  const blocks = inOrder(findings).map((finding) => findingText(finding, paint));
  for (const { check, reason } of unseen) {
    blocks.push(`${paint.warning('not looked at')} ${check.id}: ${printable(reason)}\n`);
  }
  return [...blocks, summary(examination, paint)].join('\n');
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => rank[a.check.severity] - rank[b.check.severity]);
}

function findingText({ check, sightings }: Finding, paint: Paint): string {
  const { severity, id, title, why } = check;
  const colour = { error: paint.bad, warning: paint.warning, notice: paint.strong }[severity];
  const lines = [`${colour(severity)} ${paint.strong(title)} [${id}]`, ...wrapped(why)];
  for (const { evidence, mend } of sightings.slice(0, MOST_SIGHTINGS)) {
    // Evidence quotes what others have written: names of processes, rules of a firewall.
    lines.push(`${INDENT}- ${printable(evidence)}`);
    lines.push(...mend.map((line) => `${INDENT}${INDENT}${printable(line)}`));
  }
  const more = sightings.length - MOST_SIGHTINGS;
  if (more > 0) lines.push(`${INDENT}- and ${more} more: ipvs doctor --json`);
  return `${lines.join('\n')}\n`;
}

function wrapped(text: string): string[] {
  const room = WIDTH - INDENT.length;
  const lines = text.match(new RegExp(`.{1,${room}}(?: |$)`, 'g')) ?? [text];
  return lines.map((line) => `${INDENT}${line.trimEnd()}`);
}

function summary({ findings, unseen, fine, ...roles }: Examination, paint: Paint): string {
  const names = [roles.director && 'a director', roles.realServer && 'a real server'];
  const what = names.filter((name) => name !== false).join(' and ');
  const found =
    findings.length === 0 ? paint.good('Nothing found') : paint.strong(`Found: ${findings.length}`);
  const left = unseen.length === 0 ? '' : `; not looked at: ${unseen.length}`;
  const all = fine + findings.length + unseen.length;
  return `${found}${left}; looked for: ${all}. This machine is ${what === '' ? 'neither a director nor a real server' : what}.`;
}

/** The same for programs: keys are stable, and so are the ids. */
export function reportJson({ findings, unseen, fine, director, realServer }: Examination): string {
  const found = inOrder(findings).map(({ check: { id, severity, title, why }, sightings }) => ({
    id,
    severity,
    title,
    why,
    sightings,
  }));
  const notLookedAt = unseen.map(({ check: { id }, reason }) => ({ id, reason }));
  return JSON.stringify({ director, realServer, findings: found, notLookedAt, fine }, undefined, 2);
}
