import { useState } from 'react';
import { curlFor } from './curl';

/** The call as a curl command, to copy. */
export function Curl({ url }: { url: string }) {
  const [told, setTold] = useState('');
  const command = curlFor(url);

  const copy = () => {
    navigator.clipboard.writeText(command).then(
      () => {
        setTold('Copied.');
      },
      () => {
        setTold('The browser did not allow it: select the text and copy it.');
      },
    );
  };

  return (
    <>
      <h3>The same with curl</h3>
      <pre>{command}</pre>
      <p className="copy">
        <button type="button" onClick={copy}>
          Copy the curl command
        </button>{' '}
        <span role="status">{told}</span>
      </p>
      <p>
        <small>
          Your token is left out. Set <code>TOKEN</code> in the shell; <code>make token</code>{' '}
          prints one from the local Okta.
        </small>
      </p>
    </>
  );
}
