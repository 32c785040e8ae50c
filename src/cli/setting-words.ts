import { closest } from '../common/closest.js';
import type { DestinationId, DestinationSettings } from '../ipvs/model/destination.js';
import { patchDestination, patchService } from '../ipvs/model/patch.js';
import type { ServiceId, ServiceSettings } from '../ipvs/model/service.js';
import { printable } from '../common/printable.js';
import { destinationSettings, serviceSettings } from '../state/table.js';
import { CliError } from '../terminal/cli-error.js';
import { exitStatus } from '../terminal/exit-status.js';
import { serverKeys, serviceKeys } from './commands/setting-keys.js';
import type { SettingKey } from './commands/setting-keys.js';

/** What is set of a service, or of a real server: the values by their keys. */
export type SettingTexts = ReadonlyMap<string, string>;

type Kind = 'service' | 'server';

const keysOf: Readonly<Record<Kind, readonly { readonly name: string }[]>> = {
  service: serviceKeys,
  server: serverKeys,
};

/**
 * Reads words of the form key=value.
 * @throws CliError with all that is wrong: a word of another form, an unknown key, one of the other kind, one that is there twice.
 */
export function parseSettings(words: readonly string[], kind: Kind): SettingTexts {
  const texts = new Map<string, string>();
  const problems = words.flatMap((word) => {
    const sign = word.indexOf('=');
    const key = sign < 0 ? word : word.slice(0, sign);
    const problem = sign < 1 ? notASetting(word) : keyProblem(key, kind);
    if (problem !== undefined) return [problem];
    if (texts.has(key)) return [`${key} is given twice.`];
    texts.set(key, word.slice(sign + 1));
    return [];
  });
  if (problems.length > 0) throw new CliError(problems.join('\n'), exitStatus.usage);
  return texts;
}

const notASetting = (word: string): string =>
  `${JSON.stringify(printable(word))} is not of the form key=value. To see the keys: ipvs set -h`;

function keyProblem(key: string, kind: Kind): string | undefined {
  const has = (one: Kind) => keysOf[one].some(({ name }) => name === key);
  if (has(kind)) return undefined;
  if (has(kind === 'service' ? 'server' : 'service')) {
    return kind === 'service'
      ? `${key} is a setting of a real server. Name the server behind the service: SERVICE SERVER ${key}=...`
      : `${key} is a setting of the service. Leave out the real server: SERVICE ${key}=...`;
  }
  const meant = closest(
    key,
    keysOf[kind].map(({ name }) => name),
  );
  const hint = meant === undefined ? 'To see the keys: ipvs set -h' : `Did you mean ${meant}?`;
  return `Unknown key ${JSON.stringify(printable(key))}. ${hint}`;
}

/** A service's settings after a change. @throws CliError when a value is wrong. */
export function changedService(
  id: ServiceId,
  now: ServiceSettings,
  texts: SettingTexts,
): ServiceSettings {
  const patched = (before: ServiceSettings, patch: Parameters<typeof patchService>[1]) =>
    serviceSettings(id, patchService(before, patch));
  return changed(serviceKeys, now, texts, false, patched);
}

/** A real server's settings after a change. @throws CliError when a value is wrong. */
export function changedServer(
  service: ServiceId,
  id: DestinationId,
  now: DestinationSettings,
  texts: SettingTexts,
  isNew = false,
): DestinationSettings {
  const patched = (before: DestinationSettings, patch: Parameters<typeof patchDestination>[1]) =>
    destinationSettings(service, id, patchDestination(before, patch));
  return changed(serverKeys, now, texts, isNew, patched);
}

/** Applies the keys in the order of their table: what depends on another setting finds that changed. */
function changed<Settings, Patch>(
  keys: readonly SettingKey<Settings, Patch>[],
  now: Settings,
  texts: SettingTexts,
  isNew: boolean,
  patched: (before: Settings, patch: Patch) => Settings,
): Settings {
  let settings = now;
  const problems: string[] = [];
  for (const { name, read } of keys) {
    const text = texts.get(name);
    if (text === undefined) continue;
    try {
      settings = patched(settings, read(text, settings, isNew));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${printable(`${name}=${text}`)}: ${name} ${error.message}.`);
    }
  }
  if (problems.length > 0) throw new CliError(problems.join('\n'), exitStatus.usage);
  return settings;
}
