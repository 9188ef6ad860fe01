import { BRAND } from '../../brand';
import { buttonClass } from '../ui/Button';

/** In place of a page, or of the app, that threw an error or whose file did not load. */
export function Crashed() {
  return (
    <div className="mx-auto grid max-w-6xl justify-items-start gap-4" role="alert">
      <title>{`Error · ${BRAND.name}`}</title>
      <h1 className="heading">Something went wrong on this page</h1>
      <p>
        A part of the app did not load or has a fault. If a new version was just published, a reload
        helps; otherwise the browser console shows the error.
      </p>
      <a className={buttonClass('primary')} href={window.location.pathname}>
        Reload this page
      </a>
    </div>
  );
}
