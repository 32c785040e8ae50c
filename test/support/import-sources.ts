import { IpAddress } from '../../src/ipvs/model/address.js';
import type { ImportSources } from '../../src/state/import/imported.js';

/** Hosts and ports that imports of tests may name. */
const hosts: Readonly<Record<string, string>> = {
  localhost: '127.0.0.1',
  'one.example.com': '192.0.2.10',
  'two.example.com': '192.0.2.12',
};
const ports: Readonly<Record<string, number>> = { domain: 53, http: 80, https: 443, smtp: 25 };

/** Files by their names, a few hosts and a few ports. */
export function importSources(files: Readonly<Record<string, string>>): ImportSources {
  return {
    read: (path) => Promise.resolve(files[path]),
    glob: () => Promise.resolve([]),
    addressOf: (host, family) => {
      const address = IpAddress.tryParse(hosts[host] ?? '');
      return Promise.resolve(address?.family === family ? address : undefined);
    },
    portOf: (name) => ports[name],
  };
}
