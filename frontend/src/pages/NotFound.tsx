import { Link } from 'react-router';
import { Page } from '../ui/Page';

export function NotFound() {
  return (
    <Page title="Page not found">
      <p>The address may be mistyped, or the page was removed.</p>
      <p>
        <Link className="button" to="/">
          Back to the start page
        </Link>
      </p>
    </Page>
  );
}
