import { useApp } from '../parts/app-context';
import { CheckList, OUTCOMES } from '../parts/check-list';
import { CodeText } from '../parts/code-text';
import { CopyButton } from '../parts/copy-button';
import { Heading } from '../parts/heading';
import { Loading, ProblemNotice } from '../parts/notice';
import { Ago, LocalTime } from '../parts/time-text';
import { useLoaded } from '../parts/use-loaded';
import { useSignal } from '../parts/use-signal';
import { type Head } from '../verification/head';
import { type HeadVerdict } from '../verification/verifier';
import { KeysForm } from './keys-form';

/** The signed head of the log: what it promises, and whether it holds. */
export function CheckpointView() {
  const { watch } = useApp();
  const verdict = useSignal(watch.verdict);
  const problem = useSignal(watch.problem);
  return (
    <>
      <Heading name="Checkpoint" />
      <p class="lead">
        One hash stands for every entry so far. Whoever keeps a checkpoint can tell later whether anything
        before it was changed, removed or inserted.
      </p>
      {problem === undefined ? null : <ProblemNotice problem={problem} again={() => void watch.look(true)} />}
      {verdict === undefined && problem === undefined ? <Loading what="Loading the checkpoint" /> : null}
      {verdict === undefined ? null : <VerdictOf verdict={verdict} />}
      <KeysForm />
      <section aria-label="Memory">
        <h2>What this browser remembers</h2>
        <p>
          It keeps the last checkpoint that it found right, and asks for a proof that each new one continues
          it. After a <code>npm run reset</code> there is a new log, and this one has to be forgotten.
        </p>
        <p>
          <button type="button" onClick={() => watch.forget()}>
            Forget this log
          </button>
        </p>
      </section>
    </>
  );
}

function VerdictOf({ verdict: { head, checks, outcome } }: { readonly verdict: HeadVerdict }) {
  const { name, tone } = OUTCOMES[outcome];
  return (
    <>
      {head === undefined ? null : <HeadFacts head={head} />}
      <section class={`verify done ${tone}`} aria-label="Checks">
        <div>
          <h2>{name}</h2>
          <CheckList checks={checks} />
        </div>
      </section>
      {head === undefined ? null : <Cosignatures head={head} />}
      {head === undefined ? null : (
        <section class="raw" aria-label="Signed note">
          <div class="view-head">
            <h2>The signed note</h2>
            <CopyButton text={head.note} what="the signed note" />
          </div>
          <pre tabIndex={0}>{head.note}</pre>
        </section>
      )}
    </>
  );
}

function HeadFacts({ head }: { readonly head: Head }) {
  const root = Array.from(head.root, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return (
    <dl class="facts wide">
      <div>
        <dt>Log</dt>
        <dd>
          <code class="wrapping">{head.origin}</code>
        </dd>
      </div>
      <div>
        <dt>Entries</dt>
        <dd class="figure">{head.size.toLocaleString()}</dd>
      </div>
      <div>
        <dt>Root</dt>
        <dd>
          <CodeText text={root} what="root" longest={30} />
        </dd>
      </div>
      <div>
        <dt>Newest entry</dt>
        <dd>
          <NewestEntry size={head.size} />
        </dd>
      </div>
    </dl>
  );
}

/** A checkpoint has no time of its own: it is as old as its newest entry. */
function NewestEntry({ size }: { readonly size: number }) {
  const { api } = useApp();
  const { value } = useLoaded(
    'newest',
    async () => (size === 0 ? null : (await api.entry(0, size - 1)).time),
    size,
  );
  return value === undefined ? <>…</> : <Ago time={value} />;
}

function Cosignatures({ head: { cosignatures } }: { readonly head: Head }) {
  return (
    <section aria-label="Witnesses">
      <h2>Witnesses</h2>
      {cosignatures.length === 0 ? (
        <p>
          Nobody else has signed this checkpoint. A witness on another machine keeps the log honest towards
          everybody at once: <code>npx quorate audit witness</code>.
        </p>
      ) : (
        <ul class="witnesses">
          {cosignatures.map(({ name, at, verified }) => (
            <li key={name}>
              <code class="wrapping">{name}</code>{' '}
              <span class={`badge ${verified === undefined ? 'waiting' : verified ? 'good' : 'bad'}`}>
                {verified === undefined ? 'key not pinned' : verified ? 'verified' : 'wrong'}
              </span>{' '}
              {at === undefined ? null : (
                <span class="muted">
                  <LocalTime time={at} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
