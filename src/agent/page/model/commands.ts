import type { ServiceStatusJson } from '../../control/shapes.js';
import { serversWorstFirst } from './states.js';

/** A word of a command line as a shell takes it: brackets of IPv6 addresses are patterns to it. */
function shellWord(word: string): string {
  return /^[\w.:/@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What an administrator would type next about a service: the page itself changes nothing. */
export function commandsFor(service: ServiceStatusJson): string[] {
  const [server] = serversWorstFirst(service.servers);
  const commands = [`ipvs status ${shellWord(service.name ?? service.service)}`];
  if (server === undefined) return commands;
  const name = shellWord(server.server);
  switch (server.state) {
    case 'draining':
      commands.push(`ipvs undrain ${name}`);
      break;
    case 'maintenance':
      commands.push(`ipvs maintenance off ${name}`);
      break;
    default:
      commands.push(`ipvs drain ${name}`, `ipvs maintenance on ${name}`);
  }
  return commands;
}
