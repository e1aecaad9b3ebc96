import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type DurableHalts } from '@quorate/halts';
import { type Logger } from '@quorate/platform';
import { type Ceremony } from '../ceremony/ceremony';
import { type CeremonyOffice } from '../ceremony/ceremony-office';
import { type Verdict } from '../ceremony/verdict';
import { type KeyRegistry, type UsableKey } from '../key-registry/key-registry';
import { type CeremonyRecords } from '../ports/ceremony-records.port';
import { type Clock } from '../ports/clock.port';
import { type KeyLives } from '../ports/key-lives.port';
import { committeeName, type PresignBatches } from '../ports/presign-batches.port';
import { type WaitingRequests } from '../ports/waiting-requests.port';
import { type NodeHealth, workingCommittees } from './committees';
import { planCeremonies, type StockPolicy, type StockSituation } from './plan';
import { type PresignatureStock } from './presignature-stock';
import { type StockEvents } from './stock-events';
import { type StockLeases } from './stock-leases';
import { type StockLevel, type StockLevels } from './stock-levels';
import { type StockReconciliation } from './stock-reconciliation';

/** Which nodes take new work, as this coordinator sees them. */
export interface NodePresence {
  /** What is known about the nodes of a key. */
  of(keyId: string): NodeHealth;
  deadPairs(keyId: string): readonly (readonly [string, string])[];
  /** Work is given to these nodes. */
  given(committee: readonly string[]): void;
  /** Learns what other coordinators saw. */
  refresh(tx: StoreTransaction): Promise<void>;
}

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;

