import type { Row } from '../row.js';
import { listed } from './look/list.js';
import { metricsText } from './look/metrics.js';
import { topFrames } from './look/top.js';

const parts = [listed, metricsText, topFrames];

/** What looking costs. */
export const look: Row = {
  name: 'look',
  about: parts.map(({ about }) => about).join('; '),
  async run(bench) {
    const found = [];
    for (const part of parts) found.push(...(await part.run(bench)));
    return found;
  },
};
