import type { Namespace } from '../test/lab/lab.js';
import type { Guest } from './guest.js';
import { genuine, ours } from './programs.js';
import type { Bench } from './row.js';
import { rulesOf, sizeOf, type Shape } from './rules.js';

/** Fills a table, outside of what is measured, and gives it to `use`. */
export async function withTable<T>(
  bench: Bench,
  shape: Shape,
  use: (guest: Guest, namespace: Namespace) => Promise<T>,
): Promise<T> {
  const guest = await bench.guest();
  const rules = await guest.put('rules', rulesOf(shape));
  return guest.within(async (namespace) => {
    bench.step(`a table of ${sizeOf(shape)}`);
    await guest.measure(namespace, [...ours(), '-R'], { input: rules });
    return use(guest, namespace);
  });
}

/** What a kernel has seen before it is filled. */
export type History = 'never had them' | 'had them just before';

/**
 * A network namespace whose table is empty. The kernel keeps real servers that were deleted for a minute or two, and looks
 * through them whenever one is added (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_trash_get_dest): so it matters for whoever
 * fills the table whether it is new, as after a boot, or was cleared, as before a restore.
 * @param rules a file of the guest.
 */
export function withEmptyTable<T>(
  guest: Guest,
  history: History,
  rules: string,
  use: (namespace: Namespace) => Promise<T>,
): Promise<T> {
  return guest.within(async (namespace) => {
    if (history === 'had them just before') {
      await guest.measure(namespace, [...ours(), '-R'], { input: rules });
      await guest.run(namespace, [...genuine, '-C']);
    }
    return use(namespace);
  });
}

/** Fails when a table is not what the rules in a file of the guest say: what is fast and wrong does not count. */
export async function checkTable(
  guest: Guest,
  namespace: Namespace,
  rules: string,
  what: string,
): Promise<void> {
  await guest.measure(namespace, [...genuine, '-S', '-n'], { keep: 'saved' });
  await guest.same(guest.path('saved'), rules, what);
}
