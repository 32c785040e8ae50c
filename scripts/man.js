// The parts of the manual that say what the tables say: node scripts/man.js. To see whether they are current: --check.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from './evaluate.js';
import { stateKeySection } from './man-state.js';
import { escape, lineOf, sentence, wrap } from './man-text.js';
import {
  columnSection,
  keySection,
  metricSection,
  otherPagesSection,
  settingSection,
  stateSection,
  verbPages,
  verbSection,
} from './man-verbs.js';

const project = join(import.meta.dirname, '..');

/** Words as arguments of a macro: upper-case ones stand for something, the others are typed. */
function argumentsOf(words) {
  return words.flatMap((word) => {
    const [, open, middle, close] = /^(\[?)(.*?)(\]?)$/.exec(word);
    const typed = middle.startsWith('-') ? `Fl ${escape(middle.slice(1))}` : `Ar ${middle}`;
    return [open && 'Oo', typed, close && 'Oc'].filter(Boolean);
  });
}

/** `[service options]` is one thing in the synopsis. */
const splitSynopsis = (text = '') => text.match(/\[[^\]-][^\]]*\]|\S+/g) ?? [];

function synopsis({ commandLines }) {
  return commandLines.flatMap(({ short, long, argument, positionals, synopsis: rest }) => {
    const words = [argument, ...splitSynopsis(positionals), ...splitSynopsis(rest)];
    const flag = short === undefined ? `\\-${escape(long)}` : short;
    return [
      '.Nm',
      `.Fl ${flag}`,
      ...words.filter(Boolean).map((word) => `.${argumentsOf([word]).join(' ')}`),
    ];
  });
}

const flagsOf = ({ short, alias, long }) =>
  [short, alias, `\\-${escape(long)}`].filter(Boolean).map((name) => `Fl ${name}`);

function item(flags, metavar, optional, text) {
  const argument = metavar === undefined ? '' : optional ? ` Op Ar ${metavar}` : ` Ar ${metavar}`;
  return [`.It ${flags.join(' , ')}${argument}`, lineOf(sentence(text))];
}

function commandSection({ commandLines }) {
  return [
    '.Bl -tag -width Ds',
    ...commandLines.flatMap((line) =>
      item(
        flagsOf(line),
        line.argument ?? line.positionals?.split(' ').join(' Ar '),
        false,
        line.help,
      ),
    ),
    '.El',
  ];
}

/** Which commands take an option, as `-A and -E`. */
function commandsOf({ commandLines, legality }, { report }) {
  if (report === undefined) return [];
  return commandLines.filter(({ name }) => name in legality[report]).map(commandFlag);
}

const commandFlag = ({ short, long }) => (short === undefined ? `\\-${escape(long)}` : short);

const flagList = (flags) =>
  flags.map((flag, index) =>
    index === flags.length - 1
      ? `.Fl ${flag} .`
      : `.Fl ${flag} ${index === flags.length - 2 ? 'No and' : ','}`,
  );

/** What most options of a group go with; those that differ say so themselves. */
function commonCommands(all, lines) {
  const counts = new Map();
  for (const line of lines) {
    const key = commandsOf(all, line).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0][0];
}

const groupTitles = {
  service: 'Virtual service',
  'service options': 'Service options',
  'server options': 'Server options',
  'list options': 'List options',
  'daemon options': 'Daemon options',
};

function optionSection(all) {
  return Object.entries(groupTitles).flatMap(([group, title]) => {
    const lines = all.optionLines.filter((line) => line.group === group);
    const common = commonCommands(all, lines);
    return [
      `.Ss ${title}`,
      'With',
      ...flagList(common.split(',')),
      '.Bl -tag -width Ds',
      ...lines.flatMap((line) => optionItem(all, line, common)),
      '.El',
    ];
  });
}

function optionItem(all, line, common) {
  const { argument, metavar, range, choices } = line.value;
  const facts = [
    range && `From ${range.join(' to ')}.`,
    choices && `One of: ${choices.join(', ')}.`,
    line.otherwise && lineOf(`Default: ${line.otherwise}.`),
  ].filter(Boolean);
  const commands = commandsOf(all, line);
  const differs = commands.length > 0 && commands.join() !== common;
  return [
    ...item(flagsOf(line), metavar, argument === 'optional', all.helpOf(line)),
    ...facts,
    ...(differs ? ['With', ...flagList(commands)] : []),
  ];
}

