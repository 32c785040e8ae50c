import { describe, expect, test } from 'vitest';
import { formatDestinationId } from '../../src/ipvs/model/destination.js';
import { diff } from '../../src/state/diff.js';
import { overlay } from '../../src/state/overlay.js';
import type { Placement } from '../../src/state/overlay.js';
import type { WantedDestination, WantedService } from '../../src/state/table.js';
import { toWantedTable } from '../../src/state/wanted-table.js';

function serviceOf(weights: Readonly<Record<string, number>>): WantedService {
  const destinations = Object.entries(weights).map(([destination, weight]) => {
    return {
      destination,
      settings: { forwardingMethod: 'nat', upperThreshold: 7, weight },
    } as const;
  });
  const [service] = toWantedTable([{ service: 'tcp:192.0.2.1:80', destinations }]);
  if (service === undefined) throw new Error('no service');
  return service;
}

const extra = (weights: Readonly<Record<string, number>>): readonly WantedDestination[] =>
  serviceOf(weights).destinations;

const [one, two, sorry] = ['10.0.0.1:80', '10.0.0.2:80', '127.0.0.1:8080'];
const wanted = serviceOf({ [one]: 3, [two]: 4 });
const places = (all: Readonly<Record<string, Placement>>) => new Map(Object.entries(all));
const weightsOf = ({ destinations }: WantedService) =>
  destinations.map(({ id, settings }) => `${formatDestinationId(id)} ${settings.weight}`);

describe('laid over what is wanted', () => {
  test('health gives a server its weight, and leaves its other settings alone', () => {
    const weights = places({
      [one]: { isInTable: true, weight: 3 },
      [two]: { isInTable: true, weight: 1 },
    });
    const effective = overlay(wanted, weights, []);
    expect(weightsOf(effective)).toEqual([`${one} 3`, `${two} 1`]);
    expect(effective.destinations[1]?.settings).toMatchObject({
      forwardingMethod: 'nat',
      upperThreshold: 7,
    });
    expect(effective.settings).toBe(wanted.settings);
  });

  test('health takes a server out', () => {
    const weights = places({ [one]: { isInTable: false, weight: 0 } });
    expect(weightsOf(overlay(wanted, weights, []))).toEqual([`${two} 4`]);
  });

  test('a server of which nothing is said is as it is wanted', () => {
    expect(overlay(wanted, new Map(), [])).toEqual(wanted);
  });

  test('servers that are drained before they go are in with weight 0', () => {
    expect(weightsOf(overlay(wanted, new Map(), extra({ '10.0.0.9:80': 0 })))).toEqual([
      `${one} 3`,
      `${two} 4`,
      '10.0.0.9:80 0',
    ]);
  });

  test('a server is in once, with what the file says of it', () => {
    expect(weightsOf(overlay(wanted, new Map(), extra({ [one]: 0, [two]: 9 })))).toEqual([
      `${one} 3`,
      `${two} 4`,
    ]);
  });

  test('a sorry server that is also being drained takes connections', () => {
    const both = [...extra({ [sorry]: 0 }), ...extra({ [sorry]: 1 })];
    expect(weightsOf(overlay(serviceOf({}), new Map(), both))).toEqual([`${sorry} 1`]);
  });
});

describe('there is no moment without a server', () => {
  const quiet = places({
    [one]: { isInTable: true, weight: 0 },
    [two]: { isInTable: false, weight: 0 },
  });
  const apologizing = overlay(wanted, quiet, extra({ [sorry]: 1 }));
  const operations = (from: WantedService, to: WantedService) => {
    const { changes, deletions } = diff([from], [to]);
    return [...changes, ...deletions].map((operation) => {
      if (!('destination' in operation) || typeof operation.destination === 'string') return '';
      return `${operation.type} ${formatDestinationId(operation.destination as WantedDestination['id'])}`;
    });
  };

  test('the sorry server is added before the last real server goes', () => {
    expect(operations(wanted, apologizing)).toEqual([
      `addDestination ${sorry}`,
      `replaceDestination ${one}`,
      `deleteDestination ${two}`,
    ]);
  });

  test('and removed after the first came back', () => {
    expect(operations(apologizing, wanted)).toEqual([
      `replaceDestination ${one}`,
      `addDestination ${two}`,
      `deleteDestination ${sorry}`,
    ]);
  });

  test('one server gets its weight before another loses its own', () => {
    const first = overlay(wanted, places({ [two]: { isInTable: true, weight: 0 } }), []);
    const second = overlay(wanted, places({ [one]: { isInTable: true, weight: 0 } }), []);
    expect(operations(first, second)).toEqual([
      `replaceDestination ${two}`,
      `replaceDestination ${one}`,
    ]);
  });
});
