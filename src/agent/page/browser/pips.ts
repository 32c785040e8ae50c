import type { ServerState } from '../../health/health.js';
import type { ServerStatusJson } from '../../control/shapes.js';
import { countServers, SERVER_STATES } from '../model/states.js';
import { setAttribute, svgElement } from './dom.js';

const SIZE = 8;
const STEP = 10;
const MOST = 12;
/** How wide a bar is. */
const WIDTH = 8 * STEP - 2;

/** A server in 8 × 8 pixels: each state has its own shape. */
const SHAPES: Readonly<Record<ServerState, (x: number) => string>> = {
  up: (x) => `M${x} 0h8v8h-8z`,
  down: (x) => `M${x} 1l1-1 3 3 3-3 1 1-3 3 3 3-1 1-3-3-3 3-1-1 3-3z`,
  draining: (x) => `M${x} 4h8v4h-8z`,
  maintenance: (x) => `M${x} 0h3v8h-3zM${x + 5} 0h3v8h-3z`,
  starting: (x) => `M${x + 4} 1.5a2.5 2.5 0 1 0 .01 0z`,
};

/** The servers of a service, a shape for each; of many, a bar with a part for each state. */
export class Pips {
  readonly element = svgElement('svg', {
    class: 'pips',
    preserveAspectRatio: 'xMinYMid',
    'aria-hidden': 'true',
  });
  readonly #paths = SERVER_STATES.map((state) => svgElement('path', { class: `pip-${state}` }));
  #shown: readonly ServerStatusJson[] | undefined;

  constructor() {
    this.element.append(...this.#paths);
  }

  update(servers: readonly ServerStatusJson[]): void {
    if (servers === this.#shown) return;
    this.#shown = servers;
    const width = servers.length <= MOST ? Math.max(1, servers.length * STEP - 2) : WIDTH;
    setAttribute(this.element, 'viewBox', `0 0 ${width} ${SIZE}`);
    const drawing = servers.length <= MOST ? shapes(servers) : bar(servers);
    this.#paths.forEach((path, index) => {
      const state = SERVER_STATES[index];
      setAttribute(path, 'd', (state && drawing[state]) ?? '');
    });
  }
}

type Drawing = Partial<Record<ServerState, string>>;

function shapes(servers: readonly ServerStatusJson[]): Drawing {
  const drawing: Drawing = {};
  servers.forEach(({ state }, index) => {
    drawing[state] = (drawing[state] ?? '') + SHAPES[state](index * STEP);
  });
  return drawing;
}

/** The up ones first. A part is never too narrow to be seen. */
function bar(servers: readonly ServerStatusJson[]): Drawing {
  const counts = countServers(servers);
  const drawing: Drawing = {};
  let x = 0;
  for (const state of SERVER_STATES.toReversed()) {
    if (counts[state] === 0) continue;
    const width = Math.max(2, Math.round((counts[state] / servers.length) * WIDTH));
    const height = state === 'up' || state === 'down' ? SIZE : SIZE / 2;
    drawing[state] = `M${x} ${SIZE - height}h${Math.max(1, width - 1)}v${height}H${x}z`;
    x += width;
  }
  return drawing;
}
