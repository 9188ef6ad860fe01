import { useId, type KeyboardEvent, type ReactNode } from 'react';

export interface Tab {
  name: string;
  content: ReactNode;
}

interface Props {
  label: string;
  tabs: Tab[];
  /** The tab that is open. */
  index: number;
  onChange: (index: number) => void;
}

/** Panels of which one is shown; arrow keys move between the tabs (ARIA Authoring Practices). */
export function Tabs({ label, tabs, index, onChange }: Props) {
  const id = useId();
  const shown = tabs[index];

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (index + step + tabs.length) % tabs.length;
    onChange(next);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };

  return (
    <>
      <div role="tablist" tabIndex={-1} aria-label={label} className="tabs" onKeyDown={onKeyDown}>
        {tabs.map(({ name }, tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`${id}-tab-${tab}`}
            aria-selected={tab === index}
            aria-controls={`${id}-panel`}
            tabIndex={tab === index ? 0 : -1}
            onClick={() => {
              onChange(tab);
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-tab-${index}`}
        className="panel"
      >
        {shown?.content}
      </div>
    </>
  );
}
