import { type Check, type Outcome } from '../verification/check';
import { CheckIcon, CrossIcon, OpenIcon } from './icons';

const NAMES: Record<Check['what'], string> = {
  inclusion: 'It is in the log',
  content: 'It is what is shown',
  signature: 'The log signed it',
  continuity: 'The log goes on from what this browser saw',
  witnesses: 'Witnesses saw it',
};

const STATES: Record<Check['state'], string> = { passed: 'Passed', failed: 'Failed', open: 'Not checked' };

/** What this browser checked, a line each. */
export function CheckList({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ul class="checks">
      {checks.map(({ what, state, text }) => (
        <li key={`${what} ${text}`} class={state}>
          {state === 'passed' ? <CheckIcon /> : state === 'failed' ? <CrossIcon /> : <OpenIcon />}
          <div>
            <strong>
              <span class="hidden">{STATES[state]}: </span>
              {NAMES[what]}
            </strong>
            <p>{text}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

export const OUTCOMES: Record<Outcome, { readonly name: string; readonly tone: 'good' | 'bad' | 'waiting' }> =
  {
    verified: { name: 'Verified', tone: 'good' },
    partial: { name: 'Partly verified', tone: 'waiting' },
    failed: { name: 'Verification failed', tone: 'bad' },
  };
