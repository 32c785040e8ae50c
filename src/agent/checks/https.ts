import type { CheckValue } from '../../state/file/check-fields.js';
import type { CheckType } from './check-type.js';
import { httpProbe } from './http.js';
import { tlsSettings } from './tls.js';

const PORT = 443;

export const https: CheckType = {
  name: 'https',
  summary: 'the certificate is valid, status and, if given, body or header match',
  prepare: (target, values) => {
    const settings = values as CheckValue<'https'>;
    const serverName = settings.serverName ?? withoutPort(settings.host);
    const tls = tlsSettings(
      { ...settings, ...(serverName !== undefined && { serverName }) },
      target,
    );
    return httpProbe(target, settings, PORT, tls);
  },
};

/** The name in a Host header, which certificates know. */
const withoutPort = (host: string | undefined): string | undefined =>
  host?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
