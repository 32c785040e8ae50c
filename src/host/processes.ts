import { mapWithLimit } from '../common/concurrency.js';
import type { Host } from './host.js';

/** A running program. */
export interface Process {
  readonly id: number;
  /** As the kernel knows it, truncated to 15 bytes. */
  readonly name: string;
  /** Its command line. */
  readonly words: readonly string[];
}

/** How many processes are read at a time. */
const AT_ONCE = 64;

/** The processes with these names in the network namespace of this one. */
export async function processesNamed(
  host: Host,
  names: ReadonlySet<string>,
): Promise<readonly Process[]> {
  const ids = (await host.list('/proc')).filter((name) => /^\d+$/.test(name));
  const network = await host.link('/proc/self/ns/net');
  const found = await mapWithLimit(ids, AT_ONCE, async (id) => {
    const name = (await host.read(`/proc/${id}/comm`))?.trimEnd() ?? '';
    if (!names.has(name) || (await host.link(`/proc/${id}/ns/net`)) !== network) return [];
    const words = ((await host.read(`/proc/${id}/cmdline`)) ?? '').split('\0');
    return [{ id: Number(id), name, words: words.slice(0, -1) }];
  });
  return found.flat().sort((a, b) => a.id - b.id);
}
