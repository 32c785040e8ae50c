import { expect, vi } from 'vitest';
import type { Namespace } from '../lab/lab.js';
import { PATIENCE_MS } from '../lab/patience.js';

/**
 * Waits until interfaces have the addresses that they give themselves, for good. The kernel may take a second to notice that
 * the other end of a wire is up; only then does it give an end its own.
 */
export async function settled(machine: Namespace): Promise<void> {
  await vi.waitFor(async () => {
    const { stdout } = await machine.run(['ip', '-json', 'address', 'show', 'up']);
    const wired = (JSON.parse(stdout) as Link[]).filter(({ link_type: type }) => type === 'ether');
    expect(wired.filter((link) => !isSettled(link))).toEqual([]);
  }, PATIENCE);
}

const PATIENCE = { timeout: PATIENCE_MS, interval: 100 };

/** What `ip -json address` says of an interface. */
interface Link {
  readonly link_type: string;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly scope: string; readonly tentative?: true }[];
}

function isSettled({ flags, addr_info: addresses }: Link): boolean {
  return (
    !flags.includes('NO-CARRIER') &&
    addresses.some(({ scope }) => scope === 'link') &&
    addresses.every(({ tentative }) => tentative !== true)
  );
}

/** All that a set-up could change of a machine, to be compared before and after. */
export async function machineState(machine: Namespace): Promise<Record<string, readonly string[]>> {
  const { stdout, stderr } = await machine.run(['sh', '-c', SCRIPT]);
  expect(stderr).toBe('');
  const parts = stdout.split(/^== (.*)\n/m).slice(1);
  const state: Record<string, readonly string[]> = {};
  for (let at = 0; at < parts.length; at += 2) {
    const name = parts[at] ?? '';
    const text = (parts[at + 1] ?? '').replaceAll('},{', '},\n{').replaceAll(VOLATILE, '');
    const lines = text.split('\n');
    // In the order of folders, which says nothing.
    state[name] = name === 'settings' ? lines.sort() : lines;
  }
  return state;
}

/**
 * What changes by itself: how many entries the kernel holds at the moment, the `operstate` of a link, which follows its
 * coming up later, and the times and counters in what the firewall saves. What cannot be read by design, as flush and
 * stable_secret, has no line.
 */
const VOLATILE = /^.*\/nf_conntrack_count:.*\n|"operstate":"[A-Z]*",|^#.*\n|\[\d+:\d+\]/gm;

const SCRIPT = `
echo '== links'; ip -json -details address
for version in 4 6; do echo "== routes $version"; ip -$version -json route show table all; done
echo '== settings'; grep -rs . /proc/sys/net
echo '== rules'; /sbin/ipvsadm -Sn
echo '== timeouts'; /sbin/ipvsadm -Ln --timeout
echo '== firewall'; iptables-legacy-save
`;
