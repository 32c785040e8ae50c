import { commandLines } from '../../rules/grammar/commands.js';
import { optionLines } from '../../rules/grammar/options.js';
import type { Word } from '../../rules/grammar/option-values.js';
import type { OptionLine } from '../../rules/grammar/options.js';
import { shellQuoted } from '../../common/shell-quoted.js';
import { facts } from './facts.js';
import { known } from './known.js';
import {
  NOTICE,
  commandsAdding,
  letterOf,
  offerGroups,
  offersOfSave,
  spellings,
  wordsOf,
} from './offers.js';
import type { CommandLine, Offer } from './offers.js';
import { zshEngine } from './zsh-engine.js';

/** The script that makes zsh complete ipvsadm and its like. */
export function zshCompletion(): string {
  return [
    '#compdef ipvsadm ipvsadm-save ipvsadm-restore',
    `# ${NOTICE}`,
    '',
    ...findFunction(),
    '',
    ...specsFunction(),
    '',
    ...wordsFunctions(),
    zshEngine(facts()),
  ].join('\n');
}

function findFunction(): string[] {
  return [
    '# What an option or a command is, by one of its names.',
    '_ipvsadm_find()',
    '{',
    '  case $1 in',
    ...known().map(
      ({ spellings: names, name, kind, argument }) =>
        `    (${names.join('|')}) name=${name} kind=${kind} argument=${argument} ;;`,
    ),
    '    (*)',
    '      name=unknown kind=option argument=none',
    '      return 1',
    '      ;;',
    '  esac',
    '}',
  ];
}

/** The descriptions that _arguments takes: of the commands, and of the options that go with each. */
function specsFunction(): string[] {
  const hidden = commandLines.flatMap((line) => {
    const value = line.argument === undefined ? '' : `=:${line.argument.toLowerCase()}: `;
    return spellings(line).map((name) => shellQuoted(`!${name}${value}`));
  });
  return [
    '# The options that go with the command; before there is one, the commands.',
    '_ipvsadm_specs()',
    '{',
    '  case $command in',
    "    ('')",
    '      specs=(',
    ...commandLines.map((line) => `        ${commandSpec(line)}`),
    '      )',
    '      return',
    '      ;;',
    ...offerGroups().flatMap(({ commands, offers }) => [
      `    (${commands.join('|')})`,
      '      specs=(',
      ...offers.map((offer) => `        ${offerSpec(offer)}`),
      '      )',
      '      ;;',
    ]),
    '    (ipvsadm-save)',
    '      specs=(',
    ...offersOfSave().map(({ option }) => {
      const letter = letterOf(option);
      return `        ${shellQuoted(`(${letter})${letter}[${explain(option.help)}]`)}`;
    }),
    '      )',
    '      return',
    '      ;;',
    '    (*) return ;;',
    '  esac',
    '  # The command is on the line.',
    `  specs+=(${hidden.join(' ')})`,
    '}',
  ];
}

function commandSpec(line: CommandLine): string {
  const names = spellings(line);
  const text = `[${explain(line.help)}]`;
  if (line.argument === undefined) return `'(- *)'${braces(names)}${shellQuoted(text)}`;
  const words = line.choices === undefined ? ' ' : `(${line.choices.join(' ')})`;
  const [name = ''] = names;
  return shellQuoted(`(- *)${name}=${text}:${line.argument.toLowerCase()}:${words}`);
}

function offerSpec({ option, excludedBy }: Offer): string {
  const names = spellings(option);
  const { argument, metavar = '' } = option.value;
  const colon = argument === 'optional' ? '::' : ':';
  const value = argument === 'none' ? '' : `${colon}${metavar.toLowerCase()}:${action(option)}`;
  const typed =
    argument === 'none'
      ? names
      : names.map((name) => (name.startsWith('--') ? `${name}=` : `${name}+`));
  const excluded = excludedBy.flatMap(spellings).join(' ');
  return `'(${excluded})'${braces(typed)}${shellQuoted(`[${explain(option.help)}]${value}`)}`;
}

/** What completes a value, as _arguments has it: a blank says that it hands nothing on. */
function action(option: OptionLine): string {
  const { completes, list } = option.value;
  const words = wordsOf(option.value);
  if (list || words.some(({ help }) => help !== undefined)) return ` ${wordsName(option)}`;
  if (words.length > 0) return `(${words.map(({ word }) => word).join(' ')})`;
  const adding = commandsAdding(option).join(' ');
  switch (completes) {
    case 'service':
      return ` _ipvsadm_services ${option.long} ${adding}`;
    case 'real-server':
      return ` _ipvsadm_servers ${adding}`;
    case 'interface':
      return ' _ipvsadm_interfaces';
    default:
      return ' ';
  }
}

function wordsName({ long }: OptionLine): string {
  return `_ipvsadm_words_${long.replaceAll('-', '_')}`;
}

/** A function for each value of words that are explained. */
function wordsFunctions(): string[] {
  return optionLines.flatMap((option) => {
    const words = wordsOf(option.value);
    if (action(option) !== ` ${wordsName(option)}`) return [];
    const name = (option.value.metavar ?? '').toLowerCase();
    const body = option.value.list
      ? [...words.map(listedWord), `  _values -s , ${name} $words`]
      : [...words.map(describedWord), `  _describe -t ${option.long}s ${name} words`];
    return [`${wordsName(option)}()`, '{', '  local -a words', ...body, '}', ''];
  });
}

/** A word of a comma list; when a scheduler is on the line, and it goes with another, it is left out. */
function listedWord({ word, help = '', scheduler }: Word): string {
  const condition = scheduler === undefined ? '' : `[[ $scheduler == (|${scheduler}) ]] && `;
  return `  ${condition}words+=(${shellQuoted(`${word}[${explain(help)}]`)})`;
}

function describedWord({ word, help = '' }: Word): string {
  return `  words+=(${shellQuoted(`${word}:${help}`)})`;
}

/** Several spellings of one, as the shell's braces write them. */
function braces(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `{${names.join(',')}}`;
}

/** An explanation in brackets. */
function explain(text: string): string {
  return text.replaceAll(/[[\]\\:]/g, '\\$&');
}
