import { scopesToChange } from '../host/requirements.js';
import type { ArpFacts, QuietSysctl } from '../host/requirements.js';
import { effectiveSysctl, readSysctlScopes, sysctlCommand } from '../host/sysctl.js';
import type { ScopedSysctl } from '../host/sysctl.js';
import type { CheckContext } from './check-context.js';

/** The values of a sysctl that keeps an interface quiet about virtual addresses. */
export interface QuietValues {
  readonly scopes: readonly ScopedSysctl[];
  readonly effective: number;
}

/** Undefined if this kernel lacks the sysctl. */
export async function readQuiet(
  context: CheckContext,
  device: string,
  { name }: QuietSysctl,
): Promise<QuietValues | undefined> {
  const scopes = await readSysctlScopes(context.machine, device, name);
  return scopes.length === 0 ? undefined : { scopes, effective: effectiveSysctl(scopes) };
}

/** The commands that make an interface keep quiet; none if it does already. */
export function quietFix(
  device: string,
  { name, set, accepts }: QuietSysctl,
  { scopes }: QuietValues,
  facts: readonly ArpFacts[],
): string[] {
  const path = (scope: string) => `net/ipv4/conf/${scope}/${name}`;
  const valueOf = (scope: string) =>
    scopes.find(({ setting }) => setting === path(scope))?.value ?? 0;
  const values = { all: valueOf('all'), own: valueOf(device) };
  return scopesToChange(values, set, (value) => facts.every((one) => accepts(value, one))).map(
    (scope) => sysctlCommand(path(scope === 'all' ? 'all' : device), set),
  );
}
