import { useState } from 'react';
import { chooseTheme, currentTheme } from './theme';

export function ThemeToggle() {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === 'light' ? 'dark' : 'light';

  return (
    <button
      type="button"
      className="icon"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        chooseTheme(other);
        setTheme(other);
      }}
    >
      <span aria-hidden="true">◐</span>
    </button>
  );
}
