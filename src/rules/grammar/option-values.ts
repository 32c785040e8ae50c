import { IpAddress } from '../../ipvs/model/address.js';
import { tunnelTypes } from '../../ipvs/model/destination.js';
import type { TunnelType } from '../../ipvs/model/destination.js';
import { isMark } from '../../ipvs/model/service.js';
import type { Protocol, ServiceId } from '../../ipvs/model/service.js';
import type { ParsedOptions, KeysOf, Names } from './parsed-options.js';
import { checkMask, readServer, readService } from './endpoints.js';
import { readInteger } from './numbers.js';
import { printable } from '../../common/printable.js';
import { RuleError } from '../rule-error.js';

/** A word that a value may be, and what it stands for. */
export interface Word {
  readonly word: string;
  readonly help?: string;
  /** The scheduler that it goes with, if not with all. */
  readonly scheduler?: string;
}

/** What completes a value: which words, or which things there are on the machine. */
export interface Completion {
  /** Words it may be, among others: any name goes to the kernel, and that may have come to know more. */
  readonly suggestions?: readonly Word[];
  /** It is several of them, with commas between. */
  readonly list?: true;
  /** Things that exist: virtual services of the option's kind, real servers of the service on the line, interfaces. */
  readonly completes?: 'service' | 'real-server' | 'interface';
}

/** The kinds of values that options have. Each knows how help shows it, its range, and where in the draft it goes. */
export interface OptionValue extends Completion {
  readonly argument: 'none' | 'optional' | 'required';
  /** The argument's name in help; undefined when there is none. */
  readonly metavar?: string;
  /** The numbers it may be. */
  readonly range?: readonly [number, number];
  /** All the words it may be. */
  readonly choices?: readonly string[];
  /** What an option without argument sets: two that set the same exclude each other. */
  readonly sets?: keyof ParsedOptions;
  /**
   * Reads the argument into the draft; undefined is an optional one that is not there.
   * @throws RuleError when the text has no such value.
   */
  readonly apply: (parsedOptions: ParsedOptions, text: string | undefined, names: Names) => void;
}

/** An option that stands for a value. */
export function fixed<K extends keyof ParsedOptions>(
  key: K,
  value: Exclude<ParsedOptions[K], undefined>,
): OptionValue {
  return {
    argument: 'none',
    sets: key,
    apply: (parsedOptions) => {
      parsedOptions[key] = value;
    },
  };
}

/** An option that is there or not. */
export function flag(key: KeysOf<true>): OptionValue {
  return fixed(key, true);
}

/** A kind that wants an argument: the grammar sees to it that there is one. */
function required(
  metavar: string,
  apply: (parsedOptions: ParsedOptions, text: string, names: Names) => void,
): OptionValue {
  return {
    argument: 'required',
    metavar,
    apply: (parsedOptions, text = '', names) => {
      apply(parsedOptions, text, names);
    },
  };
}

/** A word. */
export function text(
  key: KeysOf<string>,
  metavar: string,
  completion: Completion = {},
): OptionValue {
  const read = required(metavar, (parsedOptions, value) => {
    parsedOptions[key] = value;
  });
  return { ...read, ...completion };
}

/** A whole number within a range. */
export function integer(
  key: KeysOf<number>,
  metavar: string,
  lowest: number,
  highest: number,
  complaint: string,
): OptionValue {
  const read = required(metavar, (parsedOptions, value) => {
    const number = readInteger(value, lowest, highest);
    if (number === undefined) throw new RuleError(complaint);
    parsedOptions[key] = number;
  });
  return { ...read, range: [lowest, highest] };
}

/** A number of seconds from 1 on, or none for the default. */
export function seconds(key: KeysOf<number>, highest: number, otherwise: number): OptionValue {
  return {
    argument: 'optional',
    metavar: 'SECONDS',
    range: [1, highest],
    apply: (parsedOptions, value) => {
      parsedOptions[key] = value === undefined ? otherwise : readSeconds(value, 1, highest);
    },
  };
}

