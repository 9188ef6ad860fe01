import { Link } from 'react-router-dom';
import { Page } from '../Page';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>The address may be mistyped, or the page was taken away.</p>
      <p>
        <Link className="button" to="/">
          Go to the first page
        </Link>
      </p>
    </Page>
  );
}
