import { useState } from 'react';
import { Button } from '../ui/Button';
import { chooseTheme, currentTheme } from './theme';

export function ThemeToggle() {
  const [theme, setTheme] = useState(currentTheme);
  const other = theme === 'light' ? 'dark' : 'light';

  return (
    <Button
      kind="quiet"
      className="size-11 p-0!"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        chooseTheme(other);
        setTheme(other);
      }}
    >
      <span aria-hidden="true">◐</span>
    </Button>
  );
}