/** What the doctor looks for, one by one. */
function findingSection({ checks }) {
  return [
    '.Bl -tag -width Ds',
    ...checks.flatMap(({ id, severity, role, title, why, active }) => [
      `.It Li ${escape(id)} Pq ${role === 'any' ? severity : `${severity} , ${role}`}`,
      lineOf(`${title}.`),
      ...why.split(/(?<=[.:;]) (?=[A-Z])/).map(lineOf),
      ...(active ? ['Not checked with', '.Fl \\-passive .'] : []),
    ]),
    '.El',
  ];
}

function exitStatusSection({ exitStatuses }) {
  return [
    '.Bl -tag -width Ds',
    ...exitStatuses.flatMap(({ status, meaning }) => [
      `.It ${status}`,
      ...meaning.split(/(?<=[.:;]) (?=[A-Z])/).map(lineOf),
    ]),
    '.El',
  ];
}

/** Each page with generated parts: the tables they are made of, and what makes them. */
const pages = {
  'man/ipvsadm.8': {
    tables: ['src/rules/grammar/commands.ts', 'src/rules/grammar/options.ts'],
    sections: { synopsis, commands: commandSection, options: optionSection },
  },
  'man/ipvs.8': {
    tables: ['src/doctor/checks.ts', 'src/cli/verbs.ts', 'src/terminal/exit-status.ts'],
    sections: {
      verbs: verbSection('man/ipvs.8'),
      'other pages': otherPagesSection('man/ipvs.8'),
      findings: findingSection,
      'exit statuses': exitStatusSection,
    },
  },
  'man/ipvs-list.8': {
    tables: [
      'src/cli/verbs.ts',
      'src/cli/views/list-columns.ts',
      'src/cli/top/commands.ts',
      'src/ipvs/model/connection.ts',
      'src/state/metrics/own.ts',
      'src/state/metrics/node-exporter.ts',
      'src/state/metrics/keepalived.ts',
    ],
    sections: {
      verbs: verbSection('man/ipvs-list.8'),
      columns: columnSection,
      states: stateSection,
      keys: keySection,
      metrics: metricSection,
    },
  },
  'man/ipvs-apply.8': {
    tables: ['src/cli/verbs.ts', 'src/cli/commands/setting-keys.ts'],
    sections: { verbs: verbSection('man/ipvs-apply.8'), settings: settingSection },
  },
  'man/ipvs-agent.8': {
    tables: ['src/cli/verbs.ts'],
    sections: { verbs: verbSection('man/ipvs-agent.8') },
  },
  'man/ipvs-state.5': {
    tables: ['src/state/file/fields.ts', 'src/state/file/check-fields.ts'],
    sections: { keys: stateKeySection },
  },
};

export const generatedPages = Object.keys(pages);
export { verbPages };

/** A page of the manual with its generated parts made anew. */
export async function currentManual(page) {
  const { tables, sections } = pages[page];
  const all = Object.assign({}, ...(await Promise.all(tables.map(evaluate))));
  return Object.entries(sections).reduce((text, [name, make]) => {
    const begin = `.\\" Generated from the tables: ${name}\n`;
    const end = `.\\" End of what is generated: ${name}\n`;
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    if (after === undefined) throw new Error(`${page}: no marks for ${name}`);
    const lines = make(all).flatMap(wrap);
    return [before, begin, ...lines.map((line) => `${line}\n`), end, after].join('');
  }, readPage(page));
}

const readPage = (page) => readFileSync(join(project, page), 'utf8');

if (import.meta.filename === process.argv[1]) {
  for (const page of generatedPages) {
    const current = await currentManual(page);
    if (!process.argv.includes('--check')) writeFileSync(join(project, page), current);
    else if (current !== readPage(page)) {
      console.error(`${page} is not what the tables say. To make it so: node scripts/man.js`);
      process.exit(1);
    }
  }
}
