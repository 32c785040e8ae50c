import type { Definitions } from '../../state/file/json-schema.js';
import { count, object, oneOf, text } from './build.js';

export const connectionDefinitions: Definitions = {
  connection: object({
    'type?': { const: 'connection' },
    protocol: oneOf('tcp', 'udp', 'sctp', 'ip'),
    client: text,
    service: text,
    server: text,
    state: text,
    expiresInSeconds: count,
    'template?': { const: true },
  }),
};
