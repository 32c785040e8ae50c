import { daemonStates } from '../../ipvs/model/daemon.js';

/** A command of ipvsadm: what the first option on the line must be. */
interface CommandLine {
  readonly long: string;
  readonly short?: string;
  /** A second letter with the same meaning. */
  readonly alias?: string;
  /** What the command takes: a word of its own, or positionals behind it. */
  readonly argument?: string;
  /** All the words that its argument may be. */
  readonly choices?: readonly string[];
  readonly positionals?: string;
  /** What comes with it in the synopsis. */
  readonly synopsis?: string;
  /** What it adds: that is not there yet, so nothing that is there completes it. */
  readonly adds?: 'service' | 'real-server';
  readonly help: string;
}

/**
 * The commands, under the names that error texts give them. Reading, help, legality and the manual derive from this table
 * and from that of the options.
 */
export const commandTable = {
  'add-service': {
    long: 'add-service',
    short: 'A',
    adds: 'service',
    synopsis: 'SERVICE [service options]',
    help: 'add a virtual service',
  },
  'edit-service': {
    long: 'edit-service',
    short: 'E',
    synopsis: 'SERVICE [service options]',
    help: 'replace all settings of a virtual service; anything omitted is reset to its default',
  },
  'delete-service': {
    long: 'delete-service',
    short: 'D',
    synopsis: 'SERVICE',
    help: 'delete a virtual service and its real servers',
  },
  flush: { long: 'clear', short: 'C', help: 'delete all virtual services' },
  list: {
    long: 'list',
    short: 'L',
    alias: 'l',
    synopsis: '[SERVICE] [list options]',
    help: 'list the table; the default without a command',
  },
  'add-server': {
    long: 'add-server',
    short: 'a',
    adds: 'real-server',
    synopsis: 'SERVICE -r SERVER [server options]',
    help: 'add a real server to a virtual service',
  },
  'delete-server': {
    long: 'delete-server',
    short: 'd',
    synopsis: 'SERVICE -r SERVER',
    help: 'delete a real server from a virtual service',
  },
  'edit-server': {
    long: 'edit-server',
    short: 'e',
    synopsis: 'SERVICE -r SERVER [server options]',
    help: 'replace all settings of a real server; anything omitted is reset to its default',
  },
  set: {
    long: 'set',
    positionals: 'TCP TCPFIN UDP',
    help: 'set the timeouts of idle connections, in seconds; 0 keeps the current value',
  },
  'start-daemon': {
    long: 'start-daemon',
    argument: 'STATE',
    choices: Object.keys(daemonStates),
    synopsis: '[daemon options]',
    help: 'start the connection synchronisation daemon, as master or backup',
  },
  'stop-daemon': {
    long: 'stop-daemon',
    argument: 'STATE',
    choices: Object.keys(daemonStates),
    help: 'stop the connection synchronisation daemon',
  },
  restore: { long: 'restore', short: 'R', help: 'apply the rules on standard input' },
  save: {
    long: 'save',
    short: 'S',
    synopsis: '[-n]',
    help: 'write the table to standard output as rules',
  },
  zero: {
    long: 'zero',
    short: 'Z',
    synopsis: '[SERVICE]',
    help: 'reset the counters of one virtual service or of all',
  },
  help: { long: 'help', short: 'h', help: 'show a summary of commands and options' },
  version: { long: 'version', short: 'v', help: 'show the version' },
} as const satisfies Record<string, CommandLine>;

export type Command = keyof typeof commandTable;
/** Commands that options go with. */
export type OperativeCommand = Exclude<Command, 'help' | 'version'>;

/** The commands as a list, with all that a line may have. */
export const commandLines: readonly (CommandLine & { readonly name: Command })[] = (
  Object.keys(commandTable) as Command[]
).map((name) => ({ name, ...commandTable[name] }));
