/** Called in an agent: makes by netlink what no rule can ask for. */
import { IpvsClient } from '../../../src/ipvs/client/client.js';

export async function addUnrestorable(): Promise<void> {
  await using client = await IpvsClient.open();
  const anyPort = { protocol: 'tcp', address: '10.0.0.9', port: 0 } as const;
  await client.addService(anyPort, { scheduler: 'rr' });
  await client.addDestination(
    anyPort,
    { address: '10.0.1.9', port: 0 },
    { forwardingMethod: 'nat', upperThreshold: 2 ** 31 },
  );
}
