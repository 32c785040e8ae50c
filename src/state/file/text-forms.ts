import { IpAddress } from '../../ipvs/model/address.js';
import { parseServiceId } from '../../ipvs/model/selectors.js';
import type { DestinationId } from '../../ipvs/model/destination.js';
import type { ServiceId } from '../../ipvs/model/service.js';
import { NAME_BYTES } from '../../ipvs/wire/constants.js';
import { isServiceName, parseSelector } from '../selection.js';
import type { PortNames } from '../selection.js';
import type { TextForm } from './kinds.js';

/** What texts in state files must look like. */

function form(what: string, pattern: string, isRight: (text: string) => boolean): TextForm {
  return { what, pattern, problem: (text) => (isRight(text) ? undefined : `is not ${what}`) };
}

const matching = (what: string, pattern: RegExp): TextForm =>
  form(what, pattern.source, (text) => pattern.test(text));

/** The service that a text names; undefined when it names none. */
export function tryServiceId(text: string, ports: PortNames | undefined): ServiceId | undefined {
  try {
    return parseServiceId(text, ports);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The real server that a text names; undefined when it names none, or has no port. */
export function tryServerId(text: string, ports: PortNames | undefined): DestinationId | undefined {
  const selector = trySelector(text, ports);
  if (selector?.kind !== 'server' || selector.port === undefined) return undefined;
  return { address: selector.address, port: selector.port };
}

function trySelector(text: string, ports: PortNames | undefined) {
  try {
    return parseSelector(text, ports);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export const serviceForm: TextForm = {
  what: 'a virtual service such as tcp:192.0.2.1:80, udp:[2001:db8::1]:53 or mark:7',
  pattern: '^([Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ss][Cc][Tt][Pp]|[Mm][Aa][Rr][Kk])[:/].+$',
  problem: (text, ports) => {
    if (tryServiceId(text, ports) !== undefined) return undefined;
    if (tryServerId(text, ports) !== undefined) {
      return `has no protocol; write tcp:${text}, udp:${text} or sctp:${text}`;
    }
    if (tryServiceId(`${text}:80`, ports) !== undefined)
      return `has no port; add it, as in ${text}:80`;
    return `is not ${serviceForm.what}`;
  },
};

export const serverForm: TextForm = {
  what: 'a real server such as 10.0.0.2:8080 or "[2001:db8::2]:443"',
  pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[0-9.]+):[0-9A-Za-z_-]+$',
  problem: (text, ports) => {
    if (tryServerId(text, ports) !== undefined) return undefined;
    const selector = trySelector(text, ports);
    if (selector?.kind !== 'server') return `is not ${serverForm.what}`;
    const { address } = selector;
    return `has no port; add it, as in ${address.family === 'ipv6' ? `"[${address}]:80"` : `${address}:80`}`;
  },
};

export const nameForm = form(
  'a name of letters, digits and _ . @ + -, of at most 128 characters, that begins with a letter or digit',
  '^[\\p{L}\\p{N}_][\\p{L}\\p{N}_.@+-]{0,127}$',
  isServiceName,
);

/** What a name of an interface may be, for the kernel. */
export const interfaceForm = form(
  `the name of an interface, of at most ${NAME_BYTES} bytes`,
  '^[^\\s/]{1,15}$',
  (text) => /^[^\s/]+$/.test(text) && new TextEncoder().encode(text).length <= NAME_BYTES,
);

const ADDRESS_PATTERN = '^[0-9A-Fa-f:.]+$';
const address = (what: string, isRight: (found: IpAddress) => boolean): TextForm =>
  form(what, ADDRESS_PATTERN, (text) => {
    const found = IpAddress.tryParse(text);
    return found !== undefined && isRight(found);
  });

export const addressForm = address('an IPv4 or IPv6 address', () => true);
export const netmaskForm = address(
  'an IPv4 netmask such as 255.255.255.0',
  ({ family }) => family === 'ipv4',
);
export const groupForm = address(
  'a multicast address such as 224.0.0.81',
  ({ family, bytes: [first = 0] }) =>
    family === 'ipv4' ? first >= 224 && first <= 239 : first === 0xff,
);

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;
/** The longest that a timer of this platform can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** The milliseconds of `500ms`, `2s` or `1m`; undefined when the text is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,10})(ms|s|m)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const milliseconds = Number(digits) * UNITS[unit as keyof typeof UNITS];
  return milliseconds <= LONGEST_MS ? milliseconds : undefined;
}

const DURATION = '^[0-9]{1,10}(ms|s|m)$';
const TIME = 'a time such as 500ms, 2s or 1m';
export const durationForm = form(
  TIME,
  DURATION,
  (duration) => parseDuration(duration) !== undefined,
);
export const positiveDurationForm = form(
  `${TIME}, above 0`,
  DURATION,
  (duration) => (parseDuration(duration) ?? 0) > 0,
);

export const shareForm = matching('a share from 1% to 100%', /^(?:100|[1-9][0-9]?)%$/);
export const statusRangeForm = form(
  'a range of status codes such as 200-299',
  '^[1-5][0-9][0-9]-[1-5][0-9][0-9]$',
  (range) => {
    const [, first, last] = /^([1-5]\d\d)-([1-5]\d\d)$/.exec(range) ?? [];
    return first !== undefined && last !== undefined && first <= last;
  },
);
export const hexForm = matching('bytes as hexadecimal digits', /^(?:[0-9A-Fa-f]{2})+$/);
export const fileForm = matching('the full path of a file', /^\/[^\0]+$/);
export const webPathForm = matching('a path such as /healthz', /^\/[^\s]*$/);
export const hostNameForm = matching(
  'the name of a host',
  /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9.])?$/,
);
/** Whatever it is, it ends no line of a protocol. */
export const lineForm = matching('one line of text', /^\P{Cc}*$/u);
export const tokenForm = matching('one word', /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
export const textForm = form('text', '', () => true);
export const commandWordForm = matching('a word without NUL', /^[^\0]*$/);

export const webhookForm = form(
  'a URL: https, or http to loopback such as http://127.0.0.1:8000/',
  '^https?://.+$',
  (url) => {
    const { protocol, hostname } = URL.canParse(url)
      ? new URL(url)
      : { protocol: '', hostname: '' };
    if (protocol === 'https:') return true;
    return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  },
);
