/** Runs in the guest: a client that stays open while the module of IPVS is unloaded. */
import { execFileSync } from 'node:child_process';
import { IpvsClient } from '../../../src/index.js';
import { collect } from '../../../src/common/collect.js';

const MODULES = '/proc/modules';

/** Takes the schedulers out of the kernel, and then IPVS. Services pin their schedulers: there may be none. */
const UNLOAD = `sed -n 's/^\\(ip_vs_[a-z]*\\) .*/\\1/p' ${MODULES} | xargs -r rmmod; rmmod ip_vs; grep -c ^ip_vs ${MODULES} || true`;

/** How many of IPVS's modules are left. */
function unload(): number {
  return Number(execFileSync('sh', ['-c', UNLOAD], { encoding: 'utf8' }));
}

const marks = (count: number) =>
  Array.from(
    { length: count },
    (_, index) =>
      ({
        type: 'addService',
        service: { firewallMark: index + 1 },
        settings: { scheduler: 'rr' },
      }) as const,
  );

/** What each call says that is the first after the module was unloaded. */
export async function callAfterUnloading(): Promise<unknown> {
  await using client = await IpvsClient.open();
  const calls = {
    query: async () => (await client.timeouts()).tcpSeconds,
    dump: async () => (await collect(client.services())).length,
    change: () => client.addService({ firewallMark: 7 }, { scheduler: 'rr' }),
    batch: () => client.batch(marks(600)),
  };
  const reported: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) {
    await client.flush();
    const left = unload();
    reported[name] = { left, outcome: (await call()) ?? 'done' };
  }
  return reported;
}

/** The same where the kernel cannot load it again: the codes of the errors. */
export async function callWithoutModule(): Promise<unknown> {
  await using client = await IpvsClient.open();
  await client.flush();
  execFileSync('sh', ['-c', 'echo /bin/false > /proc/sys/kernel/modprobe']);
  const left = unload();
  const calls = [
    client.timeouts(),
    collect(client.services()),
    client.addService({ firewallMark: 7 }, { scheduler: 'rr' }),
    client.batch(marks(2)),
  ];
  const outcomes = await Promise.allSettled(calls);
  const codes = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? (outcome.reason as { readonly code: unknown }).code : 'done',
  );
  return { left, codes };
}
