import { validateHeaderName } from 'node:http';
import { checkTypeFields } from '../../state/file/check-fields.js';
import type { CheckValue } from '../../state/file/check-fields.js';
import { orInitial } from '../../state/file/kinds.js';
import type { IpAddress } from '../../ipvs/model/address.js';
import { formatEndpoint } from '../../ipvs/model/service.js';
import type { CheckTarget } from '../config/config.js';
import { CheckError } from './check-type.js';
import { quoted } from './reasons.js';

export type HttpValue = CheckValue<'http'>;

/** What is asked of a web server: options of `node:http`, which sends them as they are. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values, one after the other. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

const { http: fields } = checkTypeFields;

/** @throws CheckError when it would be no HTTP. */
export function httpRequestOf(
  settings: HttpValue,
  { address, port }: CheckTarget,
  usualPort: number,
): HttpRequest {
  const { host, body: text, headers: own = {} } = settings;
  const body = text === undefined ? undefined : Buffer.from(text, 'utf8');
  const headers = new Map([
    [
      'host',
      ['Host', host ?? (port === usualPort ? hostOf(address) : formatEndpoint(address, port))],
    ],
    ['user-agent', ['User-Agent', 'ipvs-agent']],
    ['accept', ['Accept', '*/*']],
    ['connection', ['Connection', 'close']],
    ...(body === undefined
      ? []
      : [['content-length', ['Content-Length', `${body.length}`]] as const]),
    ...Object.entries(own).map(([name, value]) => [nameOf(name), [name, value]] as const),
  ]);
  return {
    method: orInitial(fields.method, settings.method),
    path: asAscii(orInitial(fields.path, settings.path)),
    headers: [...headers.values()].flat().map(asBytes),
    body,
  };
}

const hostOf = (address: IpAddress): string =>
  address.family === 'ipv6' ? `[${address}]` : `${address}`;

/** Equal for equal headers, whatever their case. */
function nameOf(name: string): string {
  try {
    validateHeaderName(name);
  } catch {
    throw new CheckError(`${quoted(name)} cannot be the name of a header`);
  }
  return name.toLowerCase();
}

/** A path has no other characters. */
const asAscii = (path: string): string => path.replaceAll(/[^!-~]/gu, encodeURIComponent);

/** `node:http` sends each character as one byte: these are the bytes of UTF-8. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
