import { OpenedRequest } from './opened-request';
import { type SignRequest } from './sign-request';

const MOST_REQUESTS = 4_096;

interface Remembered {
  readonly requester: string;
  readonly requestId: string;
  readonly state: SignRequest;
  readonly version: number;
}

/**
 * Open requests as this coordinator's last commit left them, so that the answers to them need no reading. Another
 * coordinator may have moved them on since: what is appended is checked against the stored version, and what does not fit
 * the remembered state is read again.
 */
export class RequestMemory {
  private readonly requests = new Map<string, Remembered>();

  /** Leaves memory until the next commit remembers it: a transaction that fails has the request read again. */
  take(streamId: string): OpenedRequest | undefined {
    const found = this.requests.get(streamId);
    if (found === undefined) return undefined;
    this.requests.delete(streamId);
    return new OpenedRequest(found.requester, found.requestId, found.state, found.version);
  }

  /** After the commit that stored what was added. */
  remember({ streamId, requester, requestId, state, nextVersion: version }: OpenedRequest): void {
    this.requests.delete(streamId);
    if (state.status !== 'open') return;
    this.requests.set(streamId, { requester, requestId, state, version });
    const [oldest] = this.requests.keys();
    if (this.requests.size > MOST_REQUESTS && oldest !== undefined) this.requests.delete(oldest);
  }
}
