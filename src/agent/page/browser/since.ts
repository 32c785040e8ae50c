import { ageText } from '../model/numbers.js';
import { element, setAttribute, setText } from './dom.js';

/** How long something is so; the point in time when it is pointed at. */
export class Since {
  readonly element = element('time', { class: 'since' });

  update(since: string, now: number): void {
    const at = Date.parse(since);
    setText(this.element, ageText(now - at));
    if (this.element.dateTime === since) return;
    this.element.dateTime = since;
    setAttribute(this.element, 'title', `since ${new Date(at).toLocaleString('en-GB')}`);
  }
}
