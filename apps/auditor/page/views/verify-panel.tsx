import { useState } from 'preact/hooks';
import { type LogEvent } from '../api/answers';
import { type ApiProblem, asProblem } from '../api/problem';
import { useApp } from '../parts/app-context';
import { CheckList, OUTCOMES } from '../parts/check-list';
import { ShieldIcon } from '../parts/icons';
import { Link } from '../parts/link';
import { ProblemNotice } from '../parts/notice';
import { type Outcome } from '../verification/check';
import { summary } from '../verification/summary';
import { type EntryVerdict } from '../verification/verifier';
import { useSignal } from '../parts/use-signal';

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'checking'; readonly done: number }
  | { readonly name: 'done'; readonly verdicts: readonly EntryVerdict[] }
  | { readonly name: 'problem'; readonly problem: ApiProblem };

/** Proves entries in this browser, at a click. */
export function VerifyPanel({ events }: { readonly events: readonly LogEvent[] }) {
  const { watch, keys } = useApp();
  const [state, setState] = useState<State>({ name: 'idle' });
  const { log: pinned } = useSignal(keys.trusted);
  const verify = async () => {
    const verdicts: EntryVerdict[] = [];
    setState({ name: 'checking', done: 0 });
    try {
      for (const event of events) {
        // All against the checkpoint of the first, which is the newest.
        const verdict = await watch.verifier.entry(event, verdicts[0]?.head?.size);
        verdicts.push(verdict);
        setState({ name: 'checking', done: verdicts.length });
      }
      setState({ name: 'done', verdicts });
    } catch (error) {
      setState({ name: 'problem', problem: asProblem(error) });
    }
  };
  const what = events.length === 1 ? 'that this entry is' : `that these ${events.length} entries are`;
  if (state.name === 'done') return <Result verdicts={state.verdicts} again={() => void verify()} />;
  return (
    <section class="verify" aria-label="Verify in your browser">
      <ShieldIcon />
      <div>
        <p>
          So says the auditor. Your browser can check itself {what} in the log, unchanged, under
          {pinned === undefined ? ' its' : ' its signed'} checkpoint.
        </p>
        {state.name === 'problem' ? (
          <ProblemNotice problem={state.problem} again={() => void verify()} />
        ) : null}
        {state.name === 'checking' ? (
          <p role="status">
            <progress max={events.length} value={state.done} aria-label="Entries checked" /> {state.done} of{' '}
            {events.length} checked
          </p>
        ) : null}
      </div>
      {state.name === 'idle' ? (
        <button type="button" class="primary" onClick={() => void verify()}>
          Verify in your browser
        </button>
      ) : null}
    </section>
  );
}

const WORDS: Record<Outcome, string> = {
  verified: 'Your browser checked it all, with its own code.',
  partial: 'Nothing speaks against it, but not everything could be checked.',
  failed: 'Do not believe what is shown here.',
};

function Result({
  verdicts,
  again,
}: {
  readonly verdicts: readonly EntryVerdict[];
  readonly again: () => void;
}) {
  const { outcome, checks } = summary(verdicts);
  const { name, tone } = OUTCOMES[outcome];
  return (
    <section class={`verify done ${tone}`} role={outcome === 'failed' ? 'alert' : 'status'} aria-label={name}>
      <ShieldIcon />
      <div>
        <h2>{name}</h2>
        <p>{WORDS[outcome]}</p>
        <CheckList checks={checks} />
        {checks.some(({ what, state }) => what === 'signature' && state === 'open') ? (
          <p>
            <Link to={{ view: 'checkpoint' }}>Pin the log’s key</Link> to have its signature checked, too.
          </p>
        ) : null}
        <p>
          <button type="button" onClick={again}>
            Check again
          </button>
        </p>
      </div>
    </section>
  );
}
