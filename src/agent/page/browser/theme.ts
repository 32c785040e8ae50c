import { part, setText } from './dom.js';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const STORED = 'ipvs-theme';

function stored(): Theme {
  try {
    const theme = localStorage.getItem(STORED);
    return THEMES.find((known) => known === theme) ?? 'auto';
  } catch {
    // A browser may refuse to keep anything.
    return 'auto';
  }
}

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  setText(part('theme-name', HTMLElement), theme);
}

/** As the system has it, light or dark. */
export function startTheme(): () => void {
  show(stored());
  const next = (): void => {
    const at = THEMES.findIndex((theme) => theme === document.documentElement.dataset['theme']);
    const theme = THEMES[(at + 1) % THEMES.length] ?? 'auto';
    show(theme);
    try {
      localStorage.setItem(STORED, theme);
    } catch {
      // Then it is for this page alone.
    }
  };
  part('theme', HTMLButtonElement).addEventListener('click', next);
  return next;
}
