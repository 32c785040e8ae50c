import { optionLines } from '../../rules/grammar/options.js';
import { commandLine, optionLine, spellings } from './offers.js';

/** What the scripts' own code must know of the tables: how rules are saved, and how some options are named. */
export interface Facts {
  /** The long names of the options that name a virtual service. */
  readonly services: readonly string[];
  /** As rules have them: `-A`, `-a`, `-6`, `-r`. */
  readonly addService: string;
  readonly addServer: string;
  readonly ipv6: string;
  readonly realServer: string;
  readonly ipv6Name: string;
  readonly scheduler: string;
  /** The letters of options whose value is a comma list, as a class of characters. */
  readonly listLetters: string;
}

/** The facts as the tables have them. */
export function facts(): Facts {
  const lists = optionLines.filter(({ value }) => value.list === true);
  const ipv6 = optionLine('ipv6');
  return {
    services: optionLines
      .filter(({ value }) => value.completes === 'service')
      .map(({ long }) => long),
    addService: shortest(commandLine('add-service')),
    addServer: shortest(commandLine('add-server')),
    ipv6: shortest(ipv6),
    realServer: shortest(optionLine('real-server')),
    ipv6Name: ipv6.long,
    scheduler: optionLine('scheduler').long,
    listLetters: `[${lists.map(({ short = '' }) => short).join('')}]`,
  };
}

/** How rules spell an option or a command. */
export function shortest(line: Parameters<typeof spellings>[0]): string {
  const [first = ''] = spellings(line);
  return first;
}
