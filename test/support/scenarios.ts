/** What users of IPVS do and see, by the numbers that names of tests begin with: `S22: …`, `S29, S30: …`. */
export interface Scenario {
  readonly title: string;
  /** Why no test runs it. */
  readonly leftOut?: string;
}

const TEXT = 'advice, nothing to run';

export const scenarios: Readonly<Record<string, Scenario>> = {
  S1: { title: 'is IPVS there; versions' },
  S2: { title: 'virtual services: add, edit, delete, clear' },
  S3: { title: 'real servers: add, edit, delete' },
  S4: { title: 'weight 0, and taking a real server out' },
  S5: { title: 'real servers swapped by hand' },
  S6: { title: 'listings' },
  S7: { title: 'statistics and rates' },
  S8: { title: 'the table of connections' },
  S9: { title: 'timeouts' },
  S10: { title: 'save and restore' },
  S11: { title: 'rules as a service of the system' },
  S12: { title: 'thresholds, one-packet scheduling, SCTP, tunnels, flags' },
  S13: { title: 'errors and exit statuses' },
  S14: { title: 'what tells the forwarding methods apart' },
  S15: { title: 'direct routing' },
  S16: { title: 'direct routing, other addresses' },
  S17: { title: 'the frames of direct routing' },
  S18: { title: 'who answers ARP for the virtual address' },
  S19: { title: 'settings of the kernel' },
  S20: { title: 'a director for direct routing, up and down' },
  S21: { title: 'a director for NAT, up and down' },
  S22: { title: 'NAT' },
  S23: { title: 'tunnels' },
  S24: { title: 'a real server for direct routing, up and down' },
  S25: { title: 'a real server for tunnels, up and down' },
  S26: { title: 'set-up that survives a restart', leftOut: TEXT },
  S27: { title: 'no full NAT in the kernel' },
  S28: { title: 'schedulers: who is picked' },
  S29: { title: 'rr' },
  S30: { title: 'wrr' },
  S31: { title: 'lc' },
  S32: { title: 'wlc' },
  S33: { title: 'sed' },
  S34: { title: 'nq' },
  S35: { title: 'sh' },
  S36: { title: 'dh' },
  S37: { title: 'lblc' },
  S38: { title: 'lblcr' },
  S39: { title: 'fo, ovf, mh' },
  S40: { title: 'persistence, its netmask and its end' },
  S41: { title: 'persistence for one port' },
  S42: { title: 'persistence for all ports' },
  S43: { title: 'persistence by firewall mark' },
  S44: { title: 'marks with several firewalls', leftOut: TEXT },
  S45: { title: 'HTTPS and FTP' },
  S46: { title: 'a loop that checks real servers' },
  S47: { title: 'a sorry server' },
  S48: { title: 'building keepalived', leftOut: TEXT },
  S49: { title: 'two directors with keepalived' },
  S50: { title: 'real servers by reloading a health checker' },
  S51: { title: 'two directors, two virtual addresses' },
  S52: { title: 'a pair whose inner gateway moves too' },
  S53: { title: 'synchronisation of connections' },
  S54: { title: 'the size of the connection table' },
  S55: { title: 'why sh is no persistence' },
  S56: { title: 'views for monitoring' },
  S57: { title: 'firewalls on the director, and what is wrong' },
  S58: { title: 'data behind the service', leftOut: TEXT },
  S59: { title: 'sizing', leftOut: TEXT },
};

/** The scenarios that the name of a test or of a group of tests begins with. */
export function scenariosIn(name: string): readonly string[] {
  const [list = ''] = /^S\d+(?:, S\d+)*(?=: )/.exec(name) ?? [];
  return list === '' ? [] : list.split(', ');
}

export interface Tally {
  passed: number;
  failed: number;
}

/** A line for each scenario; those that should have been run and were not count as failed. */
export function scenarioReport(tallies: ReadonlyMap<string, Tally>): {
  readonly text: string;
  readonly missing: number;
} {
  let missing = 0;
  const lines = Object.entries(scenarios).map(([id, { title, leftOut }]) => {
    const tally = tallies.get(id);
    const start = id.padEnd(4);
    if (tally === undefined && leftOut !== undefined)
      return `${start}left out     ${title}: ${leftOut}`;
    if (tally === undefined) missing += 1;
    return `${start}${resultOf(tally).padEnd(12)} ${title}`;
  });
  return { text: `Scenarios, and how many tests each has:\n${lines.join('\n')}\n`, missing };
}

function resultOf(tally: Tally | undefined): string {
  if (tally === undefined) return 'NOT RUN';
  return tally.failed > 0 ? `FAILED ${tally.failed}` : `passed ${tally.passed}`;
}
