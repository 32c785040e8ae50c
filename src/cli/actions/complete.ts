import { formatDestinationId } from '../../ipvs/model/destination.js';
import { formatServiceId } from '../../ipvs/model/service.js';
import { CliError } from '../../terminal/cli-error.js';
import { exitStatus } from '../../terminal/exit-status.js';
import { tableReader } from '../table-reader.js';
import type { NamedService } from '../table-reader.js';
import type { VerbAction } from '../verb.js';

type Services = readonly NamedService[];

const servicesOf = (services: Services) =>
  services.flatMap(({ id, name }) => [...(name === undefined ? [] : [name]), formatServiceId(id)]);

const serversOf = (services: Services) => [
  ...new Set(
    services.flatMap(({ destinations }) => destinations.map(({ id }) => formatDestinationId(id))),
  ),
];

const words: Readonly<Record<string, (services: Services) => readonly string[]>> = {
  selector: (services) => [...servicesOf(services), ...serversOf(services)],
  service: servicesOf,
  server: serversOf,
};

export const complete: VerbAction<unknown, readonly string[]> = {
  run: async (context, _options, [kind = '']) => {
    const wordsOf = Object.hasOwn(words, kind) ? words[kind] : undefined;
    if (wordsOf === undefined) {
      const kinds = Object.keys(words).join(', ');
      throw new CliError(`ipvs complete takes one of ${kinds}`, exitStatus.usage);
    }
    const reader = await tableReader(context, []);
    const { entries } = await (kind === 'service' ? reader.readServices() : reader.read());
    return wordsOf(entries);
  },
  status: () => exitStatus.done,
  render: {
    text: (found, { output }) => output.lines(found.map((word) => `${word}\n`).join('')),
  },
};
