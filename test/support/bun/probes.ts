/** Run by Bun: the checks, as the single executable has them. Told by lines of JSON what to run, it prints the outcomes. */
import { createInterface } from 'node:readline';
import { checkTypes } from '../../../src/agent/checks/check-types.js';
import type { Probe } from '../../../src/agent/checks/check-type.js';
import { pingProbe } from '../../../src/agent/checks/ping.js';
import type { CheckTarget } from '../../../src/agent/config/config.js';
import { IpAddress } from '../../../src/ipvs/model/address.js';
import type { Order, ProbeSource, TargetText } from './orders.js';

const probes = new Map<number, Probe>();

function targetOf({ service, ...text }: TargetText): CheckTarget {
  return {
    ...text,
    address: IpAddress.parse(text.address),
    source: text.source === undefined ? undefined : IpAddress.parse(text.source),
    service:
      'address' in service ? { ...service, address: IpAddress.parse(service.address) } : service,
    server: { ...text.server, address: IpAddress.parse(text.server.address) },
  };
}

function probeFrom({ type, target, settings, program, count }: ProbeSource): Probe {
  if (program !== undefined) return pingProbe(program, targetOf(target), count);
  const found = checkTypes.find(({ name }) => name === type);
  if (found === undefined) throw new Error(`there are no checks of type ${type}`);
  return found.prepare(targetOf(target), settings);
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function follow(order: Order): Promise<void> {
  if (order.kind === 'make') probes.set(order.probe, probeFrom(order.source));
  else if (order.kind === 'close') probes.get(order.probe)?.close?.();
  else print({ run: order.run, outcome: await probes.get(order.probe)?.run() });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  for (const order of JSON.parse(line) as Order[]) void follow(order);
});
