import { type Clock } from '../ports/clock.port';
import { type EarlyEnding } from '../sign-request/early-endings';
import { type OpenedRequest } from '../sign-request/opened-request';
import { type KeyRegistry } from './key-registry';

/** Ends requests that wait for a presignature of a key that was retired. */
export class RetiredKeyRequests implements EarlyEnding {
  constructor(
    private readonly keys: Pick<KeyRegistry, 'retirementOf'>,
    private readonly clock: Clock,
  ) {}

  end(request: OpenedRequest): void {
    const { state } = request;
    if (state.status !== 'open') return;
    const retirement = this.keys.retirementOf(state.request.keyId);
    if (retirement === undefined) return;
    request.execute({ kind: 'end-with-key', now: this.clock.now() }, retirement.nonce);
  }
}
