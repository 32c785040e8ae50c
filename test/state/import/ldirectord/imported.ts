import { formatDestinationId } from '../../../../src/ipvs/model/destination.js';
import { formatServiceId } from '../../../../src/ipvs/model/service.js';
import { rulesOf } from '../../../../src/state/rule-text.js';
import { StateFileError } from '../../../../src/state/file/desired.js';
import { importLdirectord } from '../../../../src/state/import/ldirectord/ldirectord.js';
import { importSources } from '../../../support/import-sources.js';

/** What a configuration comes to, as tests look at it. */
export async function imported(text: string) {
  const sources = importSources({ 'ld.cf': text });
  const { state, notes } = await importLdirectord('ld.cf', sources);
  return {
    state,
    rules: state.services.flatMap(rulesOf),
    /** Those of the first service. */
    health: state.services[0]?.health ?? {},
    names: state.services.map(({ name }) => name),
    servers: state.services.flatMap(({ id, destinations }) =>
      destinations.map((one) => ({
        service: formatServiceId(id),
        server: formatDestinationId(one.id),
        health: one.health,
      })),
    ),
    notes,
    info: notes.map(({ line, kind, message }) => `${line} ${kind}: ${message}`),
  };
}

/** The problems of a configuration that is broken. */
export async function problems(text: string): Promise<readonly string[]> {
  try {
    const { rules } = await imported(text);
    return [`imported: ${rules.join('; ')}`];
  } catch (error) {
    if (error instanceof StateFileError) return error.message.split('\n');
    throw error;
  }
}

/** A virtual service with one real server and these lines. */
export function web(...lines: readonly string[]): string {
  return ['virtual = 192.0.2.1:80', 'real = 10.0.0.2:80 masq', ...lines].join('\n    ');
}
