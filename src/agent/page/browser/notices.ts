import type { Store } from '../model/store.js';
import { clockText } from '../model/clock.js';
import { part, setText } from './dom.js';

interface Problem {
  readonly since: number;
  readonly message: string;
}

/** What is wrong with the agent itself, or with the way to it. */
export class Notices {
  readonly #unreachable = part('unreachable', HTMLElement);
  readonly #unreachableText = part('unreachable-text', HTMLElement);
  readonly #config = part('config', HTMLElement);
  readonly #configText = part('config-text', HTMLElement);
  readonly #connection = part('connection', HTMLElement);
  readonly #agent = part('agent', HTMLElement);

  update({ agent }: Store, problem: Problem | undefined, now: number): void {
    document.documentElement.classList.toggle('stale', problem !== undefined);
    this.#unreachable.hidden = problem === undefined;
    if (problem) {
      const since = clockText(new Date(problem.since).toISOString(), now);
      const then = agent === undefined ? '' : ' What is below is as it was then.';
      const text = `The agent ${problem.message} since ${since}.${then} The page keeps trying.`;
      setText(this.#unreachableText, text);
    }
    setText(this.#connection, problem ? 'not connected' : agent ? 'live' : 'connecting');
    this.#config.hidden = agent?.configValid !== false;
    setText(this.#configText, agent?.problem ?? '');
    setText(this.#agent, agent ? `${agent.configFile}, version ${agent.version}` : '');
  }
}
