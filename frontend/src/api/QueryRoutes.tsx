import { Outlet } from 'react-router';
import { Queries } from './Queries';

/** Routes that load data. */
export function QueryRoutes() {
  return (
    <Queries>
      <Outlet />
    </Queries>
  );
}
