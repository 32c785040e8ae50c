/** How many connections a plan cuts, counted from the connection table. */
import { describe, expect, test } from 'vitest';
import { parseDestinationId } from '../../../src/ipvs/model/selectors.js';
import type { Connection } from '../../../src/ipvs/proc/read-connections.js';
import { costOf, cutsOf } from '../../../src/state/plan/cuts.js';
import { plan } from '../../../src/state/plan/plan.js';
import { toWantedTable } from '../../../src/state/wanted-table.js';
import type { WantedServiceInput } from '../../../src/state/wanted-table.js';

const SERVER = '10.0.0.2:80';

/** A connection; `method` is that of the real server that goes. */
function connection(
  changes: Partial<Record<'client' | 'virtual' | 'server' | 'state' | 'protocol', string>> = {},
): Connection {
  const { client = '198.51.100.7:40000', virtual = '192.0.2.1:80', server = SERVER } = changes;
  return {
    protocol: changes.protocol ?? 'tcp',
    source: parseDestinationId(client),
    virtual: parseDestinationId(virtual),
    destination: parseDestinationId(server),
    state: changes.state ?? 'ESTABLISHED',
    expiresInSeconds: 100,
    persistenceEngine: undefined,
    persistenceData: undefined,
  };
}

/** What removing all services cuts of these connections, and how often the table was read. */
async function cuts(
  services: readonly WantedServiceInput[],
  connections: readonly Connection[],
  inactiveConnections = 1,
  activeConnections = 0,
) {
  let readings = 0;
  const current = toWantedTable(services).map((service) => ({
    ...service,
    destinations: service.destinations.map((server) => ({
      ...server,
      ...{ inactiveConnections, activeConnections },
    })),
  }));
  const source = {
    async *connections() {
      readings += 1;
      yield await Promise.resolve(connections);
    },
  };
  const { steps } = await costOf(plan({ current, wanted: [], prune: 'all' }), source);
  return { cuts: cutsOf(steps), readings };
}

const serviceWith = (
  service: string,
  forwardingMethod: 'nat' | 'dr' | 'tun' = 'nat',
  destination = SERVER,
): WantedServiceInput => ({
  service,
  destinations: [{ destination, settings: { forwardingMethod } }],
});

const WEB = 'tcp:192.0.2.1:80';

test.each(['nat', 'dr', 'tun'] as const)('open connections count with %s', async (method) => {
  const open = ['ESTABLISHED', 'SYN_RECV', 'CLOSE_WAIT'].map((state) => connection({ state }));
  expect((await cuts([serviceWith(WEB, method)], open)).cuts).toBe(3);
});

test('an entry that the kernel passed over counts, if its own counter of established ones has it', async () => {
  const read = [connection(), connection({ state: 'SYN_RECV' })];
  expect((await cuts([serviceWith(WEB, 'dr')], read, 1, 3)).cuts).toBe(3);
  expect((await cuts([serviceWith(WEB, 'dr')], read, 1, 1)).cuts).toBe(2);
});

test('a connection of which one side has ended counts with nat; otherwise the kernel does not see the other side', async () => {
  const half = [connection({ state: 'FIN_WAIT' })];
  expect((await cuts([serviceWith(WEB, 'nat')], half)).cuts).toBe(1);
  expect((await cuts([serviceWith(WEB, 'dr')], half)).cuts).toBe(0);
});

test('what has ended, templates, and connections of others do not count', async () => {
  const others = [
    ...['TIME_WAIT', 'CLOSE', 'LAST_ACK'].map((state) => connection({ state })),
    connection({ client: '198.51.100.7:0', state: 'NONE' }),
    connection({ virtual: '192.0.2.9:80' }),
    connection({ server: '10.0.0.3:80' }),
    connection({ protocol: 'udp', state: 'UDP' }),
  ];
  expect((await cuts([serviceWith(WEB)], others)).cuts).toBe(0);
});

test('UDP entries count: their clients talk to this server', async () => {
  const entries = [connection({ protocol: 'udp', state: 'UDP' })];
  expect((await cuts([serviceWith('udp:192.0.2.1:80')], entries)).cuts).toBe(1);
});

describe('the service of a connection', () => {
  test('is found by its address, or by any port of it', async () => {
    const found = await cuts(
      [serviceWith(WEB), serviceWith('tcp:192.0.2.5:0', 'nat', '10.0.0.2:0')],
      [connection(), connection({ virtual: '192.0.2.5:443', server: '10.0.0.2:443' })],
    );
    expect(found.cuts).toBe(2);
  });

  test('is that by mark, if none with an address has the real server', async () => {
    const mark = serviceWith('mark:7', 'dr', '10.0.0.2:0');
    const { cuts: count } = await cuts([mark], [connection({ virtual: '203.0.113.1:8080' })]);
    expect(count).toBe(1);
  });
});

test('the connection table is read only if a server that goes has connections', async () => {
  expect(await cuts([serviceWith(WEB)], [connection()], 0)).toEqual({ cuts: 0, readings: 0 });
});
