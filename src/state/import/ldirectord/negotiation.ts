import type { JsonRecord } from '../../../common/json.js';
import { IpAddress } from '../../../ipvs/model/address.js';
import { checkedPort, isUdp, negotiateTimeout, times } from './checked.js';
import type { CheckedServer, CheckedService } from './checked.js';
import { isPortable, literalOf } from './regular-expression.js';

/** What a check asks for, and where the complaint about it belongs. */
interface Negotiation {
  readonly service: CheckedService;
  readonly server: CheckedServer;
  readonly line: number;
  /** Begins with a slash; the default is one. */
  readonly request: string;
  /** A regular expression; empty when any answer will do. */
  readonly receive: string;
}

type Kind = (negotiation: Negotiation) => JsonRecord;

/** The greetings of services that speak first, as checks by TCP: what ldirectord does with them beyond, a note says. */
const greetings: Readonly<Record<string, { expect?: string; tls?: true; lost?: string }>> = {
  ftp: { expect: '^220', lost: 'logs in and, with request, fetches a file' },
  imap: { expect: '^\\* (OK|PREAUTH)' },
  imaps: { expect: '^\\* (OK|PREAUTH)', tls: true },
  pop: { expect: '^\\+OK' },
  pops: { expect: '^\\+OK', tls: true },
  nntp: { expect: '^2' },
  http_proxy: { lost: 'fetches an address through the proxy' },
  ldap: { lost: 'binds and searches' },
  ldaps: { tls: true, lost: 'binds and searches' },
  mysql: { lost: 'logs in and runs a query' },
  oracle: { lost: 'logs in and runs a query' },
  pgsql: { lost: 'logs in and runs a query' },
  radius: { lost: 'asks for access' },
  sip: { lost: 'asks for OPTIONS' },
};

const kinds: Readonly<Record<string, Kind>> = {
  http: web,
  https: web,
  dns,
  smtp: () => ({ type: 'smtp' }),
  submission: () => ({ type: 'smtp' }),
  simpletcp: exchange,
};

/**
 * The check that negotiates as the kind of service says.
 * @param every at how many intervals it runs.
 */
export function negotiation(
  service: CheckedService,
  server: CheckedServer,
  line: number,
  every: number,
): JsonRecord | 'none' {
  const { kind, settings } = service;
  if (kind === 'none') return 'none';
  const port = checkedPort(service, server, line);
  if (port === undefined) return 'none';
  const request = server.exchange?.request ?? settings.value('request') ?? '/';
  const { type, ...check } = (kinds[kind] ?? greeting)({
    service,
    server,
    line,
    request: request.startsWith('/') ? request : `/${request}`,
    receive: server.exchange?.receive ?? settings.value('receive') ?? '',
  });
  return { type, ...port, ...check, ...times(service, negotiateTimeout(service), every) };
}

function web(negotiation: Negotiation): JsonRecord {
  const { service, server, request, line } = negotiation;
  const { settings, kind } = service;
  const host = settings.value('virtualhost');
  return {
    type: kind,
    ...(settings.value('httpmethod') === 'HEAD' && { method: 'HEAD' }),
    ...target(kind, request, server.exchange !== undefined, () => {
      service.report.lost(line, 'a request to another host that is no URL');
    }),
    ...(host !== undefined && host !== '' && { host }),
    status: ['200-299'],
    ...expected('expectBody', negotiation),
    // ldirectord asks for no valid certificate.
    ...(kind === 'https' && { verify: false }),
  };
}

/** What is fetched. A server's own request may be a URL: then that host is asked. */
function target(kind: string, request: string, own: boolean, onFault: () => void): JsonRecord {
  const [, url] = /^\/+(https?:\/\/.*)$/.exec(request) ?? [];
  if (!own || url?.startsWith(`${kind}://`) !== true) return { path: request };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) {
    onFault();
    return { path: request };
  }
  const { hostname, port, pathname, search } = parsed;
  return {
    path: `${pathname}${search}`,
    address: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (kind === 'https' ? 443 : 80) : Number(port),
  };
}

/** The answer that is wanted; none when the expression is not one that checks have. */
function expected(key: string, { service, receive, line }: Negotiation): JsonRecord {
  if (receive === '') return {};
  if (isPortable(receive)) return { [key]: receive };
  const at = service.settings.get('receive')?.line ?? line;
  const message =
    'receive is a regular expression of Perl that checks cannot match (they know neither looking around nor ' +
    `references back): any answer passes until you write ${key}`;
  service.report.lost(at, message);
  return {};
}

function exchange(negotiation: Negotiation): JsonRecord {
  const { request, service } = negotiation;
  const send = request.slice(1).replaceAll('\\n', '\n');
  const answer = expected('expect', negotiation);
  return {
    type: isUdp(service) ? 'udp' : 'tcp',
    ...(send !== '' && { send }),
    // Something has to be answered.
    ...('expect' in answer ? answer : { expect: '.' }),
  };
}

function dns({ service, request, receive, line }: Negotiation): JsonRecord {
  const { report, settings } = service;
  const asked = request.replace(/^\//, '');
  const address = IpAddress.tryParse(asked);
  const record = literalOf(receive);
  if (asked === '' || receive === '') {
    const message =
      'a dns check without request and receive never passes in ldirectord; here any answer passes until you write expect';
    report.lost(line, message);
  } else if (record === undefined) {
    const message =
      'receive is a pattern, and a dns check expects records: any answer passes until you write expect';
    report.lost(settings.get('receive')?.line ?? line, message);
  }
  return {
    type: 'dns',
    query: address === undefined ? (asked === '' ? '.' : asked) : reverseName(address),
    recordType: address === undefined ? 'A' : 'PTR',
    code: 'NOERROR',
    ...(record !== undefined && { expect: [record] }),
    ...(!isUdp(service) && { tcp: true }),
  };
}

/** The name under which the name of an address is found. */
function reverseName({ family, bytes }: IpAddress): string {
  const parts =
    family === 'ipv4'
      ? Array.from(bytes, String)
      : Array.from(bytes, (byte) =>
          [byte >> 4, byte & 15].map((digit) => digit.toString(16)),
        ).flat();
  return `${parts.reverse().join('.')}.${family === 'ipv4' ? 'in-addr' : 'ip6'}.arpa`;
}

/** A check that no kind fits: by TCP, with the greeting where the server speaks first. */
function greeting({ service, line }: Negotiation): JsonRecord {
  const packets = isUdp(service) || service.kind === 'radius';
  const { kind, report, settings } = service;
  const { expect, tls, lost } = greetings[kind] ?? {};
  const login = settings.get('login') !== undefined && lost === undefined;
  const does = login ? 'logs in' : lost;
  if (does !== undefined) {
    const message =
      `the ${kind} check of ldirectord ${does}; here it only sees whether the server ` +
      `${packets ? 'refuses packets' : expect === undefined ? 'takes connections' : 'greets'}. ` +
      'For more, use a check of type exec';
    report.lost(line, message);
  }
  if (packets) return { type: 'udp' };
  return { type: 'tcp', ...(expect !== undefined && { expect }), ...(tls && { tls }) };
}
