import { isTemplate } from '../ipvs/model/connection.js';
import type { ServiceId } from '../ipvs/model/service.js';
import { serviceTest } from './connection-filter.js';
import type { ConnectionTest } from './connection-filter.js';
import type { WeighedService } from './orphans.js';
import { resolveServer, resolveService } from './selection.js';
import type { Selectable, Selector, ServerSelector, ServiceSelector } from './selection.js';

/** A virtual service whose connections may be asked for. */
export interface ConnectedService extends Selectable, WeighedService {
  readonly id: ServiceId;
  readonly destinations: WeighedService['destinations'];
}

interface Wanted {
  readonly selector: Selector;
  readonly test: ConnectionTest;
  isFound: boolean;
}

/**
 * The connections that selectors name. What is not in the table any more may still have some: a selector is missing only
 * when it names nothing in the table and no connection either.
 */
export class ConnectionSelection {
  readonly #wanted: readonly Wanted[];

  /** @throws AmbiguousServerError when an address without a port has several ports in the table. */
  constructor(selectors: readonly Selector[], table: readonly ConnectedService[]) {
    this.#wanted = selectors.map((selector) =>
      selector.kind === 'server' ? wantedServer(selector, table) : wantedService(selector, table),
    );
  }

  /** Whether any of the selectors names this one. */
  readonly test: ConnectionTest = (connection) => {
    let isWanted = false;
    for (const wanted of this.#wanted) {
      if (!wanted.test(connection)) continue;
      wanted.isFound = true;
      isWanted = true;
    }
    return isWanted;
  };

  /** The selectors that named nothing, once all connections have been tested. */
  missing(): readonly Selector[] {
    return this.#wanted.filter(({ isFound }) => !isFound).map(({ selector }) => selector);
  }
}

function wantedService(selector: ServiceSelector, table: readonly ConnectedService[]): Wanted {
  const found = resolveService(table, selector);
  const id = selector.kind === 'service' ? selector.id : found?.id;
  const test = id === undefined ? () => false : serviceTest(id, table);
  return { selector, test, isFound: found !== undefined };
}

function wantedServer(selector: ServerSelector, table: readonly ConnectedService[]): Wanted {
  const { address, port } = selector;
  const isFound = resolveServer(table, selector) !== undefined;
  return {
    selector,
    isFound,
    test: (connection) => {
      const { destination } = connection;
      if (!destination.address.equals(address)) return false;
      if (port === undefined || destination.port === port) return true;
      // The template of a service for all ports names no port.
      return destination.port === 0 && isTemplate(connection);
    },
  };
}
