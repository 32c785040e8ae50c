import { printable } from '../../../common/printable.js';
import type { ConfigLine } from './sections.js';
import type { LineReport } from './line-report.js';
import { shown } from './settings.js';
import type { Settings } from './settings.js';

/** What becomes of a setting that no key of a state file says. Undefined: there is nothing to note. */
type NoteOf = (value: string) => { readonly lost: string } | { readonly info: string } | undefined;

const lost =
  (message: string): NoteOf =>
  () => ({ lost: message });
const info =
  (message: string): NoteOf =>
  () => ({ info: message });

const mail = (key: string) =>
  lost(`${key}: no mail is sent; let onChange or webhook tell of changes of state`);

const login = (key: string) =>
  lost(`${key} is left out: no check logs in; write a check of type exec that does`);

/** Settings by name, wherever they stand. Values that may be secret are shown by none. */
const notes: Readonly<Record<string, NoteOf>> = {
  autoreload: (value) =>
    value === 'yes'
      ? { info: 'autoreload: the agent reads a file that has changed without being asked to' }
      : { lost: 'autoreload = no: the agent reads a file that has changed without being asked to' },
  callback: lost('callback: nothing is run when the file changes; use a path unit of systemd'),
  cleanstop: (value) =>
    value === 'yes'
      ? { lost: 'cleanstop: start the agent with --on-exit remove' }
      : {
          info: 'cleanstop = no: when the agent ends, the table stays, unless --on-exit says otherwise',
        },
  comment: (value) => (value === '' ? undefined : { info: `comment: ${shown(value)}` }),
  database: login('database'),
  emailalert: mail('emailalert'),
  emailalertfreq: mail('emailalertfreq'),
  emailalertfrom: mail('emailalertfrom'),
  emailalertstatus: mail('emailalertstatus'),
  execute: (value) => ({
    lost: `execute: import ${shown(value)} too, and put its state file into the same folder`,
  }),
  fallbackcommand: lost(
    'fallbackcommand is left out: let onChange run a command, which gets each change as JSON on its standard input',
  ),
  fork: info('fork: the agent checks all real servers at the same time, in one process'),
  load: lost('load is left out: ldirectord does not use it either'),
  logfile: lost('logfile: the agent logs to its standard error; the journal keeps it'),
  login: login('login'),
  maintenancedir: lost(
    'maintenancedir: files do not take real servers out; type ipvs maintenance on SERVER',
  ),
  monitorfile: lost('monitorfile: see the checks with ipvs events --follow'),
  passwd: login('passwd'),
  readdquiescent: (value) =>
    value === 'yes'
      ? { info: 'readdquiescent: the agent puts back what is missing in the table' }
      : { lost: 'readdquiescent = no: the agent puts back what somebody deletes from the table' },
  secret: login('secret'),
  smtp: mail('smtp'),
  supervised: info('supervised: the agent stays in the foreground'),
};

/** Notes what of a block's settings a state file cannot express, or expresses by itself. */
export function noteSettings(settings: Settings, report: LineReport): void {
  for (const line of [...settings.each(), ...settings.all('execute')]) note(line, report);
}

function note({ key, value, line }: ConfigLine, report: LineReport): void {
  const said = Object.hasOwn(notes, key) ? notes[key]?.(value) : undefined;
  if (said === undefined) return;
  if ('lost' in said) report.lost(line, printable(said.lost));
  else report.info(line, printable(said.info));
}

const CHECK_KEYS = ['checkcommand', 'checkport', 'httpmethod', 'receive', 'request', 'service'];
const WEB_KEYS = ['checkport', 'httpmethod', 'receive', 'request', 'service', 'virtualhost'];
const PORT_KEYS = ['checkport', 'service'];
const EXCHANGE_KEYS = ['checkport', 'receive', 'request', 'service'];
/** Their checks have neither request nor receive, in ldirectord either. */
const WORDLESS = new Set(['nntp', 'pop', 'pops', 'radius', 'sip', 'smtp', 'submission']);

/** Notes the settings for checks that the one at hand does not look at. */
export function noteUnused(
  settings: Settings,
  { type, kind }: { readonly type: string; readonly kind: string },
  report: LineReport,
): void {
  const used = keysOf(type, kind);
  for (const key of [...CHECK_KEYS, 'virtualhost', 'checkcount']) {
    const given = settings.get(key);
    if (given === undefined || used.includes(key)) continue;
    const of = type === 'negotiate' ? `service = ${kind}` : `checktype = ${type}`;
    report.info(given.line, `${key} says nothing with ${of}, as in ldirectord`);
  }
}

function keysOf(type: string, kind: string): readonly string[] {
  if (type === 'on' || type === 'off') return [];
  if (type === 'ping') return ['checkcount'];
  if (type === 'connect') return PORT_KEYS;
  if (type === 'external' || type === 'external-perl') return ['checkcommand'];
  if (kind === 'http' || kind === 'https') return WEB_KEYS;
  if (kind === 'none') return ['service', ...(type === 'negotiate' ? [] : ['checkport'])];
  return WORDLESS.has(kind) ? PORT_KEYS : EXCHANGE_KEYS;
}
