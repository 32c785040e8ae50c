import { IpAddress } from '../../ipvs/model/address.js';
import type {
  DestinationSettings,
  TunnelChecksum,
  TunnelType,
} from '../../ipvs/model/destination.js';
import type { DestinationPatch, ServicePatch } from '../../ipvs/model/patch.js';
import type { ServiceSettings } from '../../ipvs/model/service.js';
import { listedFlags, readSchedulerFlags } from '../../rules/grammar/scheduler-flags.js';
import { schedulers } from '../../rules/grammar/schedulers.js';
import { RuleError } from '../../rules/rule-error.js';

/** A setting that is typed as key=value. */
export interface SettingKey<Settings, Patch> {
  readonly name: string;
  /** What its value may be, for help. */
  readonly value: string;
  readonly summary: string;
  /** Words that its value may be, for completion. */
  readonly words?: readonly string[];
  /**
   * What is to be changed. @param now how it is set, with the changes by keys before this one; undefined for what is new.
   * @throws RangeError that says what the value must be
   */
  readonly read: (text: string, now: Settings, isNew: boolean) => Patch;
}

const UINT32_MAX = 2 ** 32 - 1;
const INT32_MAX = 2 ** 31 - 1;
const UINT16_MAX = 2 ** 16 - 1;
const NONE = 'none';

function integer(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new RangeError(`must be a whole number from ${min} to ${max}`);
}

function word<Word extends string>(text: string, words: readonly Word[]): Word {
  const known = words.find((one) => one === text);
  if (known !== undefined) return known;
  throw new RangeError(`must be one of ${words.join(', ')}`);
}

const schedulerNames = schedulers.map((one) => one.word);
const methods = ['nat', 'dr', 'tun', 'local'] as const;
// Named here, because help of every verb loads this file: the model's tables would bring much along.
const types = ['ipip', 'gue', 'gre'] as const satisfies readonly TunnelType[];
const checksums = ['none', 'full', 'remote'] as const satisfies readonly TunnelChecksum[];

/** A scheduler's name; the kernel may have others than are known here. */
function schedulerOf(text: string): string {
  if (/^[a-z][a-z\d_-]{0,14}$/.test(text)) return text;
  throw new RangeError(`must be a scheduler: ${schedulerNames.join(', ')}`);
}

function schedulerFlags(text: string, { scheduler }: ServiceSettings): ServicePatch {
  if (text === NONE) return { schedulerFlags: [] };
  try {
    return { schedulerFlags: readSchedulerFlags(text, scheduler) };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const named = listedFlags(scheduler, [1, 2]);
    const own = named.length > 0 ? named : ['flag-1', 'flag-2', 'flag-3'];
    const text = `must be none, or some of ${own.join(',')} with scheduler ${scheduler}`;
    throw new RangeError(text, { cause: error });
  }
}

function persistence(text: string): ServicePatch {
  if (text === NONE) return { persistence: null, persistenceEngine: null };
  return { persistence: { timeoutSeconds: integer(text, 1, UINT32_MAX) } };
}

/** Of what has a meaning with persistence alone. */
function checkPersistent({ persistence: now }: ServiceSettings): void {
  if (now !== undefined) return;
  throw new RangeError(
    'is for a persistent service, and this one is not: name persistence=SECONDS too',
  );
}

function netmask(text: string, now: ServiceSettings): ServicePatch {
  checkPersistent(now);
  if (now.persistence?.prefixLength !== undefined) {
    throw new RangeError('is for IPv4: an IPv6 service has persistence.prefixLength=64');
  }
  const mask = IpAddress.tryParse(text);
  if (mask?.family !== 'ipv4') throw new RangeError('must be an IPv4 mask such as 255.255.255.0');
  return { persistence: { netmask: mask } };
}

function prefixLength(text: string, now: ServiceSettings): ServicePatch {
  checkPersistent(now);
  if (now.persistence?.netmask !== undefined) {
    throw new RangeError('is for IPv6: an IPv4 service has persistence.netmask=255.255.255.0');
  }
  return { persistence: { prefixLength: integer(text, 1, 128) } };
}

/** A number, or what becomes of the present one: +1, -1, 50%. */
export function weightOf(text: string, now: number, isNew: boolean): number {
  const [, sign = '', digits = '', percent = ''] = /^([+-]?)(\d{1,10})(%?)$/.exec(text) ?? [];
  if (digits === '' || (sign !== '' && percent !== '')) {
    throw new RangeError('must be a whole number, or a change of the present one: +1, -1, 50%');
  }
  if (isNew && sign + percent !== '') {
    throw new RangeError('of a new real server must be a number: it has none to change');
  }
  const amount = Number(digits);
  const weight = percent === '' ? shifted(now, sign, amount) : shareOf(now, amount);
  if (weight >= 0 && weight <= INT32_MAX) return weight;
  const present = sign + percent === '' ? '' : `, and ${text} of ${now} is ${weight}`;
  throw new RangeError(`must be from 0 to ${INT32_MAX}${present}`);
}

function shifted(now: number, sign: string, amount: number): number {
  if (sign === '') return amount;
  return sign === '+' ? now + amount : now - amount;
}

function shareOf(now: number, percent: number): number {
  if (percent === 0) return 0;
  if (now === 0) throw new RangeError('is 0 now, and so is every share of it: name a number');
  return Math.max(1, Math.round((now * percent) / 100));
}

const threshold = (text: string): number => (text === NONE ? 0 : integer(text, 0, UINT32_MAX));

