import { InvalidArgumentError } from 'commander';
import { flag } from '../option-spec.js';
import type { OptionSpec } from '../option-spec.js';
import { defineVerb } from '../verb.js';

/** The first of them that exists. */
export const CONFIG_FILES = ['/etc/ipvs/ipvs.yaml', '/etc/ipvs/conf.d'] as const;
export const ON_EXIT = ['leave', 'drain', 'remove'] as const;
export const LOG_FORMATS = ['text', 'json'] as const;

export const configOption: OptionSpec<string | undefined> = {
  flags: '-f, --file <file>',
  summary: `state file or folder; default: ${CONFIG_FILES.join(', then ')}`,
  initial: undefined,
  completes: 'file',
  parse: notEmpty,
};

const socketOption: OptionSpec<string | undefined> = {
  flags: '--socket <path>',
  summary: 'where it can be asked; default: /run/ipvs/agent.sock',
  initial: undefined,
  parse: notEmpty,
};

const listenOption: OptionSpec<string | undefined> = {
  flags: '--listen <address:port>',
  summary: 'serve a page, metrics and what it knows there, read-only: 127.0.0.1:9786',
  initial: undefined,
  parse: notEmpty,
};

const onExitOption: OptionSpec<(typeof ON_EXIT)[number]> = {
  flags: '--on-exit <what>',
  summary: 'what becomes of its services when it ends',
  initial: 'leave',
  shownDefault: 'leave',
  choices: ON_EXIT,
};

const logOption: OptionSpec<(typeof LOG_FORMATS)[number]> = {
  flags: '--log <format>',
  summary: 'how it writes events to standard error',
  initial: 'text',
  shownDefault: 'text',
  choices: LOG_FORMATS,
};

function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

export const agent = defineVerb({
  path: ['agent'],
  summary: 'check real servers, and keep the table what a state file and their health make it',
  options: {
    file: configOption,
    socket: socketOption,
    listen: listenOption,
    listenPublic: flag('--listen-public', 'allow --listen an address that others can reach'),
    onExit: onExitOption,
    once: flag('--once', 'check until each server has a verdict, write the table and end'),
    dryRun: flag('--dry-run', 'check and decide, but write nothing'),
    log: logOption,
  },
  notes:
    'It takes over what is in the table, and leaves it there when it ends. Services\n' +
    'that its file does not name are not touched. SIGHUP, and a change of the file,\n' +
    'make it read the file again; SIGTERM and SIGINT end it.',
  examples: [
    ['ipvs agent', 'with /etc/ipvs/ipvs.yaml, or the files of /etc/ipvs/conf.d'],
    ['ipvs agent --listen 127.0.0.1:9786', 'with a page at http://127.0.0.1:9786/'],
    ['ipvs agent -f web.yaml --once --dry-run', 'see what the checks would make of the table'],
  ],
  overview: ['ipvs agent -f web.yaml', 'check real servers, and keep the table by their health'],
  action: async () => (await import('../actions/agent.js')).agent,
});
