import { Facts } from '../../src/cli/doctor/facts.js';
import type { Check, Sighting } from '../../src/cli/doctor/check.js';
import type { FoldedFile } from '../../src/cli/fold-rules.js';
import { IpAddress } from '../../src/ipvs/address.js';
import type { TableEntry } from '../../src/ipvs/client.js';
import type { Connection, Endpoint } from '../../src/ipvs/connections.js';
import { Session } from '../../src/ipvsadm/session.js';
import { noNames } from './command.js';
import { fakeMachine } from './fake-machine.js';
import type { FakeMachineOptions } from './fake-machine.js';
import { tableKernel } from './table-kernel.js';
import type { TableKernelOptions } from './table-kernel.js';

/** What a doctor in a unit test finds. */
export interface Known
  extends
    Pick<TableKernelOptions, 'services' | 'daemons' | 'interfaces' | 'connectionTableSize'>,
    Pick<FakeMachineOptions, 'files' | 'links' | 'open' | 'run'> {
  /** Settings by their paths below /proc/sys. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly connections?: readonly Connection[];
  /** What the rules file says, as far as it matters. */
  readonly rules?: Partial<FoldedFile>;
  /** What `--vip` names. */
  readonly virtualAddresses?: readonly string[];
  /** A table that is too large for a kernel that is a function. */
  readonly table?: readonly TableEntry[];
}

const NOTHING_SAVED: FoldedFile = {
  file: '/etc/ipvsadm.rules',
  services: [],
  lines: new Map(),
  others: [],
  faults: [],
  contradictions: [],
};

export function factsOf({ settings = {}, files = {}, run, links, open, ...known }: Known): Facts {
  const values: Record<string, string> = {};
  for (const [path, value] of Object.entries(settings)) values[`/proc/sys/${path}`] = `${value}\n`;
  const machine = fakeMachine({
    files: { '/proc/net/ip_vs': '', ...values, ...files },
    ...(run !== undefined && { run }),
    ...(links !== undefined && { links }),
    ...(open !== undefined && { open }),
  });
  const nowhere = { write: () => undefined };
  const io = { stdin: [] as never, stdout: nowhere, stderr: nowhere, resolver: noNames };
  const session = new Session(io, tableKernel(known));
  const { connections = [], rules, table, virtualAddresses = [] } = known;
  const savedRules = () => Promise.resolve(rules && { ...NOTHING_SAVED, ...rules });
  const facts = new Facts({ session, machine, virtualAddresses, savedRules });
  return Object.assign(facts, {
    // It is a file, which no kernel that is a function has.
    connections: () => Promise.resolve({ entries: [...connections], complete: true }),
    ...(table !== undefined && { table: () => Promise.resolve(table) }),
  });
}

/** What a check sees there. */
export function look(check: Check, known: Known): Promise<readonly Sighting[]> {
  return check.look(factsOf(known));
}

/** The evidence alone. */
export async function evidence(check: Check, known: Known): Promise<string[]> {
  return (await look(check, known)).map((sighting) => sighting.evidence);
}

/** `connection('TCP ESTABLISHED', '10.0.0.1:1024', '192.0.2.1:80', '192.0.2.11:80')`, each end as `-Ln` writes it. */
export function connection(
  what: string,
  source: string,
  virtual: string,
  destination: string,
): Connection {
  const [protocol = '', state = ''] = what.split(' ');
  return {
    protocol,
    source: endpoint(source),
    virtual: endpoint(virtual),
    destination: endpoint(destination),
    state,
    expiresSeconds: 60,
    persistenceEngine: undefined,
    persistenceData: undefined,
  };
}

function endpoint(text: string): Endpoint {
  const at = text.lastIndexOf(':');
  const address = IpAddress.parse(text.slice(0, at).replace(/^\[(.*)\]$/, '$1'));
  return { address, port: Number(text.slice(at + 1)) };
}