function checkTunnel({ forwardingMethod }: DestinationSettings): void {
  if (forwardingMethod === 'tun') return;
  throw new RangeError(`is for method=tun, and this server has ${forwardingMethod}`);
}

function tunnel(text: string, now: DestinationSettings): DestinationPatch {
  checkTunnel(now);
  const [, name = '', port] = /^([a-z]+)(?::(\d+))?$/.exec(text) ?? [];
  const type = types.find((one) => one === name);
  if (type === undefined || (port !== undefined) !== (type === 'gue')) {
    throw new RangeError('must be ipip, gre, or gue with its port: gue:6080');
  }
  if (port === undefined) return { tunnel: { type } };
  return { tunnel: { type, port: integer(port, 1, UINT16_MAX) } };
}

/** Settings of virtual services, in the order in which they take effect. */
export const serviceKeys: readonly SettingKey<ServiceSettings, ServicePatch>[] = [
  {
    name: 'scheduler',
    value: 'NAME',
    summary: 'how servers are chosen: rr, wrr, wlc ...',
    words: schedulerNames,
    read: (text) => ({ scheduler: schedulerOf(text) }),
  },
  {
    name: 'schedulerFlags',
    value: 'FLAG,...|none',
    summary: 'of sh and mh: mh-fallback, mh-port',
    read: schedulerFlags,
  },
  {
    name: 'persistence',
    value: 'SECONDS|none',
    summary: 'for how long clients stay with their server',
    words: [NONE],
    read: persistence,
  },
  {
    name: 'persistence.timeoutSeconds',
    value: 'SECONDS',
    summary: 'as persistence',
    read: (text) => ({ persistence: { timeoutSeconds: integer(text, 1, UINT32_MAX) } }),
  },
  {
    name: 'persistence.netmask',
    value: 'MASK',
    summary: 'IPv4 clients alike in these bits are one',
    read: netmask,
  },
  {
    name: 'persistence.prefixLength',
    value: '1-128',
    summary: 'IPv6 clients alike in so many bits are one',
    read: prefixLength,
  },
  {
    name: 'persistence.engine',
    value: 'sip|none',
    summary: "keeps together what has one SIP call's ID",
    words: ['sip', NONE],
    read: (text) => ({
      persistenceEngine: word(text, ['sip', NONE]) === NONE ? null : text,
    }),
  },
  {
    name: 'onePacket',
    value: 'true|false',
    summary: 'schedule each UDP packet by itself',
    words: ['true', 'false'],
    read: (text) => ({ onePacket: word(text, ['true', 'false']) === 'true' }),
  },
];

/** Settings of real servers, in the order in which they take effect. */
export const serverKeys: readonly SettingKey<DestinationSettings, DestinationPatch>[] = [
  {
    name: 'method',
    value: methods.join('|'),
    summary: 'how packets reach it',
    words: methods,
    read: (text) => ({ forwardingMethod: word(text, methods) }),
  },
  {
    name: 'weight',
    value: 'N|+N|-N|N%',
    summary: 'its share of new connections; 0: none',
    read: (text, { weight }, isNew) => ({ weight: weightOf(text, weight, isNew) }),
  },
  {
    name: 'upperThreshold',
    value: 'N|none',
    summary: 'at so many connections it gets no new ones',
    read: (text) => ({ upperThreshold: threshold(text) }),
  },
  {
    name: 'lowerThreshold',
    value: 'N|none',
    summary: 'below so many it gets new ones again',
    read: (text) => ({ lowerThreshold: threshold(text) }),
  },
  {
    name: 'tunnel',
    value: 'ipip|gre|gue:PORT',
    summary: 'encapsulation of method tun',
    words: ['ipip', 'gre', 'gue:'],
    read: tunnel,
  },
  {
    name: 'tunnel.type',
    value: types.join('|'),
    summary: 'encapsulation alone',
    words: types,
    read: (text, now) => {
      checkTunnel(now);
      return { tunnel: { type: word(text, types) } };
    },
  },
  {
    name: 'tunnel.port',
    value: 'PORT',
    summary: 'UDP port of gue',
    read: (text, now) => {
      checkTunnel(now);
      return { tunnel: { port: integer(text, 0, UINT16_MAX) } };
    },
  },
  {
    name: 'tunnel.checksum',
    value: checksums.join('|'),
    summary: 'checksum of the header of gue or gre',
    words: checksums,
    read: (text, now) => {
      checkTunnel(now);
      return { tunnel: { checksum: word(text, checksums) } };
    },
  },
];

type AnyKey = Pick<SettingKey<never, unknown>, 'name' | 'value' | 'summary' | 'words'>;

/** The settings as help lists them. */
export const settingsHelp = [
  ...['Settings of a service:', ...helpLines(serviceKeys)],
  ...['Settings of a real server:', ...helpLines(serverKeys)],
].join('\n');

function helpLines(keys: readonly AnyKey[]): string[] {
  return keys.map(({ name, value, summary }) => {
    const shown = `  ${name}=${value}`;
    return shown.length > 35 ? `${shown}\n${' '.repeat(36)}${summary}` : shown.padEnd(36) + summary;
  });
}

/** What a shell completes settings with: `weight=`, `scheduler=rr` ... */
export const settingWords: readonly string[] = [...serviceKeys, ...serverKeys].flatMap(
  ({ name, words = [''] }: AnyKey) => words.map((one) => `${name}=${one}`),
);
