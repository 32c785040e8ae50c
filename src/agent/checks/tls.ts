import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { codeOf } from '../../common/error-code.js';
import { printable } from '../../common/printable.js';
import type { tlsFields } from '../../state/file/check-fields.js';
import type { ValuesOf } from '../../state/file/kinds.js';
import type { CheckTarget } from '../config/config.js';
import { certificateProblem } from './certificate.js';
import { connectionReason, isReset } from './reasons.js';
import { secureContext } from './trust.js';

/** Settings of checks that can speak TLS. */
export type TlsValue = ValuesOf<typeof tlsFields>;

/** How to speak TLS, and what to hold against a certificate. */
export interface TlsSettings {
  readonly options: ConnectionOptions;
  /** What is wrong with the certificate of a connection; undefined when it is right. */
  readonly problemOf: (socket: TLSSocket) => string | undefined;
}

/**
 * Options with which a connection fails when the certificate is not valid. How long it must be valid is not looked at.
 * @throws CheckError when a file of certificates cannot be used.
 */
export function tlsOptions(settings: TlsValue, target: CheckTarget): ConnectionOptions {
  const { verify = true, ca, clientCertificate } = settings;
  const name = nameOf(settings, target);
  const file = ca === undefined ? 'system' : { file: ca };
  return {
    secureContext: secureContext({ trusted: verify ? file : undefined, own: clientCertificate }),
    // An address cannot be asked for by SNI.
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: verify,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  };
}

/**
 * Options for a connection whose certificate is looked at when it is there, so as to say what is wrong.
 * @throws CheckError when a file of certificates cannot be used.
 */
export function tlsSettings(settings: TlsValue, target: CheckTarget): TlsSettings {
  const wanted = {
    name: nameOf(settings, target),
    isToVerify: settings.verify !== false,
    minDaysLeft: settings.minDaysLeft,
  };
  return {
    options: {
      ...tlsOptions(settings, target),
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    },
    problemOf: (socket) => certificateProblem(socket, wanted),
  };
}

const nameOf = ({ serverName }: TlsValue, { address }: CheckTarget): string =>
  serverName ?? address.toString();

export const CLOSED_IN_HANDSHAKE = 'connection closed during the TLS handshake';

/** What OpenSSL says, by its versions, of an answer in another protocol. */
const NOT_TLS: readonly string[] = [
  'wrong version number',
  'packet length too long',
  'unknown protocol',
  'unexpected message',
];

/** Why there was no TLS. */
export function handshakeReason(error: unknown): string {
  if (codeOf(error) === 'ECONNRESET' && !isReset(error)) return CLOSED_IN_HANDSHAKE;
  const isOfTls = error instanceof Error && 'library' in error && 'reason' in error;
  if (!isOfTls) return connectionReason(error);
  // Bun's BoringSSL writes WRONG_VERSION_NUMBER.
  const reason = String(error.reason).toLowerCase().replaceAll('_', ' ');
  if (NOT_TLS.includes(reason)) return 'the server does not speak TLS';
  return `TLS handshake failed: ${printable(reason)}`;
}
