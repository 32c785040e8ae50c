import { CheckContext } from '../../src/doctor/check-context.js';
import type { RealServerSetUp, RoleName } from '../../src/doctor/check-context.js';
import { HostSnapshot } from '../../src/host/snapshot.js';
import type { Check, Occurrence } from '../../src/doctor/check.js';
import type { LoadedRulesFile } from '../../src/state/load-rules.js';
import { IpAddress } from '../../src/ipvs/model/address.js';
import type { ServiceEntry } from '../../src/ipvs/client/client.js';
import type { Connection, Endpoint } from '../../src/ipvs/proc/read-connections.js';
import { Session } from '../../src/terminal/session.js';
import { noNames } from './command.js';
import { fakeMachine } from './fake-machine.js';
import type { FakeMachineOptions } from './fake-machine.js';
import { tableKernel } from '../../src/testing/table-kernel.js';
import type { TableKernelOptions } from '../../src/testing/table-kernel.js';

/** What a doctor in a unit test finds. */
export interface Known
  extends
    Pick<TableKernelOptions, 'services' | 'daemons' | 'interfaces' | 'connectionTableSize'>,
    Pick<FakeMachineOptions, 'files' | 'links' | 'open' | 'run'> {
  /** Settings by their paths below /proc/sys. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly connections?: readonly Connection[];
  /** What the rules file says, as far as it matters. */
  readonly rules?: Partial<LoadedRulesFile>;
  /** What `--vip` names. */
  readonly virtualAddresses?: readonly string[];
  readonly role?: RoleName;
  /** Whether the kernel has IPVS; by default it has. */
  readonly hasIpvs?: boolean;
  readonly setUp?: RealServerSetUp;
  /** A table that is too large for a kernel that is a function. */
  readonly table?: readonly ServiceEntry[];
}

const NOTHING_SAVED: LoadedRulesFile = {
  file: '/etc/ipvsadm.rules',
  services: [],
  lines: () => new Map(),
  others: [],
  faults: [],
  contradictions: [],
};

export function factsOf({
  settings = {},
  files = {},
  run,
  links,
  open,
  hasIpvs = true,
  ...known
}: Known): CheckContext {
  const values: Record<string, string> = {};
  for (const [path, value] of Object.entries(settings)) values[`/proc/sys/${path}`] = `${value}\n`;
  const host = fakeMachine({
    files: { ...(hasIpvs && { '/proc/net/ip_vs': '' }), ...values, ...files },
    ...(run !== undefined && { run }),
    ...(links !== undefined && { links }),
    ...(open !== undefined && { open }),
  });
  const nowhere = { write: () => undefined };
  const io = { stdin: [] as never, stdout: nowhere, stderr: nowhere, resolver: noNames };
  const session = new Session(io, tableKernel(known));
  const { connections = [], rules, table, role, setUp, virtualAddresses = [] } = known;
  const savedRules = () => Promise.resolve(rules && { ...NOTHING_SAVED, ...rules });
  const machine = new HostSnapshot(host);
  const context = new CheckContext({
    session,
    machine,
    virtualAddresses,
    savedRules,
    role,
    setUp,
  });
  Object.assign(context.ipvs, {
    // It is a file, which no kernel that is a function has.
    connections: () => Promise.resolve(connections),
    ...(table !== undefined && { table: () => Promise.resolve(table) }),
  });
  return context;
}

/** What a check sees there. */
export function runCheck(check: Check, known: Known): Promise<readonly Occurrence[]> {
  return check.run(factsOf(known));
}

/** The evidence alone. */
export async function evidence(check: Check, known: Known): Promise<string[]> {
  return (await runCheck(check, known)).map((occurrence) => occurrence.evidence);
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
    protocol: protocol.toLowerCase(),
    source: endpoint(source),
    virtual: endpoint(virtual),
    destination: endpoint(destination),
    state,
    expiresInSeconds: 60,
    persistenceEngine: undefined,
    persistenceData: undefined,
  };
}

function endpoint(text: string): Endpoint {
  const at = text.lastIndexOf(':');
  const address = IpAddress.parse(text.slice(0, at).replace(/^\[(.*)\]$/, '$1'));
  return { address, port: Number(text.slice(at + 1)) };
}
