import { Component, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
}

/** Shows its children, or an error page once one of them has thrown while rendering. */
export class Crashed extends Component<Props, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <main className="page" role="alert">
        <title>Error · FastAPI with Okta</title>
        <h1>Something went wrong in this page</h1>
        <p>Load it again. If that does not help, the browser console says what happened.</p>
        <p>
          <a className="button" href="/">
            Load the first page
          </a>
        </p>
      </main>
    );
  }
}
