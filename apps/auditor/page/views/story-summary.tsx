import { CodeText } from '../parts/code-text';
import { CheckIcon, CrossIcon } from '../parts/icons';
import { Heading } from '../parts/heading';
import { LocalTime } from '../parts/time-text';
import { weiText } from '../text/amounts';
import { shorten } from '../text/shorten';
import { durationText } from '../text/times';
import { objectField, textField } from '../timeline/fields';
import { type Stage } from '../timeline/status';
import { type Story } from '../timeline/story';

interface StorySummaryProps {
  readonly id: string;
  readonly story: Story;
  /** The first one of a view has its heading. */
  readonly isFirst: boolean;
}

const KINDS: Record<Story['kind'], string> = {
  transaction: 'Transaction',
  signature: 'Signature',
  other: 'Events',
};

/** What it is about, how it stands, and how far it got. */
export function StorySummary({ id, story, isFirst }: StorySummaryProps) {
  const { kind, status, stages, began, ended } = story;
  const title = `${KINDS[kind]} ${shorten(id, 28)}`;
  return (
    <>
      <p class="kicker">
        {KINDS[kind]} <CodeText text={id} what="id" longest={44} />
      </p>
      <div class="story-title">
        {isFirst ? <Heading name={title}>{sentenceOf(story)}</Heading> : <h2>{sentenceOf(story)}</h2>}
        <span class={`badge large ${status.tone}`}>{status.name}</span>
      </div>
      {status.reason === undefined || status.tone === 'good' ? null : <p class="reason">{status.reason}</p>}
      <Stages stages={stages} />
      <p class="muted">
        Began <LocalTime time={began ?? null} />
        {began === undefined || ended === undefined || ended <= began
          ? null
          : `, ${durationText(ended - began)} from the first to the last entry`}
        .
      </p>
    </>
  );
}

/** In a sentence, from what the client signed. */
function sentenceOf({ kind, asked, requester, events }: Story): string {
  const who = requester ?? 'Somebody';
  if (kind === 'transaction' && asked !== undefined) {
    const value = textField(asked, 'value') ?? '0';
    const to = shorten(textField(asked, 'to') ?? 'nobody', 13);
    const data = textField(asked, 'data') ?? '0x';
    const what = data !== '0x' && value === '0' ? `calls ${to}` : `pays ${weiText(value)} to ${to}`;
    return `${who} ${what}`;
  }
  if (kind === 'signature' && asked !== undefined) {
    const payload = textField(objectField(asked, 'payload'), 'kind') ?? 'something';
    return `${who} asks for a signature (${payload})`;
  }
  return `${events.length} ${events.length === 1 ? 'entry' : 'entries'}`;
}

const STATES: Record<Stage['state'], string> = {
  done: 'reached',
  now: 'next',
  ahead: 'not reached',
  failed: 'not reached any more',
};

function Stages({ stages }: { readonly stages: readonly Stage[] }) {
  if (stages.length === 0) return null;
  return (
    <ol class="stages" aria-label="Stages">
      {stages.map(({ name, state }) => (
        <li key={name} class={state}>
          <span class="stage-dot" aria-hidden="true">
            {state === 'done' ? <CheckIcon /> : state === 'failed' ? <CrossIcon /> : null}
          </span>
          <span class="stage-name">{name}</span>
          <span class="hidden">: {STATES[state]}</span>
        </li>
      ))}
    </ol>
  );
}
