import { offsetsOf, rowsBetween } from '../model/rows.js';
import type { Row, RowKind } from '../model/rows.js';
import { DetailRow } from './detail-row.js';
import { setAttribute } from './dom.js';
import type { RowContext, RowView } from './row-view.js';
import { ServerRow } from './server-row.js';
import { ServiceRow } from './service-row.js';

/** This much is drawn above and below the screen: scrolling shows it before the next frame. */
const MARGIN_PX = 240;

const MAKERS: Readonly<Record<RowKind, () => RowView>> = {
  service: () => new ServiceRow(),
  detail: () => new DetailRow(),
  server: () => new ServerRow(),
};

interface Drawn {
  readonly view: RowView;
  row: Row;
  top: number;
}

/** The list of services: as high as all of them, but only what can be seen is there. */
export class List {
  readonly #grid: HTMLElement;
  readonly #body: HTMLElement;
  readonly #drawn = new Map<string, Drawn>();
  readonly #spare: Record<RowKind, RowView[]> = { service: [], detail: [], server: [] };
  #rows: readonly Row[] = [];
  #indexes = new Map<string, number>();
  #offsets: Float64Array = new Float64Array(1);
  readonly #measured = new Map<string, number>();
  #current: string | undefined;

  constructor(grid: HTMLElement, body: HTMLElement) {
    this.#grid = grid;
    this.#body = body;
    body.addEventListener('focusin', ({ target }) => {
      const key = this.keyOf(target);
      if (key !== undefined) this.#setCurrent(key);
    });
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get current(): Row | undefined {
    return this.#rows[this.#indexes.get(this.#current ?? '') ?? -1];
  }

  setRows(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#indexes = new Map(rows.map(({ key }, index) => [key, index]));
    this.#layOut();
    setAttribute(this.#grid, 'aria-rowcount', String(rows.length + 1));
    if (this.current === undefined) this.#setCurrent(rows[0]?.key);
  }

  /** The width is another one: what was measured no longer holds. */
  resized(): void {
    this.#measured.clear();
  }

  #layOut(): void {
    const heights = this.#heights();
    this.#offsets = offsetsOf(this.#rows, ({ kind, key }) =>
      kind === 'service' ? heights.service : (this.#measured.get(key) ?? heights[kind]),
    );
    this.#body.style.height = `${this.#offsets.at(-1) ?? 0}px`;
  }

  /** Heights are written in the style; those of servers and of what is said of a service are only the least. */
  #heights(): Record<RowKind, number> {
    const style = getComputedStyle(this.#grid);
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const height = (kind: RowKind) =>
      Number.parseFloat(style.getPropertyValue(`--height-${kind}`)) * rem;
    return { service: height('service'), detail: height('detail'), server: height('server') };
  }

  /**
   * Draws the rows that can be seen, and the one with the focus: it would lose that.
   * @param update whether rows that are drawn already may show something else now
   */
  draw(context: RowContext, update = true): void {
    this.#drawVisible(context, update);
    if (!this.#measure()) return;
    this.#layOut();
    this.#drawVisible(context, false);
  }

  /** @returns whether a row has another height than the one that it was placed with */
  #measure(): boolean {
    let differs = false;
    for (const [key, { view, row }] of this.#drawn) {
      if (row.kind === 'service') continue;
      const height = view.element.offsetHeight;
      if (this.#measured.get(key) === height) continue;
      this.#measured.set(key, height);
      differs = true;
    }
    return differs;
  }

  #drawVisible(context: RowContext, update: boolean): void {
    const { top } = this.#body.getBoundingClientRect();
    const { first, end } = rowsBetween(
      this.#offsets,
      -top - MARGIN_PX,
      -top + window.innerHeight + MARGIN_PX,
    );
    const wanted = this.#rows
      .slice(first, end)
      .map((row, index) => ({ row, index: first + index }));
    const currentIndex = this.#indexes.get(this.#current ?? '');
    const current = this.#rows[currentIndex ?? -1];
    if (current && currentIndex !== undefined) {
      if (currentIndex < first) wanted.unshift({ row: current, index: currentIndex });
      else if (currentIndex >= end) wanted.push({ row: current, index: currentIndex });
    }
    this.#release(new Set(wanted.map(({ row }) => row.key)));
    const views = wanted.map(({ row, index }) => this.#place(row, index, context, update));
    if (update) this.#order(views);
    else this.#hideSpare();
  }

  /** Makes the order of the elements that of the rows, for screen readers, and takes away those that show nothing. */
  #order(views: readonly RowView[]): void {
    for (const view of Object.values(this.#spare).flat()) view.element.remove();
    let next = this.#body.firstElementChild;
    for (const { element } of views) {
      if (element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(element, next);
    }
  }

  /**
   * While the list is scrolled, elements stay where they are in the document: to take one out and put it in again has the
   * browser make all of it again.
   */
  #hideSpare(): void {
    for (const { element } of Object.values(this.#spare).flat())
      element.style.visibility = 'hidden';
  }

  #release(wanted: ReadonlySet<string>): void {
    for (const [key, { view }] of this.#drawn) {
      if (wanted.has(key)) continue;
      this.#drawn.delete(key);
      delete view.element.dataset['key'];
      this.#spare[view.kind].push(view);
    }
  }

  #place(row: Row, index: number, context: RowContext, update: boolean): RowView {
    const top = this.#offsets[index] ?? 0;
    let drawn = this.#drawn.get(row.key);
    const isNew = drawn === undefined;
    if (drawn === undefined) {
      const view = this.#spare[row.kind].pop() ?? MAKERS[row.kind]();
      drawn = { view, row, top: -1 };
      this.#drawn.set(row.key, drawn);
      view.element.dataset['key'] = row.key;
      view.element.style.visibility = '';
      if (!view.element.isConnected) this.#body.append(view.element);
    }
    const { element } = drawn.view;
    if (drawn.top !== top) element.style.transform = `translateY(${top}px)`;
    drawn.top = top;
    drawn.row = row;
    setAttribute(element, 'aria-rowindex', String(index + 2));
    element.tabIndex = row.key === this.#current ? 0 : -1;
    if (isNew || update) drawn.view.update(row, context);
    return drawn.view;
  }

  /** The keys of the services of which something is drawn. */
  shownServices(): string[] {
    return [...new Set(Array.from(this.#drawn.values(), ({ row }) => row.service.service))];
  }

  keyOf(target: EventTarget | null): string | undefined {
    if (!(target instanceof Element)) return undefined;
    return target.closest<HTMLElement>('.row[data-key]')?.dataset['key'];
  }

  rowOf(target: EventTarget | null): Row | undefined {
    return this.#rows[this.#indexes.get(this.keyOf(target) ?? '') ?? -1];
  }

  #setCurrent(key: string | undefined): void {
    const before = this.#drawn.get(this.#current ?? '');
    if (before) before.view.element.tabIndex = -1;
    this.#current = key;
    const after = this.#drawn.get(key ?? '');
    if (after) after.view.element.tabIndex = 0;
  }

  /** Moves the focus so many rows, and scrolls to it. */
  moveBy(rows: number, context: RowContext): void {
    const index = this.#indexes.get(this.#current ?? '') ?? 0;
    const hasFocus = this.#body.contains(document.activeElement);
    // Where the list has not had the focus, the first key only shows where it is.
    this.focusIndex(hasFocus ? index + rows : index, context);
  }

  focusKey(key: string, context: RowContext): void {
    const index = this.#indexes.get(key);
    if (index !== undefined) this.focusIndex(index, context);
  }

  focusIndex(index: number, context: RowContext): void {
    const within = Math.max(0, Math.min(this.#rows.length - 1, index));
    const row = this.#rows[within];
    if (row === undefined) return;
    this.#setCurrent(row.key);
    this.#scrollTo(within);
    this.draw(context);
    this.#drawn.get(row.key)?.view.element.focus({ preventScroll: true });
  }

  #scrollTo(index: number): void {
    const { top: bodyTop } = this.#body.getBoundingClientRect();
    const top = bodyTop + (this.#offsets[index] ?? 0);
    const bottom = bodyTop + (this.#offsets[index + 1] ?? 0);
    const head = this.#grid.querySelector('.row-head')?.getBoundingClientRect().bottom ?? 0;
    const room = Math.max(0, head);
    if (top < room) window.scrollBy({ top: top - room, behavior: 'instant' });
    else if (bottom > window.innerHeight) {
      window.scrollBy({ top: bottom - window.innerHeight + 8, behavior: 'instant' });
    }
  }

  /** How many services fit on the screen. */
  pageLength(): number {
    return Math.max(1, Math.floor(window.innerHeight / this.#heights().service) - 4);
  }
}
