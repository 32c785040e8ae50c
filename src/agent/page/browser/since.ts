import { momentText } from '../model/clock.js';
import { ageText } from '../model/numbers.js';
import { element, setText } from './dom.js';

/** How long something is so; the point in time when it is pointed at. */
export class Since {
  readonly element = element('time', { class: 'since' });

  update(since: string, now: number): void {
    setText(this.element, ageText(now - Date.parse(since)));
    if (this.element.dateTime === since) return;
    this.element.dateTime = since;
    this.element.title = `since ${momentText(since)}`;
  }
}
