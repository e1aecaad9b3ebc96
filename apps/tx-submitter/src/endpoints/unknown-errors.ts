/** Error texts that no rule knows: each is counted, and logged the first time. */
import { type ErrorFingerprint } from '@quorate/evm';
import { type Logger } from '@quorate/platform';
import { type Counter } from 'prom-client';

/** Fingerprints with a label of their own; an endpoint that invents texts must not fill the metrics. */
const labels = 50;
const overflowLabel = 'other';

export class UnknownErrors {
  private readonly seen = new Set<string>();

  constructor(
    private readonly counter: Counter<'fingerprint'>,
    private readonly logger: Logger,
  ) {}

  /** Takes in a text that an endpoint gave. */
  note(endpoint: string, { fingerprint, shape }: ErrorFingerprint): void {
    if (this.seen.has(fingerprint)) {
      this.counter.inc({ fingerprint });
      return;
    }
    if (this.seen.size >= labels) {
      this.counter.inc({ fingerprint: overflowLabel });
      return;
    }
    this.seen.add(fingerprint);
    this.counter.inc({ fingerprint });
    this.logger.warn(
      { endpoint, fingerprint, text: shape },
      'an error text that no rule knows: add it to RPC_ERRORS_FILE',
    );
  }
}
