import { Link } from 'react-router';
import { buttonClass } from '../ui/Button';
import { Page } from '../ui/Page';

export function NotFound() {
  return (
    <div className="mx-auto max-w-6xl">
      <Page title="Page not found">
        <p className="mb-4">The address may be mistyped, or the page was removed.</p>
        <Link className={buttonClass()} to="/">
          Back to the start page
        </Link>
      </Page>
    </div>
  );
}