/** @throws RuleError when the text is no number of seconds in the range. */
export function readSeconds(value: string, lowest: number, highest: number): number {
  const number = readInteger(value, lowest, highest);
  if (number === undefined) {
    throw new RuleError(`invalid timeout value \`${printable(value)}' specified`);
  }
  return number;
}

/** A tunnel type. */
export function tunnelType(metavar: string, complaint: string): OptionValue {
  const choices = Object.keys(tunnelTypes) as TunnelType[];
  const read = required(metavar, (parsedOptions, value) => {
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) throw new RuleError(complaint);
    parsedOptions.tunnelType = chosen;
  });
  return { ...read, choices };
}

/** The virtual service's `host[:port]`. */
export function serviceEndpoint(protocol: Protocol): OptionValue {
  // Rules name the same service line after line, once for each of its real servers.
  let last: { text: string; names: Names; service: ServiceId } | undefined;
  const read = required('ADDRESS', (parsedOptions, value, names) => {
    if (last?.text !== value || last.names !== names) {
      const service = readService(value, protocol, names);
      if (service === undefined) {
        throw new RuleError('illegal virtual server address[:port] specified');
      }
      last = { text: value, names, service };
    }
    parsedOptions.service = last.service;
    // A mask may stand before the service whose family says how it is read.
    if (parsedOptions.mask !== undefined) checkMask(parsedOptions.mask, parsedOptions, names);
  });
  return { ...read, completes: 'service' };
}

/** The mark of a virtual service. */
export function mark(): OptionValue {
  const highest = 0xffff_ffff;
  const read = required('MARK', (parsedOptions, value) => {
    const firewallMark = readInteger(value, 1, highest);
    if (firewallMark === undefined) {
      throw new RuleError(`invalid fwmark value \`${printable(value)}' specified`);
    }
    parsedOptions.service = { firewallMark, family: 'ipv4' };
  });
  return { ...read, range: [1, highest], completes: 'service' };
}

/** A real server's `host[:port]`. */
export function serverEndpoint(): OptionValue {
  const read = required('ADDRESS', (parsedOptions, value, names) => {
    const server = readServer(value, parsedOptions.service, names);
    if (server === undefined) throw new RuleError('illegal real server address[:port] specified');
    parsedOptions.server = server;
  });
  return { ...read, completes: 'real-server' };
}

/** The mask within which clients are one client. */
export function mask(): OptionValue {
  return required('MASK', (parsedOptions, value, names) => {
    parsedOptions.mask = value;
    checkMask(value, parsedOptions, names);
  });
}

/** Says that a mark is put on IPv6 packets. */
export function ipv6(): OptionValue {
  return {
    argument: 'none',
    apply: (parsedOptions) => {
      if (parsedOptions.service !== undefined && !isMark(parsedOptions.service))
        throw new RuleError(IPV6_WITHOUT_MARK);
      parsedOptions.ipv6 = true;
    },
  };
}

/** The genuine program ends this line twice. */
export const IPV6_WITHOUT_MARK = '-6 used before -f\n';

/** A multicast address of either family. */
export function multicastGroup(): OptionValue {
  return required('ADDRESS', (parsedOptions, value) => {
    const group = readGroup(value);
    if (group === undefined) {
      const family = value.includes(':') ? 'IPv6' : 'IPv4';
      throw new RuleError(`invalid ${family} mcast-group \`${printable(value)}'`);
    }
    parsedOptions.multicastGroup = group;
  });
}

function readGroup(value: string): IpAddress | undefined {
  const address = IpAddress.tryParse(value);
  if (address === undefined) return undefined;
  const [first = 0] = address.bytes;
  const multicast = address.family === 'ipv4' ? (first & 0xf0) === 0xe0 : first === 0xff;
  return multicast ? address : undefined;
}
