import {
  addressForm,
  commandWordForm,
  fileForm,
  hexForm,
  hostNameForm,
  lineForm,
  positiveDurationForm,
  statusRangeForm,
  textForm,
  tokenForm,
  webPathForm,
} from './text-forms.js';
import { boolean, either, field, integer, list, map, object, text, word } from './kinds.js';
import type { Fields, Kind, ValuesOf } from './kinds.js';

/** The health checks of the agent: their types and settings. */

const time = text(positiveDurationForm);

/** Of checks of any type. */
export const commonCheckFields = {
  interval: field(time, 'time between checks of a healthy, settled server', { initial: '2s' }),
  fastInterval: field(time, 'time between the first contrary result and the verdict', {
    initial: '1s',
  }),
  downInterval: field(time, 'time between checks of a server that is down', { initial: '5s' }),
  timeout: field(time, 'time for a whole check, from looking up the name to the last byte', {
    initial: '2s',
  }),
  rise: field(integer(1, 1000), 'passed checks after which a server is up', { initial: 2 }),
  fall: field(integer(1, 1000), 'failed checks after which a server is down', { initial: 3 }),
  port: field(integer(1, 65_535), "port to check; default: the server's"),
  address: field(text(addressForm), "address to check; default: the server's"),
  source: field(text(addressForm), 'address to check from'),
  through: field(
    word(['server', 'path'] as const),
    'check the server itself, or the virtual address by way of this server',
    { initial: 'server' },
  ),
};

/** Of those that can speak TLS. */
export const tlsFields = {
  serverName: field(text(hostNameForm), 'name of the server in TLS'),
  verify: field(boolean, 'whether the certificate must be valid', { initial: true }),
  ca: field(text(fileForm), "file of certificates to trust; default: the system's"),
  clientCertificate: field(text(fileForm), 'file with a certificate of our own and its key'),
  minDaysLeft: field(integer(0, 10_000), 'days that the certificate must still be valid'),
};

const http = {
  method: field(text(tokenForm), 'method of the request', { initial: 'GET' }),
  path: field(text(webPathForm), 'path of the request', { initial: '/' }),
  host: field(text(lineForm), "Host of the request; default: the server's address"),
  headers: field(map(text(lineForm)), 'further headers of the request'),
  body: field(text(textForm), 'body of the request'),
  status: field(
    list(either(integer(100, 599), text(statusRangeForm)), 1),
    'status codes that pass, and ranges of them',
    { initial: ['200-399'] },
  ),
  expectBody: field(text(textForm), 'regular expression that the body must match'),
  expectHeader: field(map(text(textForm)), 'regular expressions that headers must match, by name'),
  redirects: field(word(['none']), 'redirects are never followed', { initial: 'none' }),
};

const bytes: Kind<string | { readonly hex?: string }> = either(
  text(textForm),
  object('hexBytes', {
    hex: field(text(hexForm), 'bytes as hexadecimal digits', { isRequired: true }),
  }),
);

const send = field(bytes, 'what to send: text, or {hex: …}');
const expect = field(text(textForm), 'regular expression that the answer must match');
const useTls = field(boolean, 'speak TLS', { initial: false });

/** Of the types of checks, by their names. */
export const checkTypeFields = {
  tcp: { send, expect, tls: useTls, ...tlsFields },
  http,
  https: { ...http, ...tlsFields },
  udp: { send, expect },
  dns: {
    query: field(text(lineForm), 'name to ask for'),
    recordType: field(text(tokenForm), 'type of record to ask for', { initial: 'A' }),
    code: field(text(tokenForm), 'code of the answer', { initial: 'NOERROR' }),
    expect: field(list(text(lineForm), 1), 'data of records, one of which must be there'),
    tcp: field(boolean, 'ask over TCP', { initial: false }),
  },
  smtp: {
    hello: field(text(hostNameForm), 'name to say in EHLO'),
    startTls: field(boolean, 'switch to TLS with STARTTLS', { initial: false }),
    ...tlsFields,
  },
  ping: { count: field(integer(1, 10), 'echo requests, one of which must be answered') },
  exec: {
    command: field(list(text(commandWordForm), 1), 'program and its arguments; no shell', {
      isRequired: true,
    }),
    user: field(text(lineForm), 'who it runs as'),
    weight: field(boolean, 'take the weight from what it prints', { initial: false }),
  },
  grpc: {
    service: field(text(lineForm), 'name of the service to ask for'),
    tls: useTls,
    ...tlsFields,
  },
} satisfies Record<string, Fields>;

const check: Kind<Readonly<Record<string, unknown>>> = {
  rule: { type: 'variants', name: 'check', common: commonCheckFields, types: checkTypeFields },
};

/** One check, several that all must pass, or none. */
export const checks = either(either(word(['none']), check), list(check, 1));

/** Values of the keys that checks of any type may have. */
export type CommonCheckValue = ValuesOf<typeof commonCheckFields>;
export type CheckTypeName = keyof typeof checkTypeFields;
/** Values of the keys of a type alone. */
export type CheckValue<Name extends CheckTypeName> = ValuesOf<(typeof checkTypeFields)[Name]>;
/** Text, or bytes in hexadecimal digits. */
export type BytesValue = NonNullable<(typeof bytes)['value']>;
