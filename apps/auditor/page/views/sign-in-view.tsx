import { type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../parts/app-context';
import { Heading } from '../parts/heading';
import { Notice } from '../parts/notice';

/** Asks for the token that the auditor wants. */
export function SignInView() {
  const { session } = useApp();
  const [wasRefused] = useState(session.token !== undefined);
  const [token, setToken] = useState('');
  const submit = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (token.trim() !== '') session.unlock(token.trim());
  };
  return (
    <div class="narrow">
      <Heading name="A token, please" />
      <p>
        This auditor answers only those who have a token with the role reader. Ask whoever runs it for one.
      </p>
      {wasRefused ? (
        <Notice tone="bad" title="The auditor did not take the token">
          <p>It may be mistyped, or have been taken back.</p>
        </Notice>
      ) : null}
      <form class="stacked" onSubmit={submit}>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          required
          autoComplete="off"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
          aria-describedby="token-help"
        />
        <p id="token-help" class="help">
          It stays in this tab and is forgotten when you close it. A link that ends in <code>#token=…</code>{' '}
          brings it along.
        </p>
        <button type="submit" class="primary">
          Continue
        </button>
      </form>
    </div>
  );
}