/** Keeps presignatures of every key and committee in stock: orders ceremonies and shelves what they bring. */
export class StockKeeper {
  private readonly filling = new Map<string, Set<string>>();
  private readonly backOffs = new Map<string, { until: number; ms: number }>();
  private readonly stockedListeners: ((keyId: string) => void)[] = [];
  private readonly heldListeners: ((keyId: string) => void)[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly batches: PresignBatches,
    private readonly ceremonies: CeremonyRecords,
    private readonly waiting: WaitingRequests,
    private readonly office: CeremonyOffice,
    private readonly leases: StockLeases,
    private readonly stock: PresignatureStock,
    private readonly keys: KeyRegistry,
    private readonly lives: Pick<KeyLives, 'changing'>,
    private readonly presence: NodePresence,
    private readonly reconciliation: Pick<StockReconciliation, 'discardUnusable'>,
    private readonly levels: StockLevels,
    private readonly halts: Pick<DurableHalts, 'covering'>,
    private readonly events: StockEvents,
    private readonly policy: StockPolicy,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Called when presignatures of a key may have come into this coordinator's hands. */
  onHeld(listener: (keyId: string) => void): void {
    this.heldListeners.push(listener);
  }

  /** Called when the stock of a key has new presignatures. */
  onStocked(listener: (keyId: string) => void): void {
    this.stockedListeners.push(listener);
  }

  /** Renews the leases and orders the ceremonies that the stock of all keys needs now. One coordinator at a time. */
  async refill(): Promise<void> {
    await this.keys.refresh();
    await this.store.transaction(async (tx) => {
      // What does not depend on each other travels together.
      const [waiting, [lock], running, exhausted, changing] = await Promise.all([
        this.waiting.counts(tx),
        tx.query<{ taken: boolean }>(
          `SELECT pg_try_advisory_xact_lock(hashtext('quorate presignature stock')) AS taken`,
        ),
        this.ceremonies.running(tx),
        this.levels.exhausted(tx),
        this.lives.changing(tx),
        this.leases.renew(tx),
        this.presence.refresh(tx),
      ]);
      // What waits may need a committee of which only this coordinator has presignatures, whoever looks after the request.
      tx.afterCommit(() => {
        for (const keyId of waiting.keys()) void this.hold(keyId);
      });
      if (lock?.taken !== true) return;
      // The nodes of a changing key presign for its next epoch only; the change itself orders that.
      const keys = this.keys
        .all()
        .filter(
          ({ keyId }) => !changing.has(keyId) && this.halts.covering({ keyId, requesters: [] }) === undefined,
        );
      await Promise.all(
        keys.map(({ keyId, epoch }) =>
          this.reconciliation.discardUnusable(tx, keyId, epoch, this.presence.deadPairs(keyId)),
        ),
      );
      const inProgress = running.map(({ sessionId }) => sessionId);
      const left = await Promise.all(keys.map(({ keyId }) => this.batches.remaining(tx, keyId, inProgress)));
      for (const [n, key] of keys.entries()) {
        const { keyId } = key;
        const situation = this.situationOf(key, running, left[n] ?? new Map(), waiting.get(keyId) ?? 0);
        this.levels.observe(tx, this.levelOf(keyId, situation), exhausted.has(keyId));
        running.push(...(await this.refillKey(tx, key, situation)));
      }
    });
  }

  /** A presigning ceremony has ended: its batch goes on the shelf, or its committee waits a little. */
  async ended(
    tx: StoreTransaction,
    ceremony: Ceremony,
    verdict: Exclude<Verdict, { kind: 'open' }>,
  ): Promise<void> {
    const { keyId, sessionId } = ceremony;
    if (keyId === null) return;
    const committee = [...ceremony.participants].sort();
    if (verdict.kind !== 'presignatures') {
      const reason = verdict.kind === 'failed' ? verdict.reason : 'unexpected result';
      this.events.discarded(tx, sessionId, keyId, committee, reason);
      tx.afterCommit(() => {
        this.logger.warn({ keyId, committee, reason }, 'a presigning ceremony failed');
        this.backOff(keyId, committee);
        this.filling.get(keyId)?.add(committeeName(committee));
      });
      return;
    }
    const { material, h2, noncePoints } = verdict;
    const { epoch, bootIds } = ceremony;
    await this.batches.add(tx, {
      sessionId,
      keyId,
      epoch,
      committee,
      bootIds,
      material,
      h2,
      noncePoints,
      nextIndex: 0,
    });
    this.events.stocked(tx, sessionId, keyId, committee, noncePoints.length);
    tx.afterCommit(() => {
      this.backOffs.delete(backOffName(keyId, committee));
      void this.bringIn(keyId);
    });
  }

  /** Takes what is in stock for a key into this coordinator's hands, and tells who waits for it. */
  async bringIn(keyId: string): Promise<void> {
    await this.hold(keyId);
    for (const listener of this.stockedListeners) listener(keyId);
  }

  /** Takes what others left of a key's stock. Nothing new is there, so nobody has to look at the stock again. */
  private async hold(keyId: string): Promise<void> {
    await this.leases.restocked(keyId);
    for (const listener of this.heldListeners) listener(keyId);
  }

  private situationOf(
    { keyId, participants, threshold }: UsableKey,
    running: readonly Ceremony[],
    remaining: ReadonlyMap<string, number>,
    waiting: number,
  ): StockSituation {
    const health = this.presence.of(keyId);
    return {
      committees: workingCommittees(participants, threshold, health).filter(
        (committee) => !this.isBackingOff(keyId, committee),
      ),
      remaining,
      running: running
        .filter((ceremony) => ceremony.keyId === keyId && ceremony.purpose === 'presign')
        .map((ceremony) => ({ committee: [...ceremony.participants].sort(), batch: ceremony.batch })),
      load: loadOf(running),
      waiting,
      available: this.stock.available(keyId),
    };
  }

  private levelOf(keyId: string, { committees, remaining, waiting }: StockSituation): StockLevel {
    const stock = committees.reduce(
      (sum, committee) => sum + (remaining.get(committeeName(committee)) ?? 0),
      0,
    );
    return { keyId, waiting, stock, enough: Math.max(1, this.policy.target * this.policy.lowWater) };
  }

  private async refillKey(
    tx: StoreTransaction,
    key: UsableKey,
    situation: StockSituation,
  ): Promise<Ceremony[]> {
    const { keyId, suite, participants, threshold, epoch, indices } = key;
    const filling = this.filling.get(keyId) ?? new Set<string>();
    this.filling.set(keyId, filling);
    const planned = planCeremonies(situation, this.policy, filling);
    const started: Ceremony[] = [];
    for (const { committee, batch, priority } of planned) {
      const ceremony = await this.office.order(tx, {
        purpose: 'presign',
        suite,
        keyId,
        epoch,
        threshold,
        parties: participants.length,
        members: committee.map((node) => ({ node, index: indices.get(node) ?? 0 })),
        batch,
        priority,
        orderNonce: null,
      });
      if (ceremony === undefined) continue;
      this.presence.given(committee);
      this.events.started(tx, ceremony.sessionId, keyId, committee, batch);
      started.push(ceremony);
    }
    return started;
  }

  private backOff(keyId: string, committee: readonly string[]): void {
    const name = backOffName(keyId, committee);
    const last = this.backOffs.get(name)?.ms ?? FIRST_BACK_OFF_MS / 2;
    const ms = Math.min(last * 2, LONGEST_BACK_OFF_MS);
    this.backOffs.set(name, { until: this.clock.now().getTime() + ms, ms });
  }

  private isBackingOff(keyId: string, committee: readonly string[]): boolean {
    const backOff = this.backOffs.get(backOffName(keyId, committee));
    if (backOff === undefined) return false;
    const left = backOff.until - this.clock.now().getTime();
    // More than it was to wait: the clock was set back.
    return left > 0 && left <= backOff.ms;
  }
}

function backOffName(keyId: string, committee: readonly string[]): string {
  return `${keyId} ${committeeName(committee)}`;
}

function loadOf(running: readonly Ceremony[]): Map<string, number> {
  const load = new Map<string, number>();
  for (const { participants } of running)
    for (const node of participants) load.set(node, (load.get(node) ?? 0) + 1);
  return load;
}
