/** What the answers of all endpoints to one raw transaction mean together. Pure. */
import { type Rejection, rejections, type SendVerdict } from '@quorate/evm';

/** What one endpoint said. */
export interface EndpointVerdict {
  /** Its name: host and port. */
  endpoint: string;
  verdict: SendVerdict;
}

/**
 * `pooled`: an endpoint has it. `maybe-sent`: none says so, and not all say no. `nonce-used`: none has it, and its nonce
 * is taken, perhaps by itself. `rejected`: every endpoint that was tried refused it, and none ever accepted it.
 */
export type BroadcastVerdict =
  { kind: 'pooled' | 'maybe-sent' | 'nonce-used' } | { kind: 'rejected'; reason: Rejection; message: string };

/** What endpoints said of the same raw transaction earlier. */
export interface EarlierSends {
  /** Whether one ever had it. */
  accepted: boolean;
  /** Whether one that is not asked now may have it. */
  open: boolean;
}

/**
 * The verdict of one broadcast. A rejection is final only when nobody can have the transaction (invariant I6): one
 * endpoint's uncertainty, now or earlier, makes it `maybe-sent`.
 */
export function aggregate(answers: readonly EndpointVerdict[], earlier: EarlierSends): BroadcastVerdict {
  const verdicts = answers.map(({ verdict }) => verdict);
  if (verdicts.some(hasIt)) return { kind: 'pooled' };
  if (verdicts.length === 0 || verdicts.some(({ kind }) => kind === 'ambiguous'))
    return { kind: 'maybe-sent' };
  if (verdicts.some(({ kind }) => kind === 'nonce-used')) return { kind: 'nonce-used' };
  if (earlier.accepted || earlier.open) return { kind: 'maybe-sent' };
  const [mildest] = verdicts
    .flatMap((verdict) => (verdict.kind === 'rejected' ? [verdict] : []))
    .sort((a, b) => rejections.indexOf(a.reason) - rejections.indexOf(b.reason));
  if (mildest === undefined) return { kind: 'maybe-sent' };
  const { reason, message } = mildest;
  return { kind: 'rejected', reason, message };
}

/** Whether endpoints contradict each other: one has the transaction, and another refuses it for good. */
export function contradict(answers: readonly EndpointVerdict[]): boolean {
  const verdicts = answers.map(({ verdict }) => verdict);
  return verdicts.some(hasIt) && verdicts.some(({ kind }) => kind === 'rejected');
}

/** Whether the endpoint has the transaction. */
export function hasIt({ kind }: SendVerdict): boolean {
  return kind === 'accepted' || kind === 'known';
}
