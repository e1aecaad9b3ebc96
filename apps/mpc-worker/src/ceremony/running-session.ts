import { type ProtocolFailure, type Session, type StepOutput } from '@quorate/threshold';
import { type SessionStep, type ThreadOutcome } from './thread-messages';

/** A step before it is known of which session it is. */
export type Step = Omit<SessionStep, 'kind' | 'sessionId'>;

/** A session of any protocol, with what comes out of it as bytes. */
export interface RunningSession {
  start(): Step;
  receive(frame: Uint8Array): Step;
  abort(): void;
}

/** The byte forms of a protocol's results. */
export interface ResultForms<R, P> {
  /** Encodes the result and wipes it. */
  outcome(value: R): ThreadOutcome;
  readonly pending?: { encode(value: P): Uint8Array; wipe(value: P): void };
}

/** The session, its results encoded and wiped; a pending result that comes to nothing is wiped, too. */
export function runningSession<R, P>(session: Session<R, P>, forms: ResultForms<R, P>): RunningSession {
  let pending: P | undefined;
  const forget = (): void => {
    if (pending !== undefined) forms.pending?.wipe(pending);
    pending = undefined;
  };
  const convert = (step: StepOutput<R, P>): Step => {
    if (step.pending !== undefined) pending = step.pending;
    const converted = {
      outgoing: step.outgoing,
      ...(step.pending !== undefined && forms.pending && { pending: forms.pending.encode(step.pending) }),
      ...(step.dropped !== undefined && { dropped: step.dropped }),
      ...(step.outcome?.kind === 'result' && { outcome: forms.outcome(step.outcome.value) }),
      ...(step.outcome?.kind === 'failure' && { outcome: failureOutcome(step.outcome.failure) }),
    };
    if (step.outcome !== undefined) forget();
    return converted;
  };
  return {
    start: () => convert(session.start()),
    receive: (frame) => convert(session.receive(frame)),
    abort: () => {
      session.abort();
      forget();
    },
  };
}

function failureOutcome({ failureClass, check, accused, evidence }: ProtocolFailure): ThreadOutcome {
  return {
    kind: 'failure',
    failure: { failureClass, check, ...(accused !== undefined && { accused }), evidence },
  };
}
