import { LONGEST_LINE } from '../../../rules/read-lines.js';
import type { LineReport } from './line-report.js';

/** A setting as it stands in the file. */
export interface ConfigLine {
  readonly key: string;
  /** Without blanks at its ends. */
  readonly value: string;
  readonly line: number;
}

/** A `virtual` line, and the settings that are indented below it. */
export interface VirtualSection {
  readonly line: number;
  /** `virtual6`. */
  readonly ipv6: boolean;
  readonly value: string;
  readonly settings: readonly ConfigLine[];
}

/** A configuration by its blocks. */
export interface Sections {
  readonly globals: readonly ConfigLine[];
  readonly virtuals: readonly VirtualSection[];
}

type OpenSection = VirtualSection & { readonly settings: ConfigLine[] };

/**
 * Divides a configuration into its blocks. A block is a `virtual` line and what is indented below it by a tab or four
 * spaces; an empty line ends it, a comment does not. Inside of a block `#` begins a comment anywhere, outside only a line.
 */
export function readSections(text: string, report: LineReport): Sections {
  const globals: ConfigLine[] = [];
  const virtuals: OpenSection[] = [];
  let section: OpenSection | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    if (raw.length > LONGEST_LINE) {
      report.wrong(line, 'the line is too long');
      continue;
    }
    if (/^\s*#/.test(raw)) continue;
    const indented = section && indentedText(raw);
    if (section !== undefined && indented !== undefined) {
      const setting = readSetting(indented, line, report);
      if (setting !== undefined) section.settings.push(setting);
      continue;
    }
    section = undefined;
    if (raw.trim() === '') continue;
    if (/^\s/.test(raw)) {
      report.wrong(line, OUTSIDE);
      continue;
    }
    const setting = readSetting(raw, line, report);
    if (setting === undefined) continue;
    if (setting.key === 'virtual' || setting.key === 'virtual6') {
      section = { line, ipv6: setting.key === 'virtual6', value: setting.value, settings: [] };
      virtuals.push(section);
    } else globals.push(setting);
  }
  return { globals, virtuals };
}

const OUTSIDE =
  'an indented line that belongs to no virtual service: its settings follow "virtual" without an empty line between ' +
  'them, and are indented by a tab or by four spaces';

/** What stands in a line of a block; undefined when the block ends here. */
function indentedText(raw: string): string | undefined {
  const comment = raw.indexOf('#');
  const said = comment < 0 ? raw : raw.slice(0, comment);
  const text = said.replaceAll('\t', '    ').trimEnd();
  return text.startsWith('    ') ? text.trimStart() : undefined;
}

function readSetting(text: string, line: number, report: LineReport): ConfigLine | undefined {
  const equals = text.indexOf('=');
  const key = (equals < 0 ? text : text.slice(0, equals)).trim();
  // "supervised" alone is an old way to switch it on.
  if (equals < 0 && key === 'supervised') return { key, value: 'yes', line };
  if (equals >= 0 && /^[\w-]+$/.test(key)) {
    return { key, value: text.slice(equals + 1).trim(), line };
  }
  // What stands there may be a password.
  report.wrong(line, 'not a setting: a line is of the form name = value');
  return undefined;
}
