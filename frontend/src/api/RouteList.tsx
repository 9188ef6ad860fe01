import { useId, useState, type ReactNode } from 'react';

/** A button for each route; `onCall` gets its path. */
export function RouteList({ onCall }: { onCall: (path: string) => void }) {
  return (
    <ul className="routes">
      <Route path="/" text="Any good token will do.">
        <CallButton path="/" onCall={onCall} />
      </Route>
      <Route path="/hello/{name}" text="Greets the name you give.">
        <HelloForm onCall={onCall} />
      </Route>
      <Route path="/me" text="Tells what the API reads from your token.">
        <CallButton path="/me" onCall={onCall} />
      </Route>
      <Route path="/reports" text="Wants the scope reports:read.">
        <CallButton path="/reports" onCall={onCall} />
      </Route>
      <Route path="/admin" text="Only for the group Admins.">
        <CallButton path="/admin" onCall={onCall} />
      </Route>
    </ul>
  );
}

function Route({ path, text, children }: { path: string; text: string; children: ReactNode }) {
  return (
    <li>
      <p>
        <code>GET {path}</code>
        <br />
        <small>{text}</small>
      </p>
      {children}
    </li>
  );
}

function CallButton({ path, onCall }: { path: string; onCall: (path: string) => void }) {
  return (
    <button
      type="button"
      onClick={() => {
        onCall(path);
      }}
    >
      Call {path}
    </button>
  );
}

function HelloForm({ onCall }: { onCall: (path: string) => void }) {
  const [name, setName] = useState('world');
  const id = useId();

  return (
    <form
      className="hello"
      onSubmit={(event) => {
        event.preventDefault();
        onCall(`/hello/${encodeURIComponent(name)}`);
      }}
    >
      <label htmlFor={id}>Name</label>
      <input
        id={id}
        value={name}
        required
        maxLength={60}
        // The browser takes a path of dots for a way up, and it would never reach the route.
        pattern="(?!\.{1,2}$)[^\/]+"
        title="Any name without a slash"
        autoComplete="off"
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      <button type="submit" className="primary">
        Say hello
      </button>
    </form>
  );
}
