import { formatServiceId } from '../../ipvs/model/service.js';
import type { JsonRecord } from '../../common/json.js';
import type { SyncDaemonInput } from '../../ipvs/model/daemon.js';
import type { TimeoutsInput } from '../../ipvs/model/timeouts.js';
import type { Path } from './check.js';
import { StateFileError } from './desired.js';
import type { DesiredService, DesiredState, StateProblem } from './desired.js';
import type { ParsedState } from './parsed.js';

/**
 * The states of several files as one. Defaults are those of each file.
 * @throws StateFileError when two files name the same thing, with both places.
 */
export function mergeStates(files: readonly ParsedState[]): DesiredState {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return only.state;
  const merged = new Merged();
  for (const file of files) merged.add(file);
  return merged.state();
}

interface Place {
  readonly file: ParsedState;
  readonly path: Path;
}

class Merged {
  readonly #firsts = new Map<string, Place>();
  readonly #problems: StateProblem[] = [];
  readonly #services: DesiredService[] = [];
  #timeouts: TimeoutsInput | undefined;
  #syncDaemons: readonly SyncDaemonInput[] | undefined;
  #agent: JsonRecord = {};

  add(file: ParsedState): void {
    const { timeouts, syncDaemons, services, agent } = file.state;
    if (timeouts !== undefined && this.#isFirst('timeouts', file, ['timeouts'])) {
      this.#timeouts = timeouts;
    }
    if (syncDaemons !== undefined && this.#isFirst('syncDaemons', file, ['syncDaemons'])) {
      this.#syncDaemons = syncDaemons;
    }
    for (const key of Object.keys(agent)) this.#isFirst(key, file, [key]);
    this.#agent = { ...this.#agent, ...agent };
    for (const [index, service] of services.entries()) {
      const { id, name } = service;
      this.#isFirst(`the service ${formatServiceId(id)}`, file, ['services', index, 'service']);
      if (name !== undefined) {
        this.#isFirst(`a service called ${name}`, file, ['services', index, 'name']);
      }
      this.#services.push(service);
    }
  }

  /** @throws StateFileError */
  state(): DesiredState {
    if (this.#problems.length > 0) throw new StateFileError(this.#problems);
    return {
      timeouts: this.#timeouts,
      syncDaemons: this.#syncDaemons,
      services: this.#services,
      agent: this.#agent,
    };
  }

  #isFirst(what: string, file: ParsedState, path: Path): boolean {
    const first = this.#firsts.get(what);
    if (first === undefined) {
      this.#firsts.set(what, { file, path });
      return true;
    }
    const { line, column } = first.file.placeOf(first.path);
    const place = [first.file.file, line, column].filter((part) => part !== undefined).join(':');
    const message = `${what} is there already, in ${place}`;
    this.#problems.push({ file: file.file, ...file.placeOf(path), message });
    return false;
  }
}
