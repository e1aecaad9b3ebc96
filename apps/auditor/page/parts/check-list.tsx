import { type Check, type Outcome } from '../verification/check';
import { CheckIcon, CrossIcon, OpenIcon } from './icons';

const NAMES: Record<Check['what'], string> = {
  inclusion: 'It is in the log',
  content: 'It is what is shown',
  signature: 'The log signed it',
  continuity: 'The log goes on from what this browser saw',
  witnesses: 'Witnesses saw it',
};

/** The same, when it is not so. */
const FAILURES: Record<Check['what'], string> = {
  inclusion: 'It is not proved to be in the log',
  content: 'It is not what is shown',
  signature: 'The log did not sign it',
  continuity: 'It contradicts what this browser saw',
  witnesses: 'A witness did not sign it',
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
              {state === 'failed' ? FAILURES[what] : NAMES[what]}
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
