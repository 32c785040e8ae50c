// The keys of state files, for the manual.
import { lineOf, sentence } from './man-text.js';

/** What a value may be, in words. */
function valueText(rule) {
  switch (rule.type) {
    case 'integer':
      return rule.min === rule.max ? `${rule.min}` : `a number from ${rule.min} to ${rule.max}`;
    case 'boolean':
      return 'true or false';
    case 'word':
      return rule.words.length === 1 ? rule.words[0] : `one of ${rule.words.join(', ')}`;
    case 'text':
      return rule.form.what;
    case 'list':
      return `a list, each entry ${valueText(rule.item)}`;
    case 'map':
      return `an object of any keys, each value ${valueText(rule.item)}`;
    case 'either':
      return rule.rules.map(valueText).join('; or ');
    case 'object':
      return 'an object';
    case 'variants':
      return 'an object with type';
    default:
      throw new Error(`no words for ${rule.type}`);
  }
}

const isObserved = ({ kind }) => kind.rule.type === 'observed';

function keyItem([name, { kind, summary, initial, isRequired }]) {
  return [
    `.It Li ${name}`,
    lineOf(sentence(summary)),
    lineOf(sentence(`value: ${valueText(kind.rule)}`)),
    ...(initial === undefined ? [] : [lineOf(`Default: ${initialText(initial)}.`)]),
    ...(isRequired ? ['Required.'] : []),
  ];
}

const initialText = (initial) =>
  Array.isArray(initial) && initial.length === 0 ? 'none' : String(initial);

const keyList = (fields) => [
  '.Bl -tag -width Ds',
  ...Object.entries(fields)
    .filter(([, field]) => !isObserved(field))
    .flatMap(keyItem),
  '.El',
];

const fieldsOf = ({ kind }) => objectOf(kind.rule).fields;

/** The object that a value may be, or that the entries of a list may be. */
function objectOf(rule) {
  if (rule.type === 'object' || rule.type === 'variants') return rule;
  if (rule.type === 'list') return objectOf(rule.item);
  const found = rule.type === 'either' ? rule.rules.map(objectOf).find(Boolean) : undefined;
  return found;
}

const without = (fields, names) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
const only = (fields, names) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)));

/** Checks by https have all keys of those by http, which are not said twice. */
function checkPart(type, fields, { http }) {
  const title = `check of type ${type}`;
  if (type !== 'https') return [title, fields];
  return [title, without(fields, new Set(Object.keys(http))), ['All keys of type http, and:']];
}

/** All keys, object by object; those of the agent by themselves. */
export function stateKeySection({ stateFile, healthKeys, checks }) {
  const file = stateFile.rule.fields;
  const service = fieldsOf(file.services);
  const server = fieldsOf(service.servers);
  const { common, types } = objectOf(checks.rule);
  const parts = [
    ['The file', without(file, healthKeys.file)],
    ['timeouts', fieldsOf(file.timeouts)],
    ['Each entry of syncDaemons', fieldsOf(file.syncDaemons)],
    ['defaults', without(fieldsOf(file.defaults), healthKeys.service)],
    ['Each entry of services', without(service, healthKeys.service)],
    ['persistence', fieldsOf(service.persistence)],
    ['Each entry of servers', without(server, healthKeys.server)],
    ['tunnel', fieldsOf(server.tunnel)],
  ];
  const agentParts = [
    ['The file', only(file, healthKeys.file)],
    ['Each entry of services, or defaults', only(service, healthKeys.service)],
    ['sorryServer', fieldsOf(service.sorryServer)],
    ['announce', fieldsOf(service.announce)],
    ['Each entry of servers', only(server, healthKeys.server)],
    ['check, of any type', common],
    ...Object.entries(types).map(([type, fields]) => checkPart(type, fields, types)),
  ];
  return [
    ...parts.flatMap(([title, fields]) => [`.Ss ${title}`, ...keyList(fields)]),
    '.Sh KEYS OF THE AGENT',
    'These are for an agent that checks the health of real servers.',
    'All verbs check them for mistakes;',
    '.Ic diff',
    'and',
    '.Ic apply',
    'do nothing else with them.',
    'A check is an object with the key',
    '.Li type ;',
    lineOf(`the types are ${Object.keys(types).join(', ')}.`),
    ...agentParts.flatMap(([title, fields, more = []]) => [
      `.Ss ${title}`,
      ...more,
      ...keyList(fields),
    ]),
  ];
}
