import { commandLines } from '../../rules/grammar/commands.js';
import type { Word } from '../../rules/grammar/option-values.js';
import type { OptionLine } from '../../rules/grammar/options.js';
import { facts, shortest } from './facts.js';
import { fishEngine } from './fish-engine.js';
import { known } from './known.js';
import { NOTICE, commandsAdding, letterOf, offerGroups, offersOfSave, wordsOf } from './offers.js';
import type { CommandLine } from './offers.js';

/** The script that makes fish complete ipvsadm and its like. */
export function fishCompletion(): string {
  return [
    '# fish completion of ipvsadm, ipvsadm-save and ipvsadm-restore.',
    `# ${NOTICE}`,
    '',
    ...findFunction(),
    '',
    fishEngine(facts()),
    ...commandLines.map(commandRule),
    '',
    ...optionRules(),
    '',
    ...offersOfSave().map(({ option }) => saveRule(option)),
    '',
  ].join('\n');
}

function saveRule(option: OptionLine): string {
  const letter = letterOf(option);
  const condition = quote(`not contains -- ${letter} (commandline -opc)`);
  return `complete -c ipvsadm-save -n ${condition} -s ${letter.slice(1)} -d ${quote(option.help)}`;
}

function findFunction(): string[] {
  return [
    '# What an option or a command is, by one of its names: kind, long name, whether it takes a value.',
    'function __ipvsadm_find --argument-names name',
    '    switch $name',
    ...known().flatMap(({ spellings: names, name, kind, argument }) => [
      `        case ${names.join(' ')}`,
      `            printf '%s\\n' ${kind} ${name} ${argument}`,
    ]),
    "        case '*'",
    "            printf '%s\\n' option unknown none",
    '    end',
    'end',
  ];
}

function commandRule(line: CommandLine): string {
  const value =
    line.argument === undefined
      ? ''
      : ` -x -a ${quote(explained((line.choices ?? []).map((word) => ({ word }))))}`;
  return `complete -c ipvsadm -n __ipvsadm_begins${names(line)}${value} -d ${quote(line.help)}`;
}

/** A rule for each option and each set of others that exclude it: with which commands it goes. */
function optionRules(): string[] {
  const rules = new Map<string, { option: OptionLine; excluding: string; commands: string[] }>();
  for (const { commands, offers } of offerGroups()) {
    for (const { option, excludedBy } of offers) {
      const excluding = excludedBy.map(({ long }) => long).join(' ');
      const key = `${option.long}: ${excluding}`;
      const rule = rules.get(key) ?? { option, excluding, commands: [] };
      rule.commands.push(...commands);
      rules.set(key, rule);
    }
  }
  return [...rules.values()].map(({ option, excluding, commands }) => {
    const condition = `__ipvsadm_offers "${commands.join(' ')}" "${excluding}"`;
    return `complete -c ipvsadm -n '${condition}'${names(option)}${value(option)} -d ${quote(option.help)}`;
  });
}

function names({ short, alias, long }: CommandLine | (OptionLine & { alias?: never })): string {
  const letters = [short, alias].filter((letter) => letter !== undefined);
  return [...letters.map((letter) => ` -s ${letter}`), ` -l ${long}`].join('');
}

/** An optional value can be the next word only if it is not declared to fish. */
function value(option: OptionLine): string {
  if (option.value.argument !== 'required') return '';
  const candidates = valueAction(option);
  return candidates === undefined ? ' -x' : ` -x -a ${quote(candidates)}`;
}

function valueAction(option: OptionLine): string | undefined {
  const words = wordsOf(option.value);
  if (words.length > 0) {
    return option.value.list ? listed(words) : explained(words);
  }
  const adding = commandsAdding(option).join(' ');
  switch (option.value.completes) {
    case 'service':
      return `(__ipvsadm_services ${shortest(option)} ${adding})`;
    case 'real-server':
      return `(__ipvsadm_servers ${adding})`;
    case 'interface':
      return '(__ipvsadm_interfaces)';
    default:
      return undefined;
  }
}

/** Words with their descriptions. An empty one is passed explicitly, or fish would show the option's help for each word. */
function explained(words: readonly Word[]): string {
  const pairs = words.map(({ word, help = '' }) => `${word} "${help}"`);
  return `(__ipvsadm_words ${pairs.join(' ')})`;
}

function listed(words: readonly Word[]): string {
  const triples = words.map(
    ({ word, help = '', scheduler = '' }) => `"${scheduler}" ${word} "${help}"`,
  );
  return `(__ipvsadm_list ${triples.join(' ')})`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
