import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { printable } from '../../common/printable.js';
import { errorText } from '../../common/system-errors.js';
import { fileStamp, readSmallFile } from '../../host/small-file.js';
import { CheckError } from './check-type.js';

/** All certificates that the system trusts, in one file: of Debian, of Fedora, of SUSE. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/ssl/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
];

/** Files of certificates that a check needs. */
export interface CertificateFiles {
  /** Whose signatures count; undefined: any will do. */
  readonly trusted: 'system' | { readonly file: string } | undefined;
  /** With the key. */
  readonly own: string | undefined;
}

/** By the files, as they are at the time. A context with the system's certificates takes a megabyte and some milliseconds. */
const contexts = new Map<string, WeakRef<SecureContext>>();

/**
 * What connections in TLS need of files, shared by all checks that need the same.
 * @throws CheckError when a file cannot be read, or is not what it should be.
 */
export function secureContext({ trusted, own }: CertificateFiles): SecureContext {
  const ca = trusted === 'system' ? systemFile() : trusted?.file;
  const key = JSON.stringify([ca, own].map((path) => path && `${stampOf(path)} ${path}`));
  const known = contexts.get(key)?.deref();
  if (known !== undefined) return known;
  for (const [other, context] of contexts) {
    if (context.deref() === undefined) contexts.delete(other);
  }
  const context = createContext(ca, own);
  contexts.set(key, new WeakRef(context));
  return context;
}

function systemFile(): string {
  const file = SYSTEM_FILES.find((path) => fileStamp(path) !== undefined);
  if (file !== undefined) return file;
  throw new CheckError(
    `no certificates are in /etc/ssl/certs: install the package ca-certificates, or name a file with 'ca', or write 'verify: false'`,
  );
}

function stampOf(path: string): string {
  const stamp = fileStamp(path);
  if (stamp !== undefined) return stamp;
  throw new CheckError(`cannot read ${printable(path)}: no such file`);
}

function createContext(ca: string | undefined, own: string | undefined): SecureContext {
  const authorities = ca === undefined ? [] : [read(ca)];
  if (ca !== undefined) checkCertificates(ca, authorities);
  // An empty list: without one, Node would take its own.
  if (own === undefined) return createSecureContext({ ca: authorities });
  const cert = read(own);
  return refused(own, 'a certificate with its key', () =>
    createSecureContext({ ca: authorities, cert, key: cert }),
  );
}

/** OpenSSL passes over what is no certificate. */
function checkCertificates(path: string, texts: readonly string[]): void {
  refused(path, 'certificates', () => texts.map((text) => new X509Certificate(text)));
}

function read(path: string): string {
  try {
    return readSmallFile(path);
  } catch (error) {
    throw new CheckError(`cannot read ${printable(path)}: ${errorText(error)}`);
  }
}

function refused<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CheckError(
      `${printable(path)} does not hold ${what} in PEM: ${printable(errorText(error))}`,
    );
  }
}
