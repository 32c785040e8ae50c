import { isRecord } from '../../common/json.js';
import type { JsonRecord } from '../../common/json.js';
import type { Path } from '../../state/file/check.js';
import type { DesiredState } from '../../state/file/desired.js';
import type { AgentConfig, CheckConfig } from './config.js';

/** A check, and where it stands: at its server, or at its service. */
export interface PlacedCheck {
  /** In the state: `services`, 0, `check`, 1. */
  readonly path: Path;
  readonly check: CheckConfig;
  /** As it is written. */
  readonly value: JsonRecord;
}

/** The checks of all servers of a service, by its index. */
export function placedChecks(
  desired: DesiredState,
  config: AgentConfig,
  index: number,
): readonly PlacedCheck[] {
  const service = desired.services[index];
  const servers = config.services[index]?.servers ?? [];
  return servers.flatMap(({ checks }, at) => {
    const own = service?.destinations[at]?.health['check'];
    const values = listOf(own ?? service?.health['check']);
    const path = ['services', index, ...(own === undefined ? [] : ['servers', at]), 'check'];
    return checks.flatMap((check, order): PlacedCheck[] => {
      const value = values[order];
      return isRecord(value) ? [{ path: [...path, order], check, value }] : [];
    });
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
