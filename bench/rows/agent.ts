import type { Row } from '../row.js';
import { besideKeepalived } from './agent/keepalived.js';
import { manyServers } from './agent/many.js';

const parts = [manyServers, besideKeepalived];

/** What checking costs, and how soon a server that dies is out. */
export const agent: Row = {
  name: 'agent',
  about: parts.map(({ about }) => about).join('; '),
  async run(bench) {
    const found = [];
    for (const part of parts) found.push(...(await part.run(bench)));
    return found;
  },
};
