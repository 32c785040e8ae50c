import { loadRulesFile } from '../state/load-rules.js';
import type { DesiredState } from '../state/file/desired.js';
import type { VerbContext } from './verb.js';
export async function readState(context: VerbContext, path: string): Promise<DesiredState> {
  const { services } = await loadRulesFile(context.session.reading, path);
  return {
    timeouts: undefined,
    syncDaemons: undefined,
    agent: {},
    services: services.map((s) => ({
      ...s,
      name: undefined,
      health: {},
      destinations: s.destinations.map((d) => ({ ...d, health: {} })),
    })),
  };
}
