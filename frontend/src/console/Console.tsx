import { useQuery } from '@tanstack/react-query';
import { NavLink, Route, Routes } from 'react-router';
import { NotFound } from '../pages/NotFound';
import { useSession } from '../session/context';
import { Live } from './Live';
import { loadRoutes } from './openapi';
import { Requests } from './Requests';
import { SignInStory } from './SignInStory';
import { ConsoleContext, useConsoleState } from './state';
import { Tokens } from './Tokens';

const PAGES = [
  ['', 'Requests'],
  ['sign-in', 'What happened when you signed in'],
  ['tokens', 'Paste a token'],
  ['live', 'Live'],
] as const;

const LINK =
  'focusable rounded-lg px-3 py-1.5 text-sm text-soft no-underline hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-semibold aria-[current=page]:text-accent forced-colors:aria-[current=page]:underline';

/** Calls each route of the API and shows every part of the exchange. Delete this folder to be rid of it. */
export function Console() {
  const { config } = useSession();
  const { data: routes = [], isError } = useQuery({
    queryKey: ['openapi', config.apiUrl],
    queryFn: ({ signal }) => loadRoutes(config, signal),
    staleTime: Infinity,
  });
  const state = useConsoleState();

  return (
    <ConsoleContext value={state}>
      <nav aria-label="Console" className="mb-4 flex flex-wrap gap-1">
        {PAGES.map(([path, name]) => (
          <NavLink key={path} to={`/console/${path}`.replace(/\/$/, '')} end className={LINK}>
            {name}
          </NavLink>
        ))}
      </nav>
      <Routes>
        <Route index element={<Requests routes={routes} failed={isError} />} />
        <Route path="sign-in" element={<SignInStory />} />
        <Route path="tokens" element={<Tokens />} />
        <Route path="live" element={<Live />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </ConsoleContext>
  );
}
