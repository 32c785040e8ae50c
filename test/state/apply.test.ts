import { describe, expect, test } from 'vitest';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { apply } from '../../src/state/apply.js';
import { diff } from '../../src/state/diff.js';
import { asWanted, WantedTable } from '../../src/state/table.js';
import type { WantedService } from '../../src/state/table.js';
import type { CommandName } from '../../src/ipvs/wire/constants.js';
import { tableKernel } from '../../src/testing/table-kernel.js';

const web = { protocol: 'tcp', address: '192.0.2.1', port: 80 } as const;

function tableOf(...servers: string[]): WantedService[] {
  const table = new WantedTable();
  table.apply({ type: 'addService', service: web });
  for (const address of servers) {
    table.apply({ type: 'addDestination', service: web, destination: { address, port: 80 } });
  }
  return table.services();
}

/** Applies the difference from one real server to another, where the kernel refuses a command. */
async function replaceServer(refused?: CommandName) {
  const sent: string[] = [];
  const kernel = tableKernel({
    services: [
      { service: web, destinations: [{ destination: { address: '10.0.0.2', port: 80 } }] },
    ],
    refuse: ({ command }) => {
      if (!command.startsWith('GET_')) sent.push(command);
      return command === refused ? 'ENOMEM' : undefined;
    },
  });
  const client = await IpvsClient.open({ socket: kernel });
  const current = kernel.table().map(asWanted);
  const outcome = await apply(client, diff(current, tableOf('10.0.0.3')));
  client.close();
  const servers = kernel.table()[0]?.destinations.map(({ id }) => id.address.toString());
  return { outcome, sent, servers };
}

describe('applying the difference between two tables', () => {
  test('adds what is new before it deletes what is old', async () => {
    const { outcome, sent, servers } = await replaceServer();
    expect(sent).toEqual(['NEW_DEST', 'DEL_DEST']);
    expect(servers).toEqual(['10.0.0.3']);
    expect(outcome.applied.map(({ type }) => type)).toEqual([
      'addDestination',
      'deleteDestination',
    ]);
    expect(outcome).toMatchObject({ failures: [], deletionsWithheld: false });
  });

  test('deletes nothing when the kernel refuses an addition', async () => {
    const { outcome, sent, servers } = await replaceServer('NEW_DEST');
    expect(sent).toEqual(['NEW_DEST']);
    expect(servers).toEqual(['10.0.0.2']);
    expect(outcome).toMatchObject({
      applied: [],
      failures: [{ operation: { type: 'addDestination' }, error: { code: 'ENOMEM' } }],
      deletionsWithheld: true,
    });
  });

  test('names the deletion that the kernel refuses', async () => {
    const { outcome, servers } = await replaceServer('DEL_DEST');
    expect(servers).toHaveLength(2);
    expect(outcome).toMatchObject({
      applied: [{ type: 'addDestination' }],
      failures: [{ operation: { type: 'deleteDestination' }, error: { code: 'ENOMEM' } }],
      deletionsWithheld: false,
    });
  });

  test('sends nothing when nothing differs', async () => {
    const client = { batch: () => Promise.reject(new Error('not to be called')) };
    const outcome = await apply(client, diff(tableOf('10.0.0.2'), tableOf('10.0.0.2')));
    expect(outcome).toEqual({ applied: [], failures: [], deletionsWithheld: false });
  });
});
