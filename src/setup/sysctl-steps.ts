import type { IpVersion } from '../host/network.js';
import { followed } from './resources.js';
import type { HostSnapshot } from './snapshot.js';
import type { Step } from './step.js';
import { isDevice } from './targets.js';

function settingStep(name: string, value: string, also: readonly string[] = []): Step {
  return { kind: 'setting', name, wanted: [`${name}=${value}`], also };
}

/** What a director that masquerades needs: replies come back through it, and are passed on. */
export async function forwardingSteps(
  snapshot: HostSnapshot,
  version: IpVersion,
  devices: readonly string[],
): Promise<Step[]> {
  const conf = `net/ipv${version}/conf`;
  const own = devices.map((device) => settingStep(`${conf}/${device}/forwarding`, '1'));
  const all = await scopes(snapshot, version);
  if (version === 6) {
    const forAll = withFollowers(
      `${conf}/all/forwarding`,
      all.map((scope) => `${conf}/${scope}/forwarding`),
    );
    return [...(await advertisedSteps(snapshot)), forAll, ...own];
  }
  const redirects = ['all', ...devices].map((scope) =>
    // One-armed: a client must not be told that the real server is nearer. It is told when either of both is on.
    settingStep(`${conf}/${scope}/send_redirects`, '0'),
  );
  const forAll = withFollowers('net/ipv4/ip_forward', [
    `${conf}/all/accept_redirects`,
    ...all.map((scope) => `${conf}/${scope}/forwarding`),
  ]);
  return [forAll, ...own, ...redirects];
}

/** Forwarding for all interfaces, with what the kernel changes besides: it is brought back as it was. */
function withFollowers(name: string, followers: readonly string[]): Step {
  const others = followers.map((path) => followed(path, '1'));
  return { kind: 'setting', name, wanted: [`${name}=1`, ...others] };
}

/** Every interface, and what new ones get. */
async function scopes(snapshot: HostSnapshot, version: IpVersion): Promise<string[]> {
  const names = await snapshot.host.list(`/proc/sys/net/ipv${version}/conf`);
  return names.filter((name) => name === 'default' || isDevice(name)).sort();
}

/** A machine that forwards takes no more default route from a router's advertisements, unless it is told to. */
async function advertisedSteps(snapshot: HostSnapshot): Promise<Step[]> {
  const routes = (await snapshot.routes(6)).filter(
    ({ to, protocol }) => to === 'default' && protocol === 'ra',
  );
  const devices = new Set(routes.flatMap(({ device }) => device ?? []));
  return [...devices]
    .filter(isDevice)
    .map((device) => settingStep(`net/ipv6/conf/${device}/accept_ra`, '2'));
}

/**
 * What keeps a real server quiet about the virtual address. The greater of the values for all interfaces and for the one
 * that hears the question counts.
 */
export async function quietSteps(snapshot: HostSnapshot): Promise<Step[]> {
  const devices = (await snapshot.links()).filter(({ arp, name }) => arp && isDevice(name));
  const names = devices.map(({ name }) => name);
  const steps: Step[] = [];
  // 3 answers for an address of global scope, and 4 to 7 for all (net/ipv4/arp.c, arp_ignore).
  for (const [name, value, also] of [
    ['arp_ignore', '1', ['2', '8']],
    ['arp_announce', '2', []],
  ] as const) {
    const step = (scope: string) => settingStep(`net/ipv4/conf/${scope}/${name}`, value, also);
    const own = await Promise.all(
      names.map((device) => snapshot.setting(`net/ipv4/conf/${device}/${name}`)),
    );
    const does = (at: number) => [value, ...also].some((one) => one === own[at]);
    const everyOwn = names.length > 0 && names.every((_, at) => does(at));
    if (!everyOwn) steps.push(step('all'));
    // An interface's own value counts when it is greater, also one that does not do.
    steps.push(
      ...names
        .filter((_, at) => everyOwn || (!does(at) && Number(own[at]) > Number(value)))
        .map(step),
    );
  }
  return steps;
}

/** What lets packets out of a tunnel in: their way back is another one. */
export async function looseSteps(snapshot: HostSnapshot, device: string): Promise<Step[]> {
  const path = `net/ipv4/conf/${device}/rp_filter`;
  const all = await snapshot.setting('net/ipv4/conf/all/rp_filter');
  // The greater value counts, and 2 is greater than 1: what holds for the other interfaces is left alone.
  if (all === '2') return [];
  return [all === '1' ? settingStep(path, '2') : settingStep(path, '0', ['2'])];
}
