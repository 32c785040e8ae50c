import type { Family } from '../../common/ip-family.js';
import { HostError } from '../../host/host-error.js';
import type { Host } from '../../host/host.js';
import { ipOption, readRoutes, resolveRoutes, runIp } from '../../host/network.js';
import type { ResolvedRoute } from '../../host/network.js';
import { FAMILIES, firewallRules, TABLE } from './firewall-rules.js';
import { probeAddressOf } from './paths.js';
import type { Path } from './paths.js';

/** What paths need of the machine besides the kernel's IPVS table: firewall rules and routes. */
export interface PathSystem {
  /** Sets up these paths, and removes all others. @throws HostError when that fails. */
  set(paths: readonly Path[]): Promise<void>;
  /** Whether everything that was set up is still in place. */
  isIntact(): Promise<boolean>;
}

/** Distinguishes the agent's routes from all others. */
const ROUTE_PROTOCOL = '73';

export function hostPaths(host: Host): PathSystem {
  /** What the programs showed right after it was set up. */
  let known: string | undefined;
  return {
    set: async (paths) => {
      // Routes first: a connection without one fails at once.
      await setRoutes(host, paths);
      await setRules(host, paths);
      known = paths.length === 0 ? undefined : await seen(host);
    },
    isIntact: async () => known === undefined || known === (await seen(host)),
  };
}

async function setRules(host: Host, paths: readonly Path[]): Promise<void> {
  const result = await host.run('nft', ['-f', '-'], firewallRules(paths));
  if (result?.status === 0) return;
  // Without a working nft there are no rules of the agent to remove.
  if (paths.length === 0) return;
  const needs = 'checks with through: path need nftables';
  if (result === undefined) throw new HostError(`${needs}: install the package nftables`);
  throw new HostError(`${needs}, and nft fails: ${result.stderr.trim().split('\n')[0] ?? ''}`);
}

async function setRoutes(host: Host, paths: readonly Path[]): Promise<void> {
  const routes = await resolveRoutes(host, new Set(paths.map(({ server }) => `${server.address}`)));
  for (const family of ['ipv4', 'ipv6'] as const) {
    const lines = new Map(
      paths
        .filter(({ virtual }) => virtual.family === family)
        .flatMap((path) => {
          const line = routeLine(path, routes.get(`${path.server.address}`));
          return line === undefined ? [] : [[`${probeAddressOf(path)}`, line]];
        }),
    );
    const there = await readRoutes(host, family, ROUTE_PROTOCOL);
    const others = there.filter(({ to }) => !lines.has(to));
    const batch = [...lines.values(), ...others.map(({ to }) => `route del ${to}\n`)];
    if (batch.length === 0) continue;
    const words = [ipOption(family), '-force', '-batch', '-'];
    const { status, stderr } = await runIp(host, words, batch.join(''));
    if (status !== 0) throw new HostError(`ip route: ${stderr.trim().split('\n')[0] ?? ''}`);
  }
}

/**
 * The route that packets to the real server take, so that the reply arrives on the interface that rp_filter expects. If
 * there is no route to the server, its path gets none either, and the check fails with that reason.
 */
function routeLine(path: Path, route: ResolvedRoute | undefined): string | undefined {
  if (route?.device === undefined) return undefined;
  if (route.local) return undefined;
  const via = route.gateway ?? `${path.server.address}`;
  const source = route.source === undefined ? '' : ` src ${route.source}`;
  return `route replace ${probeAddressOf(path)} via ${via} dev ${route.device}${source} proto ${ROUTE_PROTOCOL}\n`;
}

/** The agent's rules and routes, as nft and ip print them. */
async function seen(host: Host): Promise<string> {
  const families = Object.keys(FAMILIES) as Family[];
  const said = await Promise.all(
    families.flatMap((family) => [
      host.run('nft', ['list', 'table', FAMILIES[family], TABLE]),
      runIp(host, [ipOption(family), 'route', 'show', 'proto', ROUTE_PROTOCOL]),
    ]),
  );
  return said.map((one) => one?.stdout ?? '').join('\n');
}
