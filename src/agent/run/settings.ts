import { IpvsError } from '../../ipvs/errors.js';
import type { IpvsClient } from '../../ipvs/client/client.js';
import { perform } from '../../state/plan/perform.js';
import type { PerformClient } from '../../state/plan/perform.js';
import { planSettings } from '../../state/plan/settings.js';
import type { SettingStep, WantedSettings } from '../../state/plan/settings.js';

type SettingsClient = PerformClient & Pick<IpvsClient, 'timeouts' | 'syncDaemons'>;

/** What it takes to give timeouts and daemons the values of the file; nothing for those that it does not name. */
export async function settingSteps(
  client: SettingsClient,
  { timeouts, syncDaemons }: WantedSettings,
): Promise<readonly SettingStep[]> {
  if (timeouts === undefined && syncDaemons === undefined) return [];
  const current = {
    timeouts: await client.timeouts(),
    syncDaemons: syncDaemons === undefined ? [] : await client.syncDaemons(),
  };
  return planSettings(current, { timeouts, syncDaemons });
}

/** Carries them out. @returns what was refused. @throws IpvsError when the kernel does not answer. */
export async function writeSettings(
  client: SettingsClient,
  steps: readonly SettingStep[],
): Promise<readonly IpvsError[]> {
  const { failures } = await perform(client, steps);
  return failures.map(({ error }) => error);
}
