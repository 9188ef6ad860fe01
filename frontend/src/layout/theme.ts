const KEY = 'theme';

export type Theme = 'light' | 'dark';

/** Return the theme chosen earlier, or else that of the system. */
export function currentTheme(): Theme {
  const chosen = read();
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Show `theme` from now on, after a reload too. */
export function chooseTheme(theme: Theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is blocked: the choice lasts until the reload.
  }
}

/** Show the theme chosen earlier, if any. */
export function restoreTheme() {
  const chosen = read();
  if (chosen !== null) document.documentElement.dataset.theme = chosen;
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
