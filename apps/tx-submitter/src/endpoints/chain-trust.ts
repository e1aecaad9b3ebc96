/** Whether the chain is still the one that transactions were made for. While it is in doubt, no nonces are given away. */
import { type EndpointListener } from './endpoint-events';

/** `identity`: every endpoint serves another chain. `finality`: a block that was final is not there any more. */
export type SuspicionCause = 'identity' | 'finality';

export class ChainTrust {
  private readonly reasons = new Map<SuspicionCause, string>();

  /** @param emit told when a doubt begins, and when it ends. */
  constructor(private readonly emit: EndpointListener) {}

  /** Why the chain is in doubt; undefined when it is not. */
  get suspicion(): string | undefined {
    const [reason] = this.reasons.values();
    return reason;
  }

  has(cause: SuspicionCause): boolean {
    return this.reasons.has(cause);
  }

  suspect(cause: SuspicionCause, reason: string): void {
    const isNew = !this.reasons.has(cause);
    this.reasons.set(cause, reason);
    if (isNew) this.emit({ kind: 'suspect', cause, reason });
  }

  /** @param by who or what ended the doubt. */
  trust(cause: SuspicionCause, by: 'chain' | 'operator'): void {
    if (this.reasons.delete(cause)) this.emit({ kind: 'trusted', cause, by });
  }
}
