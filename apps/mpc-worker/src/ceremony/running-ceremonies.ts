import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type NodeIdentity } from '../identity/node-identity';
import { type Pair } from '../key-share/pair-store';
import { ceremonyEnded, type CeremonyResult, failed, type FailedResult } from './ceremony-ended';
import { type CeremonyOrder } from './ceremony-order';
import { type ThreadFailure } from './thread-messages';

export interface RunningCeremony {
  readonly order: CeremonyOrder;
  readonly index: number;
  readonly timeout: NodeJS.Timeout;
}

/** A ceremony that failed at this node; the failure has the signed frames that prove it, where it can be proved. */
export interface FailedCeremony {
  readonly order: CeremonyOrder;
  readonly failure: ThreadFailure;
}

/** What the end of a ceremony needs of the rest of the node. */
export interface ReportParts {
  readonly identity: NodeIdentity;
  readonly logger: Logger;
  readonly store: EventStore;
  /** Called inside the commit that reports the failure. */
  readonly whenFailed: (tx: StoreTransaction, failed: FailedCeremony) => void;
}

/** The ceremonies that are under way at this node, by session id, until each has an end that is reported. */
export class RunningCeremonies {
  private readonly running = new Map<string, RunningCeremony>();

  /** @param abort ends a session in the protocol thread */
  constructor(
    private readonly parts: ReportParts,
    private readonly abort: (sessionId: string) => void,
  ) {}

  get size(): number {
    return this.running.size;
  }

  /** Presignatures that those under way will bring. */
  get batches(): number {
    return [...this.running.values()].reduce((sum, { order }) => sum + order.batch, 0);
  }

  /** It fails when it has no other end before its order's time is over. */
  begin(sessionId: string, order: CeremonyOrder, index: number): void {
    const expire = () => this.fail(sessionId, failed('TIMEOUT', 'notAfter'));
    const timeout = setTimeout(expire, order.notAfter * 1000 - Date.now());
    this.running.set(sessionId, { order, index, timeout });
  }

  get(sessionId: string): RunningCeremony | undefined {
    return this.running.get(sessionId);
  }

  has(sessionId: string): boolean {
    return this.running.has(sessionId);
  }

  failWhere(
    predicate: (ceremony: RunningCeremony, sessionId: string) => boolean,
    result: FailedResult,
  ): void {
    for (const [sessionId, ceremony] of [...this.running]) {
      if (predicate(ceremony, sessionId)) this.fail(sessionId, result);
    }
  }

  fail(sessionId: string, result: FailedResult): void {
    const ceremony = this.running.get(sessionId);
    if (ceremony === undefined) return;
    this.forget(sessionId);
    this.abort(sessionId);
    const { failureClass, check } = result.failure;
    const { purpose } = ceremony.order;
    this.parts.logger.warn({ sessionId, purpose, class: failureClass, check }, 'ceremony failed');
    this.report(ceremony.order, result);
  }

  /** A result may be lost in a crash, as the ceremony then is; evidence may not. */
  report(order: CeremonyOrder, result: CeremonyResult): void {
    const { identity, store, whenFailed, logger } = this.parts;
    const record = ceremonyEnded(identity, order, result);
    const failure = result.outcome === 'failed' ? result.failure : undefined;
    store
      .transaction(
        async (tx) => {
          if (failure !== undefined) whenFailed(tx, { order, failure });
          tx.publish(record);
        },
        { durable: failure?.accused !== undefined },
      )
      .catch((error: Error) => logger.warn({ err: error }, 'the end of a ceremony was not reported'));
  }

  /** It is over; its end is reported elsewhere. */
  forget(sessionId: string): void {
    clearTimeout(this.running.get(sessionId)?.timeout);
    this.running.delete(sessionId);
  }

  stop(): void {
    for (const sessionId of [...this.running.keys()]) this.forget(sessionId);
  }
}

export function isOfPair(of: { readonly keyId: string; readonly epoch: number }, pair: Pair): boolean {
  return of.keyId === pair.keyId && of.epoch === pair.epoch;
}

/** Whether the session works with the state of the pair. */
export function usesPair({ order }: RunningCeremony, pair: Pair): boolean {
  const isWithPeer = order.members.some((member) => member.index === pair.peer);
  return order.purpose !== 'reshare' && isOfPair(order, pair) && isWithPeer;
}
