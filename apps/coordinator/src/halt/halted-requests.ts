import { type DurableHalts, type Halt, type HaltSubject } from '@quorate/halts';
import { claimedIntentRequester, signRequestSchema } from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';
import { type EarlyEnding } from '../sign-request/early-endings';
import { type SignRequested } from '../sign-request/events';
import { type OpenedRequest } from '../sign-request/opened-request';

/** Ends open requests in a halted scope. */
export class HaltedRequests implements EarlyEnding {
  constructor(
    private readonly halts: Pick<DurableHalts, 'covering' | 'isClear'>,
    private readonly clock: Clock,
  ) {}

  /** A halt that forbids the request; undefined when there is none. */
  haltOf(requested: SignRequested): Halt | undefined {
    return this.halts.isClear() ? undefined : this.halts.covering(subjectOf(requested));
  }

  end(request: OpenedRequest): void {
    const { state } = request;
    if (state.status !== 'open') return;
    const halt = this.haltOf(state.request);
    if (halt !== undefined) request.execute({ kind: 'halt', halt, now: this.clock.now() }, halt.haltId);
  }
}

/** In whose name a request is made: an intent's requester, too. */
export function subjectOf(requested: SignRequested): HaltSubject {
  const { keyId, requester, payloadKind, value } = requested;
  if (payloadKind !== 'evm-intent') return { keyId, requesters: [requester] };
  const request = signRequestSchema.safeParse(JSON.parse(Buffer.from(value, 'base64').toString()));
  const client = request.success ? claimedIntentRequester(request.data) : undefined;
  return { keyId, requesters: client === undefined ? [requester] : [requester, client] };
}
