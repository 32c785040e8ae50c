import { formatServiceId } from '../../../ipvs/model/service.js';
import type { DesiredService } from '../../file/desired.js';
import type { Importer } from '../imported.js';
import { ImportReport } from '../report.js';
import type { Place } from '../report.js';
import { saidOnce } from './around.js';
import type { Around } from './around.js';
import { readGlobal } from './globals.js';
import type { Globals } from './globals.js';
import { readGroup } from './groups.js';
import type { Group } from './groups.js';
import { readLines } from './lines.js';
import { readTree } from './tree.js';
import type { Statement } from './tree.js';
import { readVirtualServer } from './virtual-servers.js';

/** Blocks of keepalived that have nothing to do with IPVS. */
const OTHERS =
  /^(?:vrrp_|bfd_|static_|track_|linkbeat_|garp_|interface_up_down|namespace_with|use_pid|child_wait|instance$|include_check$|process_name|nftables$)/;
/** Those whose loss matters to somebody who replaces keepalived. */
const NOTED = /^(?:vrrp_instance|vrrp_sync_group|bfd_instance|static_)/;

/** Reads a configuration of keepalived, as keepalived 2.2 does. */
export const importKeepalived: Importer = async (file, sources) => {
  const report = new ImportReport();
  const statements = readTree(await readLines(file, sources, report));
  const globals: Globals = { timeouts: undefined, syncDaemons: undefined, scriptUser: undefined };
  const groups = new Map<string, Group>();
  // keepalived joins servers and groups at the end: a group may stand below the servers that use it.
  for (const statement of statements) readAround(statement, { globals, groups }, report);
  const { timeouts, syncDaemons, scriptUser } = globals;
  const around: Around = { groups, scriptUser, names: new Set(), once: saidOnce(report) };
  const services = readServices(statements, around, report);
  const state = { timeouts, syncDaemons, services, agent: {} };
  const notes = report.notes();
  return { state, notes };
};

interface Found {
  readonly globals: Globals;
  readonly groups: Map<string, Group>;
}

function readAround(statement: Statement, { globals, groups }: Found, report: ImportReport): void {
  const { keyword, words } = statement;
  if (keyword === 'virtual_server') return;
  if (keyword === 'virtual_server_group') {
    const group = readGroup(statement, report);
    groups.set(group.name, group);
  } else if (keyword === 'global_defs') {
    for (const one of statement.block ?? []) readGlobal(globals, one, report);
  } else if (keyword.startsWith('net_namespace')) readGlobal(globals, statement, report);
  else if (keyword === 'SSL') {
    report.lost(
      statement,
      'SSL: a certificate of the client belongs to each check: clientCertificate',
    );
  } else if (!OTHERS.test(keyword)) {
    report.problem(
      statement,
      `${keyword}: not a keyword of keepalived; is this a configuration of keepalived?`,
    );
  } else if (NOTED.test(keyword)) {
    const name = [keyword, ...words].join(' ');
    report.lost(
      statement,
      `${name}: passed over, as this is not about IPVS; keepalived can go on with it`,
    );
  }
}

function readServices(
  statements: readonly Statement[],
  around: Around,
  report: ImportReport,
): readonly DesiredService[] {
  const known = new Map<string, Place>();
  return statements
    .filter(({ keyword }) => keyword === 'virtual_server')
    .flatMap((statement) => {
      if (statement.block === undefined) {
        report.problem(statement, 'virtual_server: a block, { … }, is missing behind it');
      }
      const services = readVirtualServer(statement, around, report);
      for (const { id } of services) {
        const text = formatServiceId(id);
        const before = known.get(text);
        if (before !== undefined) {
          const where = `${before.file}:${before.line}`;
          report.problem(
            statement,
            `virtual_server: ${text} is there already, from ${where}; keepalived adds the real servers of both to ` +
              'one service, with the settings of the first: write them into one block',
          );
        } else known.set(text, statement);
      }
      return services;
    });
}
