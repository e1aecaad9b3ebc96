import { type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../parts/app-context';
import { Notice } from '../parts/notice';
import { useSignal } from '../parts/use-signal';
import { textOf } from '../trust/trusted-keys';

/** Whom this browser believes. */
export function KeysForm() {
  const { keys } = useApp();
  const trusted = useSignal(keys.trusted);
  const offered = useSignal(keys.offered);
  const [text, setText] = useState(textOf(trusted));
  const [error, setError] = useState<string>();
  const [isSaved, setSaved] = useState(false);
  useEffect(() => setText(textOf(trusted)), [trusted]);
  const pin = (lines: string) => {
    try {
      keys.pin(lines);
      setError(undefined);
      setSaved(true);
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal));
      setSaved(false);
    }
  };
  const submit = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    pin(text);
  };
  return (
    <section aria-label="Pinned keys" id="keys">
      <h2>Pinned keys</h2>
      {offered === undefined ? null : (
        <Notice tone="waiting" title="A link brought another key of the log">
          <p>
            <code class="wrapping">{offered}</code>
          </p>
          <p>Use it only if you know that the log has a new key, for example after a reset.</p>
          <p class="actions">
            <button type="button" onClick={() => pin(textOf({ ...trusted, log: offered }))}>
              Pin the new key
            </button>
            <button type="button" onClick={() => keys.offered.set(undefined)}>
              Keep the old one
            </button>
          </p>
        </Notice>
      )}
      <form class="stacked" onSubmit={submit}>
        <label for="trusted-keys">The log’s key, and keys of witnesses: one on each line</label>
        <textarea
          id="trusted-keys"
          rows={3}
          spellcheck={false}
          autoComplete="off"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setSaved(false);
          }}
          placeholder="quorate.local/auditor/log/0+d74717ad+AdmOI…"
          aria-describedby="keys-help keys-error"
          aria-invalid={error !== undefined}
        />
        <p id="keys-help" class="help">
          Get it from people, not from this server: <code>audit.logKeys</code> in{' '}
          <code>.quorate/run/stack.json</code>, or whoever runs the log. The link that <code>npm start</code>{' '}
          prints brings it along.
        </p>
        <p id="keys-error" class="field-error" role="alert">
          {error === undefined ? '' : `That cannot be pinned: ${error}.`}
        </p>
        <p class="actions">
          <button type="submit" class="primary">
            Pin
          </button>
          <span role="status">{isSaved ? 'Saved in this browser.' : ''}</span>
        </p>
      </form>
    </section>
  );
}
