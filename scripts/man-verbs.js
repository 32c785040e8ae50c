// The parts of the manual of `ipvs` that its verbs and their tables say.
import { basename } from 'node:path';
import { escape, lineOf, sentence } from './man-text.js';

/** Which page describes which verbs, by their first words. */
export const verbPages = {
  'man/ipvs-list.8': ['list', 'connections', 'stats', 'top', 'metrics'],
  'man/ipvs-apply.8': [
    ...['export', 'import', 'diff', 'apply', 'set', 'add', 'delete', 'drain', 'undrain', 'schema'],
  ],
  'man/ipvs-agent.8': ['agent', 'status', 'events', 'maintenance'],
  'man/ipvs.8': ['rules', 'director', 'realserver', 'install', 'uninstall', 'doctor'],
};

const isOn = (page, { path, isHidden }) => isHidden !== true && verbPages[page].includes(path[0]);

/** `-f, --file <path>` as macros: the short name if there is one, and what its value is. */
function verbOption({ flags, choices, isRequired }) {
  const [, short, long, value, optional] = /^(?:-(\w), )?--([\w-]+)(?: <(.+)>| \[(.+)\])?$/.exec(
    flags,
  );
  const word = value ?? optional;
  const name = `Fl ${short ?? `\\-${escape(long)}`}`;
  const words =
    choices === undefined
      ? word && ` ${optional ? 'Op ' : ''}Ar ${word.toUpperCase()}`
      : ` Cm ${choices.join(' | ')}`;
  return `.${isRequired ? '' : 'Op '}${name}${words ?? ''}`;
}

/** What each verb of a page takes. */
export const verbSection =
  (page) =>
  ({ verbs }) =>
    verbs
      .filter((verb) => isOn(page, verb))
      .flatMap(({ path, arguments: words = [], options }) => [
        '.Nm ipvs',
        `.Ic ${path.join(' ')}`,
        ...words.map(
          ({ name, isRequired, isVariadic }) =>
            `.${isRequired ? '' : 'Op '}Ar ${name.toUpperCase()}${isVariadic ? ' ...' : ''}`,
        ),
        ...Object.values(options).map(verbOption),
      ]);

/** Which verbs other pages describe. */
export const otherPagesSection =
  (page) =>
  ({ verbs }) =>
    Object.keys(verbPages)
      .filter((other) => other !== page)
      .flatMap((other) => {
        const [name, section] = basename(other).split('.');
        return [
          `.Ss Described in ${name} Ns Pq ${section}`,
          '.Bl -tag -width connections -compact',
          ...verbs
            .filter((verb) => isOn(other, verb))
            .flatMap(({ path, summary }) => [
              `.It Ic ${path.join(' ')}`,
              lineOf(sentence(summary)),
            ]),
          '.El',
        ];
      });

/** The columns of `ipvs list`. */
export function columnSection({ listColumns }) {
  const options = { wide: '-o wide', stats: '--stats', rates: '--rates' };
  const optionOf = (group) => options[group] ?? `--${group}`;
  return [
    '.Bl -tag -width Ds',
    ...listColumns.flatMap(({ key, title, help, group }) => [
      `.It Li ${key} Pq ${title}`,
      lineOf(sentence(help)),
      ...(group === undefined ? [] : [lineOf(`Shown with ${optionOf(group)}.`)]),
    ]),
    '.El',
  ];
}

/** The states of connections. */
export function stateSection({ connectionStates }) {
  return [lineOf(`The states are ${connectionStates.join(', ')}.`)];
}

/** The keys of `ipvs top`. */
export function keySection({ bindings }) {
  return [
    '.Bl -tag -width PgDn,XCtrl-F -compact',
    ...bindings.flatMap(({ shown, about }) => [
      `.It ${shown.replaceAll(', ', ' , ').replaceAll('-', '\\-')}`,
      lineOf(sentence(about)),
    ]),
    '.El',
  ];
}

/** All metrics, with their labels. */
export function metricSection(tables) {
  const groups = [
    ['The director', tables.directorInfo],
    ['', tables.directorMetrics],
    ['Each virtual service', tables.serviceMetrics],
    ['Each real server of each virtual service', tables.serverMetrics],
    ['With \\-\\-compat node_exporter', tables.backendMetrics],
    ['', tables.totalMetrics],
    ['With \\-\\-compat keepalived', tables.vipMetrics],
    ['', tables.rsMetrics],
  ];
  return groups.flatMap(([title, { labels, metrics }]) => [
    '.Pp',
    ...headOf(title, labels),
    '.Bl -tag -width Ds -compact',
    ...metrics.flatMap(({ name, help }) => [`.It Li ${name}`, ...sentencesOf(help)]),
    '.El',
  ]);
}

function headOf(title, labels) {
  const names = labels.map(({ name }) => name).join(', ');
  const head = title === '' ? [] : [`.Em ${title} .`];
  return names === '' ? [...head, 'No labels:'] : [...head, `Labels ${names}:`];
}

/** Each on a line of its own. */
const sentencesOf = (text) =>
  (text.endsWith('.') ? text : `${text}.`).split(/(?<=[.]) (?=[A-Z\d])/).map(lineOf);

/** The settings of set and add. */
export function settingSection({ serviceKeys, serverKeys }) {
  return [
    ...['Of a virtual service:', ...settingList(serviceKeys)],
    ...['.Pp', 'Of a real server:', ...settingList(serverKeys)],
  ];
}

const settingList = (keys) => [
  '.Bl -tag -width Ds',
  ...keys.flatMap(({ name, value, summary }) => [
    `.It Li ${escape(`${name}=${value}`)}`,
    lineOf(sentence(summary)),
  ]),
  '.El',
];
