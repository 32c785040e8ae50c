import { describe, expect, test } from 'vitest';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { formatDestinationId } from '../../src/ipvs/model/destination.js';
import { formatServiceId } from '../../src/ipvs/model/service.js';
import type { TableChange } from '../../src/state/diff.js';
import { readTable } from '../../src/state/read-table.js';
import { watch } from '../../src/state/watch.js';
import type { WatchOptions } from '../../src/state/watch.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import type { TableKernelOptions } from '../../src/testing/table-kernel.js';

const web = 'tcp:192.0.2.1:80';
const SOON = { intervalMs: 1 };

async function open(options?: TableKernelOptions) {
  const kernel = tableKernel(options);
  const client = await IpvsClient.open({ socket: kernel });
  return { kernel, client };
}

/** A change in a line: `changed tcp:192.0.2.1:80 10.0.0.2:80`. */
function textOf({ type, service, destination }: TableChange): string {
  const server = destination === undefined ? '' : ` ${formatDestinationId(destination)}`;
  return `${type} ${formatServiceId(service)}${server}`;
}

/** The first changes that are reported. */
async function changesOf(client: IpvsClient, options: WatchOptions, count: number) {
  const changes: TableChange[] = [];
  for await (const change of watch(client, { ...SOON, ...options })) {
    if (changes.push(change) === count) break;
  }
  return changes;
}

describe('watching a table', () => {
  test('reports additions before removals, and real servers before their service goes', async () => {
    const { client } = await open();
    await client.addService('mark:7');
    await client.addDestination('mark:7', '10.0.0.9:0');
    const from = await readTable(client);
    await client.deleteService('mark:7');
    await client.addService(web);
    await client.addDestination(web, '10.0.0.2:80');
    expect((await changesOf(client, { from }, 4)).map(textOf)).toEqual([
      `added ${web}`,
      `added ${web} 10.0.0.2:80`,
      'removed mark:7 10.0.0.9:0',
      'removed mark:7',
    ]);
  });

  test('has the settings before and after a change', async () => {
    const { client } = await open();
    await client.addService(web, { scheduler: 'rr' });
    await client.addDestination(web, '10.0.0.2:80', { forwardingMethod: 'nat' });
    const from = await readTable(client);
    await client.updateService(web, { scheduler: 'wrr' });
    await client.updateDestination(web, '10.0.0.2:80', { weight: 0 });
    expect(await changesOf(client, { from }, 2)).toMatchObject([
      { type: 'changed', before: { scheduler: 'rr' }, after: { scheduler: 'wrr' } },
      {
        type: 'changed',
        before: { forwardingMethod: 'nat', weight: 1 },
        after: { forwardingMethod: 'nat', weight: 0 },
      },
    ]);
  });

  test('begins with the table as it is, unless it is given one to compare with', async () => {
    const { client, kernel } = await open({ services: [{ service: web }] });
    const change = watch(client, SOON).next();
    await expect.poll(() => kernel.requests.length).toBeGreaterThanOrEqual(4);
    await client.addService('mark:7');
    expect(textOf((await change).value)).toBe('added mark:7');
    expect((await changesOf(client, { from: [] }, 2)).map(textOf).sort()).toEqual([
      'added mark:7',
      `added ${web}`,
    ]);
  });

  test('does not report counters', async () => {
    const { client, kernel } = await open({
      services: [{ service: web, statistics: { connections: 5n } }],
    });
    const from = await readTable(client);
    await client.zero();
    const change = watch(client, { ...SOON, from }).next();
    const read = () => kernel.requests.filter(({ command }) => command === 'GET_SERVICE').length;
    const before = read();
    await expect.poll(read).toBeGreaterThan(before + 1);
    await client.addService('mark:7');
    expect(textOf((await change).value)).toBe('added mark:7');
  });

  test('rejects with the reason of its signal, also between two readings', async () => {
    const { client } = await open();
    const controller = new AbortController();
    const { signal } = controller;
    const change = watch(client, { from: [], intervalMs: 2 ** 31 - 1, signal }).next();
    controller.abort('shutdown');
    await expect(change).rejects.toBe('shutdown');
    await expect(watch(client, { signal }).next()).rejects.toBe('shutdown');
  });

  test('rejects when the kernel refuses a reading', async () => {
    const { client } = await open({ refuse: () => 'EPERM' });
    await expect(watch(client).next()).rejects.toMatchObject({ code: 'EPERM' });
  });

  test.each([0, -1, NaN, Infinity, 2 ** 31])('refuses an interval of %d ms', async (intervalMs) => {
    const { client } = await open();
    await expect(watch(client, { intervalMs }).next()).rejects.toThrow(
      new RangeError(`intervalMs: ${intervalMs} is not from 1 to 2147483647`),
    );
  });
});
