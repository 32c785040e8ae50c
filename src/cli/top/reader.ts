import { collect } from '../../common/collect.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { isIpvsError } from '../../ipvs/errors.js';
import { compareDestinations } from '../../ipvs/model/destination.js';
import type { Destination, DestinationState } from '../../ipvs/model/destination.js';
import { compareServices, formatServiceId } from '../../ipvs/model/service.js';
import type { TableRecords } from '../../state/records.js';
import type { Selection, Selector } from '../../state/selection.js';
import { selected } from '../table-reader.js';
import type { NamedVirtualService } from './sample.js';

/** Reads what is shown, and no more: of thousands of services, no real servers. */
export class TopReader {
  readonly #client: IpvsClient;
  readonly #selectors: readonly Selector[];
  readonly #names: TableRecords['services'];

  constructor(client: IpvsClient, selectors: readonly Selector[], records: TableRecords) {
    this.#client = client;
    this.#selectors = selectors;
    this.#names = records.services;
  }

  /** The selected services, in the order of listings. @throws CliError when a selector is ambiguous. */
  async services(signal?: AbortSignal): Promise<Selection<NamedVirtualService>> {
    const table = await collect(this.#client.services({ signal }));
    table.sort((a, b) => compareServices(a.id, b.id));
    // Most tables have no names: no text is made for nothing.
    const named = (service: NamedVirtualService) =>
      this.#names.size === 0
        ? service
        : { ...service, name: this.#names.get(formatServiceId(service.id))?.name };
    if (this.#selectors.length === 0) return { entries: table.map(named), missing: [] };
    const servers = await this.#serversOf(table, signal);
    const entries = table.map((service, index) => ({
      ...named(service),
      destinations: servers[index] ?? [],
    }));
    return selected(entries, this.#selectors);
  }

  /** The real servers of a service, in the order of listings; undefined when there is no such service. */
  async servers(key: string, signal?: AbortSignal): Promise<readonly Destination[] | undefined> {
    try {
      const found = await collect(this.#client.destinations(key, { signal }));
      return found.sort((a, b) => compareDestinations(a.id, b.id));
    } catch (error) {
      if (isIpvsError(error) && error.code === 'ESRCH') return undefined;
      throw error;
    }
  }

  /** Which real servers there are, where real servers were named. */
  async #serversOf(
    table: readonly NamedVirtualService[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly DestinationState[])[]> {
    if (!this.#selectors.some(({ kind }) => kind === 'server')) return [];
    const ids = table.map(({ id }) => id);
    return collect(this.#client.destinations(ids, { statistics: false, signal }));
  }
}
