/** In place of a page, or of the app, that threw an error while rendering. */
export function Crashed() {
  return (
    <div className="stack" role="alert">
      <title>Error · FastAPI with Okta</title>
      <h1>Something went wrong on this page</h1>
      <p>If a reload does not help, the browser console shows the error.</p>
      <p>
        <a className="button" href="/">
          Reload the app
        </a>
      </p>
    </div>
  );
}
