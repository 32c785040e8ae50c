import { pause } from '../../common/pause.js';
import type { ServiceStatusJson } from '../../agent/control/shapes.js';
import type { HealthByService } from './sample.js';

/** How long a picture waits for the agent: one that hangs must not hold up the kernel's numbers. */
const PATIENCE_MS = 500;

/**
 * Reads what an agent knows, one request at a time. While the answer is late there is what was known before; when there is
 * no agent, or it cannot answer, nothing.
 * @param ask gives undefined where no agent runs.
 */
export function healthReader(
  ask: () => Promise<readonly ServiceStatusJson[] | undefined>,
): () => Promise<HealthByService | undefined> {
  let known: HealthByService | undefined;
  let asking: Promise<void> | undefined;
  const refresh = async (): Promise<void> => {
    const services = await ask();
    known = services && new Map(services.map((service) => [service.service, service]));
  };
  return async () => {
    asking ??= refresh().finally(() => {
      asking = undefined;
    });
    const over = new AbortController();
    const late = pause(PATIENCE_MS, over.signal).catch(() => undefined);
    await Promise.race([asking, late]);
    over.abort();
    return known;
  };
}
