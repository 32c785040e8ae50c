import { commandLines } from '../../rules/grammar/commands.js';
import type { Command, OperativeCommand } from '../../rules/grammar/commands.js';
import type { OptionValue, Word } from '../../rules/grammar/option-values.js';
import { legality, optionLines } from '../../rules/grammar/options.js';
import type { Legality, OptionLine, ReportName } from '../../rules/grammar/options.js';

/** An option that goes with a command, and those whose presence forbids it: its like, and itself. */
export interface Offer {
  readonly option: OptionLine;
  readonly excludedBy: readonly OptionLine[];
}

/** The commands with which the same options go, and those options. */
export interface OfferGroup {
  readonly commands: readonly string[];
  readonly offers: readonly Offer[];
}

/** A command of the table. */
export type CommandLine = (typeof commandLines)[number];

/** The options to offer behind a command. */
export function offersOf(command: Command): Offer[] {
  if (command === 'help' || command === 'version') return [];
  const legal = optionLines.filter((option) => isLegal(option, command));
  return legal.map((option) => ({
    option,
    excludedBy: legal.filter((other) => excludes(other, option, command)),
  }));
}

/** The commands by their long names, those together with which the same goes. */
export function offerGroups(): OfferGroup[] {
  const groups = new Map<string, { commands: string[]; offers: Offer[] }>();
  for (const { name, long } of commandLines) {
    const offers = offersOf(name);
    if (offers.length === 0) continue;
    const key = offers
      .map(({ option, excludedBy }) => [option, ...excludedBy].map((line) => line.long).join())
      .join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { commands: [long], offers });
    else group.commands.push(long);
  }
  return [...groups.values()];
}

/** What is never illegal makes sense where all others of its group are legal. */
function isLegal({ report, group }: OptionLine, command: OperativeCommand): boolean {
  if (report !== undefined) return legalityOf(report, command) !== undefined;
  const others = optionLines.filter((line) => line.group === group);
  return others.every((line) => line.report === undefined || isLegal(line, command));
}

function legalityOf(report: ReportName, command: OperativeCommand): Legality | undefined {
  const row: Readonly<Partial<Record<OperativeCommand, Legality>>> = legality[report];
  return row[command];
}

function excludes(one: OptionLine, other: OptionLine, command: OperativeCommand): boolean {
  if (one === other) return true;
  if (one.value.sets !== undefined && one.value.sets === other.value.sets) return true;
  if (conflicts(one, other) || conflicts(other, one)) return true;
  if (contradicts(one, other, command) || contradicts(other, one, command)) return true;
  if (one.report === undefined || other.report === undefined) return false;
  const bothExclusive = [one.report, other.report].every(
    (report) => legalityOf(report, command) === 'exclusive',
  );
  return one.report === other.report || bothExclusive;
}

/** Whether the command cannot show both at the same time. */
function conflicts({ notWith = [] }: OptionLine, { report }: OptionLine): boolean {
  return report !== undefined && notWith.includes(report);
}

/** Whether an option says more about one that the other excludes. */
function contradicts(
  one: OptionLine,
  { qualifies }: OptionLine,
  command: OperativeCommand,
): boolean {
  if (qualifies === undefined || qualifies === one.long) return false;
  return excludes(one, optionLine(qualifies), command);
}

/** An option by its long name. */
export function optionLine(long: string): OptionLine {
  const line = optionLines.find((option) => option.long === long);
  if (line === undefined) throw new Error(`no option --${long}`);
  return line;
}

/** A command by the name that error texts use. */
export function commandLine(name: Command): CommandLine {
  const line = commandLines.find((command) => command.name === name);
  if (line === undefined) throw new Error(`no command ${name}`);
  return line;
}

/** How an option or a command may be typed. */
export function spellings(line: {
  readonly long: string;
  readonly short?: string;
  readonly alias?: string;
}): string[] {
  const letters = [line.short, line.alias].filter((letter) => letter !== undefined);
  return [...letters.map((letter) => `-${letter}`), `--${line.long}`];
}

/** The words that complete a value. */
export function wordsOf({ choices, suggestions }: OptionValue): readonly Word[] {
  return suggestions ?? choices?.map((word) => ({ word })) ?? [];
}

/** The commands, by their long names, that add what an option names: nothing that is there completes it. */
export function commandsAdding({ value: { completes } }: OptionLine): string[] {
  return commandLines.flatMap(({ long, adds }) =>
    adds !== undefined && adds === completes ? [long] : [],
  );
}

/** The options of ipvsadm-save, which takes letters alone. */
export function offersOfSave(): Offer[] {
  return offersOf('save').filter(({ option }) => option.short !== undefined);
}

/** How ipvsadm-save takes an option. */
export function letterOf({ short = '' }: OptionLine): string {
  return `-${short}`;
}

/** What stands on top of each script, behind the shell's sign of a comment. */
export const NOTICE =
  "Generated from ipvsadm's tables of commands and options when the package ipvs was built: do not edit.";
