import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { counted } from '../../common/plural.js';
import { printable } from '../../common/printable.js';

/** What a certificate must be. */
export interface WantedCertificate {
  /** Whose it must be: a name, or an address. */
  readonly name: string;
  readonly isToVerify: boolean;
  readonly minDaysLeft: number | undefined;
}

const DAY_MS = 86_400_000;

/** What is wrong with the certificate that a server has shown; undefined when it is right. */
export function certificateProblem(
  socket: TLSSocket,
  { name, isToVerify, minDaysLeft }: WantedCertificate,
): string | undefined {
  if (!isToVerify && minDaysLeft === undefined) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'the server shows no certificate';
  const invalid = isToVerify ? invalidityOf(socket, certificate, name) : undefined;
  return invalid ?? (minDaysLeft === undefined ? undefined : tooOld(certificate, minDaysLeft));
}

/** Why it is not to be trusted. */
function invalidityOf(
  socket: TLSSocket,
  certificate: X509Certificate,
  name: string,
): string | undefined {
  if (socket.authorized) return otherName(certificate, name);
  // The types say that it is an error; it is the code of one.
  const code = String(socket.authorizationError);
  const untrusted = UNTRUSTED[code];
  if (untrusted !== undefined) return `certificate ${untrusted}`;
  if (code === 'CERT_HAS_EXPIRED') return expired(certificate);
  if (code === 'CERT_NOT_YET_VALID') {
    return `certificate is not valid before ${dateOf(certificate.validFrom)}`;
  }
  return `certificate is not valid: ${printable(code)}`;
}

/** Of the codes of OpenSSL, what keeps a certificate from being trusted. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority that is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an authority that is not known',
  CERT_REVOKED: 'is revoked',
  INVALID_PURPOSE: 'is not for servers',
};

function otherName(certificate: X509Certificate, name: string): string | undefined {
  const isRight = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (isRight !== undefined) return undefined;
  return `certificate is for ${namesOf(certificate)}, not ${name}`;
}

const MOST_NAMES = 3;
const MOST_CHARACTERS = 64;

/** Whom a certificate is for, as far as anybody wants to read. */
function namesOf({ subjectAltName, subject }: X509Certificate): string {
  const names = Array.from(
    (subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^\s,"]+)/g),
    ([, name = '']) => name,
  );
  if (names.length === 0) names.push(/^CN=(.*)$/m.exec(subject)?.[1] ?? 'nobody');
  const shown = names.slice(0, MOST_NAMES).map((name) => printable(name.slice(0, MOST_CHARACTERS)));
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function tooOld(certificate: X509Certificate, minDaysLeft: number): string | undefined {
  const leftMs = Date.parse(certificate.validTo) - Date.now();
  if (leftMs < 0) return expired(certificate);
  const days = Math.floor(leftMs / DAY_MS);
  if (days >= minDaysLeft) return undefined;
  return `certificate expires in ${counted(days, 'day')}, minDaysLeft is ${minDaysLeft}`;
}

function expired({ validTo }: X509Certificate): string {
  // It may be another one of its chain.
  if (Date.parse(validTo) > Date.now()) return 'certificate of the authority has expired';
  return `certificate expired on ${dateOf(validTo)}`;
}

/** `2026-11-30`, of the text of a certificate. */
const dateOf = (text: string): string => {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? printable(text) : at.toISOString().slice(0, 10);
};
