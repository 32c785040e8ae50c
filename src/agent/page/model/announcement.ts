import type { ServiceStatusJson } from '../../control/shapes.js';
import { plural } from './numbers.js';
import { nameOf } from './query.js';
import { serviceLook } from './states.js';
import { serviceWhy } from './why.js';

/** What a screen reader says of services that have become worse: of a few each, of many how many they are. */
export function announcementOf(worse: readonly ServiceStatusJson[]): string {
  if (worse.length > 3) return `${plural(worse.length, 'service')} have become worse.`;
  return worse
    .map((service) => {
      const { effect, causes } = serviceWhy(service);
      const words = [
        `${nameOf(service)}: ${serviceLook(service).word}`,
        effect,
        ...causes.slice(0, 1),
      ];
      return `${words.filter(Boolean).join('. ')}.`;
    })
    .join(' ');
}
