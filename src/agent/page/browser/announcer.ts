import type { ServiceStatusJson } from '../../control/shapes.js';
import { announcementOf } from '../model/announcement.js';
import { part } from './dom.js';

/** So long problems are gathered: a screen reader is to say them once. */
const GATHER_MS = 1_000;

/** Says to screen readers what has changed. */
export class Announcer {
  readonly #region = part('announcements', HTMLElement);
  #worse = new Map<string, ServiceStatusJson>();
  #timer: number | undefined;

  announceWorse(services: readonly ServiceStatusJson[]): void {
    if (services.length === 0) return;
    for (const service of services) this.#worse.set(service.service, service);
    if (this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.say(announcementOf([...this.#worse.values()]));
      this.#worse = new Map();
    }, GATHER_MS);
  }

  say(text: string): void {
    this.#region.textContent = text;
  }
}
