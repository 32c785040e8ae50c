import type { Family } from '../common/ip-family.js';
import {
  ADDED_BY_UP,
  forwardingSysctl,
  interfaceForwarding,
  quietSysctls,
  rpFilterPasses,
  sendRedirects,
  tunnelRpFilter,
} from '../host/requirements.js';
import type { ArpFacts, QuietSysctl } from '../host/requirements.js';
import { followed } from './resources.js';
import type { SetupSnapshot } from './snapshot.js';
import type { Step } from './step.js';
import { isDevice } from './targets.js';

function settingStep(name: string, value: string, also: readonly string[] = []): Step {
  return { kind: 'setting', name, wanted: [`${name}=${value}`], also };
}

/** What a director needs for NAT: replies of real servers come back through it, and it forwards them. */
export async function forwardingSteps(
  snapshot: SetupSnapshot,
  family: Family,
  devices: readonly string[],
): Promise<Step[]> {
  const conf = `net/${family}/conf`;
  const own = devices.map((device) => settingStep(interfaceForwarding(family, device), '1'));
  const all = await scopes(snapshot, family);
  if (family === 'ipv6') {
    const forAll = withFollowers(
      forwardingSysctl.ipv6,
      all.map((scope) => interfaceForwarding('ipv6', scope)),
    );
    return [...(await advertisedSteps(snapshot)), forAll, ...own];
  }
  const redirects = ['all', ...devices].map((scope) =>
    // Redirects past the director would break a one-armed one. They are sent when either value is on.
    settingStep(`${conf}/${scope}/${sendRedirects.name}`, String(sendRedirects.set)),
  );
  const forAll = withFollowers(forwardingSysctl.ipv4, [
    `${conf}/all/accept_redirects`,
    ...all.map((scope) => interfaceForwarding('ipv4', scope)),
  ]);
  return [forAll, ...own, ...redirects];
}

/** Forwarding for all interfaces, with the sysctls that the kernel changes along with it, which `down` restores too. */
function withFollowers(name: string, followers: readonly string[]): Step {
  const others = followers.map((path) => followed(path, '1'));
  return { kind: 'setting', name, wanted: [`${name}=1`, ...others] };
}

/** Every interface, and the default for new ones. */
async function scopes(snapshot: SetupSnapshot, family: Family): Promise<string[]> {
  const names = await snapshot.machine.host.list(`/proc/sys/net/${family}/conf`);
  return names.filter((name) => name === 'default' || isDevice(name)).sort();
}

/** A machine that forwards ignores default routes of router advertisements, unless accept_ra is 2. */
async function advertisedSteps(snapshot: SetupSnapshot): Promise<Step[]> {
  const routes = (await snapshot.machine.routes('ipv6')).filter(
    ({ to, protocol }) => to === 'default' && protocol === 'ra',
  );
  const devices = new Set(routes.flatMap(({ device }) => device ?? []));
  return [...devices]
    .filter(isDevice)
    .map((device) => settingStep(`net/ipv6/conf/${device}/accept_ra`, '2'));
}

/**
 * What keeps a real server quiet about its virtual addresses. The greater value counts: the one for all interfaces, or the
 * one for the interface that receives the request.
 * @param facts of each virtual address, as they will be
 */
export async function quietSteps(
  snapshot: SetupSnapshot,
  facts: readonly ArpFacts[] = [ADDED_BY_UP],
): Promise<Step[]> {
  const links = (await snapshot.machine.links()).filter(({ arp, name }) => arp && isDevice(name));
  const devices = links.map(({ name }) => name);
  const steps: Step[] = [];
  for (const sysctl of quietSysctls) {
    const scopes = await scopesToQuiet(snapshot, sysctl, facts, devices);
    steps.push(...scopes.map((scope) => quietStep(sysctl, facts, scope)));
  }
  return steps;
}

function quietStep({ name, ...sysctl }: QuietSysctl, facts: readonly ArpFacts[], scope: string) {
  const values = Array.from({ length: sysctl.greatest + 1 }, (_, value) => value);
  const also = values.filter(
    (value) => value !== sysctl.set && facts.every((one) => sysctl.accepts(value, one)),
  );
  return settingStep(`net/ipv4/conf/${scope}/${name}`, String(sysctl.set), also.map(String));
}

/** The plan must not change once it is carried out: a step that is no longer planned would be rolled back. */
async function scopesToQuiet(
  snapshot: SetupSnapshot,
  { name, set, accepts }: QuietSysctl,
  facts: readonly ArpFacts[],
  devices: readonly string[],
): Promise<readonly string[]> {
  const number = async (scope: string) =>
    Number((await snapshot.sysctl(`net/ipv4/conf/${scope}/${name}`)) ?? 0);
  const isQuiet = (value: number) => facts.every((one) => accepts(value, one));
  const all = await number('all');
  const present = await Promise.all(devices.map(number));
  const own = present.map((value) => (!isQuiet(value) && value > set ? set : value));
  const withoutAll =
    devices.length > 0 && own.every((value) => isQuiet(value) && isQuiet(Math.max(all, value)));
  if (withoutAll) return isQuiet(all) ? ['all', ...devices] : devices;
  return ['all', ...devices.filter((_, at) => isQuiet(own[at] ?? 0))];
}

/**
 * What makes the reverse path filter accept packets out of a tunnel, whose sources are routed by another interface.
 * @param bare whether the tunnel gets no address, unless the value for all interfaces requires one
 */
export async function looseSteps(
  snapshot: SetupSnapshot,
  device: string,
  bare: boolean,
): Promise<Step[]> {
  const all = Number((await snapshot.sysctl('net/ipv4/conf/all/rp_filter')) ?? 0);
  // The value for the other interfaces is not changed.
  if (all > 0 && rpFilterPasses(all, false)) return [];
  const wanted = tunnelRpFilter(all);
  const also = [0, 1, 2].filter(
    (own) => own !== wanted && rpFilterPasses(Math.max(all, own), bare && all === 0),
  );
  return [settingStep(`net/ipv4/conf/${device}/rp_filter`, String(wanted), also.map(String))];
}
