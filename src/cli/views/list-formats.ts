import { jsonLine } from '../../common/json.js';
import { serviceJson } from '../../state/service-json.js';
import type { ServiceJson } from '../../state/service-json.js';
import { SCHEMA_VERSION } from '../verb.js';
import type { ListedService } from './list-filters.js';
import type { PrintListing } from './listing.js';

/** A service as JSON; without its real servers where only services are asked for. */
function listedJson(service: ListedService, hasServers: boolean): ServiceJson {
  const { servers, ...own } = serviceJson(service, hasServers ? service.shown : [], service.name);
  return hasServers && servers !== undefined ? { ...own, servers } : own;
}

/** One object, with a line for each service, so that git and grep see services. */
export const printJson: PrintListing = async ({ services }, { hasServers }, { output }) => {
  await output.lines(`{"schemaVersion":${SCHEMA_VERSION},"services":[`);
  let separator = '\n';
  for (const service of services) {
    await output.lines(separator + jsonLine(listedJson(service, hasServers)));
    separator = ',\n';
  }
  await output.line(services.length === 0 ? ']}' : '\n]}');
};

/** An object a line. */
export const printNdjson: PrintListing = async ({ services }, { hasServers }, { output }) => {
  for (const service of services) {
    await output.line(jsonLine({ type: 'service', ...listedJson(service, hasServers) }));
  }
};

/** A document; later ones are divided from it by `---`. */
export const printYaml: PrintListing = async ({ services }, { hasServers }, { output }, moment) => {
  // Only who wants YAML waits for it to load.
  const { stringify } = await import('yaml');
  const listed = services.map((service) => listedJson(service, hasServers));
  const document = { schemaVersion: SCHEMA_VERSION, services: listed };
  if (moment === 'later') await output.line('---');
  await output.lines(stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }));
};
