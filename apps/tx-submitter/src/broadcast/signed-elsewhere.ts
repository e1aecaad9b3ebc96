/** Sends the committed transactions of this submitter's lanes that it has not in hand: others took their signatures in, or they were held. */
import { type EventStore } from '@quorate/event-store';
import { isPassing, type Logger } from '@quorate/platform';

import { type LaneLeases } from '../lane/lane-leases';
import { type Broadcaster } from './broadcaster';
import { type InFlight } from './in-flight';
import { readSigned } from './in-flight-table';

export interface SignedElsewhereParts {
  store: EventStore;
  leases: Pick<LaneLeases, 'holds'>;
  inFlight: InFlight;
  broadcaster: Broadcaster;
  logger: Logger;
  onFatal: (error: Error) => void;
}

export class SignedElsewhere {
  constructor(private readonly parts: SignedElsewhereParts) {}

  /** Sends the committed transactions with these hashes. */
  send(hashes: string[]): void {
    this.sendAll(hashes).catch((error: unknown) => {
      // The watcher finds them a little later.
      if (isPassing(error)) this.parts.logger.warn({ err: error, hashes }, 'transactions are not read yet');
      else this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
    });
  }

  private async sendAll(hashes: string[]): Promise<void> {
    const { store, leases, inFlight, broadcaster } = this.parts;
    const signed = await store.transaction((tx) => readSigned(tx, hashes), { durable: false });
    for (const transaction of signed) {
      if (leases.holds(transaction.lane) && !inFlight.knows(transaction)) broadcaster.send(transaction);
    }
  }
}
