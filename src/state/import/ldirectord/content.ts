import { formatDestinationId } from '../../../ipvs/model/destination.js';
import type { DesiredServer, DesiredService } from '../../file/desired.js';
import type { WantedDestination } from '../../table.js';
import type { CheckedServer, CheckedService } from './checked.js';
import { checkOf } from './checks.js';
import type { Check } from './checks.js';

/** The server of a `fallback` line. */
export interface Fallback {
  readonly server: WantedDestination;
  readonly line: number;
}

type Content = Pick<DesiredService, 'destinations' | 'health'>;

/** The servers of a service, and how they are checked. */
export function contentOf(
  service: CheckedService,
  servers: readonly CheckedServer[],
  fallback: Fallback | undefined,
  line: number,
): Content {
  const { settings, globals } = service;
  const quiescent = settings.value('quiescent') ?? globals.value('quiescent') ?? 'no';
  if (settings.value('checktype') === 'off') {
    return withoutServers(service, servers, fallback, { quiescent: quiescent === 'yes', line });
  }
  if (servers.length === 0 && fallback !== undefined) {
    const message = 'without a real server the fallback is the only server, at all times';
    service.report.info(fallback.line, message);
    return { destinations: [{ ...fallback.server, health: {} }], health: {} };
  }
  const checks = checksOf(service, servers, line);
  const shared = sharedCheck(checks);
  const destinations = servers.map(({ wanted }, index) => {
    const check = checks[index];
    return { ...wanted, health: check === undefined || check === shared ? {} : { check } };
  });
  const isChecked = checks.some((check) => check !== 'none');
  return {
    destinations,
    health: {
      ...(shared !== undefined && { check: shared }),
      ...(isChecked && { onFailure: quiescent === 'yes' ? 'quiet' : 'remove' }),
      ...(fallback !== undefined && { sorryServer: sorryServer(fallback) }),
      ...(isChecked && fallback === undefined && { failOpen: 'never' }),
    },
  };
}

/** The check of each server: equal ones are one object, for a range may have thousands of them. */
function checksOf(
  service: CheckedService,
  servers: readonly CheckedServer[],
  line: number,
): readonly Check[] {
  const type = service.settings.value('checktype');
  const byAddress = type === 'external' || type === 'external-perl';
  const known = new Map<string, Check>();
  return servers.map((server) => {
    const { wanted, port, exchange, address } = server;
    const key = JSON.stringify([wanted.id.port, port, exchange, byAddress && address]);
    const check = known.get(key) ?? checkOf(service, server, line);
    known.set(key, check);
    return check;
  });
}

/** The check that most servers have in common; undefined when each has one of its own. */
function sharedCheck(checks: readonly Check[]): Check | undefined {
  const counts = new Map<Check, number>();
  for (const check of checks) counts.set(check, (counts.get(check) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most !== undefined && (most[1] > 1 || checks.length === 1) ? most[0] : undefined;
}

function sorryServer({ server: { id, settings } }: Fallback) {
  return {
    server: formatDestinationId(id),
    weight: settings.weight,
    method: settings.forwardingMethod,
  };
}

/** With `checktype = off` no real server ever gets connections, and the fallback does at all times. */
function withoutServers(
  { report }: CheckedService,
  servers: readonly CheckedServer[],
  fallback: Fallback | undefined,
  { quiescent, line }: { readonly quiescent: boolean; readonly line: number },
): Content {
  const quiet = servers.map(({ wanted: { id, settings } }): DesiredServer => {
    return { id, settings: { ...settings, weight: 0 }, health: {} };
  });
  const kept = quiescent ? quiet : [];
  if (!quiescent && servers.length > 0) {
    const message =
      'checktype = off without quiescent: ldirectord keeps these real servers out of the table, so they are left out: ' +
      servers
        .map(({ wanted }) => formatDestinationId(wanted.id))
        .slice(0, 20)
        .join(', ') +
      (servers.length > 20 ? ', ...' : '');
    report.lost(line, message);
  } else if (servers.length > 0) {
    report.info(line, 'checktype = off: the real servers have weight 0');
  }
  if (fallback !== undefined) {
    report.info(fallback.line, 'checktype = off: the fallback is a server at all times');
  }
  const last = fallback === undefined ? [] : [{ ...fallback.server, health: {} }];
  return { destinations: [...kept, ...last], health: { check: 'none' } };
}
