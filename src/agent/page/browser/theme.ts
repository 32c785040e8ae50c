import { remembered, remember } from './memory.js';
import { part, setText } from './dom.js';

const CHOICES = ['auto', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];

const KEY = 'ipvs-theme';

/** Light or dark: as it was chosen, or as the system has it. */
export class Theme {
  readonly #name = part('theme-name', HTMLElement);
  readonly #systemIsDark = matchMedia('(prefers-color-scheme: dark)');
  #choice: Choice;

  constructor() {
    const stored = remembered(KEY);
    this.#choice = CHOICES.find((choice) => choice === stored) ?? 'auto';
    this.#show();
    this.#systemIsDark.addEventListener('change', () => {
      this.#show();
    });
    part('theme', HTMLButtonElement).addEventListener('click', () => {
      this.next();
    });
  }

  next(): void {
    this.#choice = CHOICES[(CHOICES.indexOf(this.#choice) + 1) % CHOICES.length] ?? 'auto';
    remember(KEY, this.#choice);
    this.#show();
  }

  #show(): void {
    const isDark = this.#choice === 'auto' ? this.#systemIsDark.matches : this.#choice === 'dark';
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
    setText(this.#name, this.#choice);
  }
}
