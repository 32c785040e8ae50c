import { commandLines } from '../../rules/grammar/commands.js';
import { optionLines } from '../../rules/grammar/options.js';
import type { OptionLine } from '../../rules/grammar/options.js';
import { bashEngine } from './bash-engine.js';
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
import type { Offer } from './offers.js';

/** The script that makes bash complete ipvsadm and its like. It needs nothing of the package bash-completion. */
export function bashCompletion(): string {
  return [
    '# bash completion of ipvsadm, ipvsadm-save and ipvsadm-restore.',
    `# ${NOTICE}`,
    '',
    ...findFunction(),
    '',
    ...offersFunction(),
    '',
    ...valuesFunction(),
    '',
    bashEngine(facts()),
  ].join('\n');
}

/** A function of one `case`. */
function caseFunction(comment: string, name: string, subject: string, cases: readonly string[]) {
  return [
    `# ${comment}`,
    `${name}()`,
    '{',
    `    case ${subject} in`,
    ...cases.map((line) => `        ${line}`),
    '    esac',
    '}',
  ];
}

function findFunction(): string[] {
  const cases = known().map(
    ({ spellings: names, name, kind, argument }) =>
      `${names.join(' | ')}) name=${name} kind=${kind} argument=${argument} ;;`,
  );
  return caseFunction(
    'What an option or a command is, by one of its names.',
    '_ipvsadm_find',
    '$1',
    [...cases, '*) return 1 ;;'],
  );
}

function offersFunction(): string[] {
  const commands = commandLines.flatMap(spellings);
  const cases = [
    `'') candidates=(${commands.join(' ')}) ;;`,
    ...offerGroups().flatMap(({ commands: names, offers }) => [
      `${names.join(' | ')})`,
      ...offers.map((offer) => `    ${offerLine(offer, spellings(offer.option))}`),
      '    ;;',
    ]),
    'ipvsadm-save)',
    ...offersOfSave().map((offer) => `    ${offerLine(offer, [letterOf(offer.option)])}`),
    '    ;;',
  ];
  return caseFunction(
    'Offers the options that go with the command; before there is one, the commands.',
    '_ipvsadm_offers',
    '$command',
    cases,
  );
}

function offerLine({ excludedBy }: Offer, names: readonly string[]): string {
  return `_ipvsadm_offer '${names.join(' ')}' ${excludedBy.map(({ long }) => long).join(' ')}`;
}

function valuesFunction(): string[] {
  const commands = commandLines.flatMap(({ long, choices }) =>
    choices === undefined ? [] : [`${long}) candidates=(${choices.join(' ')}) ;;`],
  );
  const options = optionLines.flatMap((option) => {
    const action = valueAction(option);
    return action === undefined ? [] : [`${option.long}) ${action} ;;`];
  });
  return caseFunction('Offers what the value of an option may be.', '_ipvsadm_values', '$1', [
    ...commands,
    ...options,
  ]);
}

function valueAction(option: OptionLine): string | undefined {
  const words = wordsOf(option.value).map(({ word, scheduler }) =>
    scheduler === undefined ? word : `${scheduler}:${word}`,
  );
  if (option.value.list) return `_ipvsadm_list ${words.join(' ')}`;
  if (words.length > 0) return `candidates=(${words.join(' ')})`;
  const adding = commandsAdding(option).join(' ');
  switch (option.value.completes) {
    case 'service':
      return `_ipvsadm_services ${option.long} ${adding}`;
    case 'real-server':
      return `_ipvsadm_servers ${adding}`;
    case 'interface':
      return '_ipvsadm_interfaces';
    default:
      return undefined;
  }
}
