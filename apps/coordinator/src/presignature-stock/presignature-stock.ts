import { fromHex, toHex } from '@quorate/protocol';
import { nonceIdOf, presignatureIdOf } from '@quorate/threshold';
import { committeeName, type PresignBatch } from '../ports/presign-batches.port';
import { type Reservation } from '../sign-request/events';

interface LeasedBatch {
  readonly batch: PresignBatch;
  nextIndex: number;
}

/** Which committee a request would rather have. */
export interface CommitteeWish {
  /** Nodes that must not be asked. */
  readonly excluded: readonly string[];
  /** Nodes that left this request without an answer: others before them. */
  readonly missing: readonly string[];
  /** 0: gladly; more: only if there is no better one. */
  readonly reluctance: (committee: readonly string[]) => number;
}

const anyCommittee: CommitteeWish = { excluded: [], missing: [], reluctance: () => 0 };

interface Shelf {
  readonly oldest: LeasedBatch;
  remaining: number;
  readonly reluctance: number;
}

/** Which committees may be chosen right now. */
export interface CommitteeHealth {
  /** Whether the node is connected, ready and in this life. */
  isLive(node: string, bootId: string): boolean;
  /** Whether two members of the committee refuse to work together. */
  hasDeadPair(keyId: string, committee: readonly string[]): boolean;
  /** Whether others should be asked rather than this node. */
  isAvoided(keyId: string, node: string): boolean;
  /** Whether the key could be signed for without the avoided nodes and these. */
  canAvoid(keyId: string, excluded: readonly string[]): boolean;
  /** How much better another committee would be; 0 for a good one. */
  doubts(committee: readonly string[]): number;
  /** Answers that the node owes. */
  load(node: string): number;
  /** Whether presignatures of this epoch are for the key as it is now. */
  isCurrent(keyId: string, epoch: number): boolean;
}

/** A node that owes so many answers more than another one is asked less gladly. */
const MUCH_LOAD = 32;

/**
 * The presignatures that this coordinator may give out: the batches it has leased. Each presignature leaves once; one
 * whose transaction failed afterwards is lost, not given out again. The database's UNIQUE(presignature_id) is the
 * authority; this is what makes choosing one free.
 */
export class PresignatureStock {
  private readonly byKey = new Map<string, Map<string, LeasedBatch>>();

  constructor(private readonly health: CommitteeHealth) {}

  add(batches: readonly PresignBatch[]): void {
    for (const batch of batches) {
      const ofKey = this.byKey.get(batch.keyId) ?? new Map<string, LeasedBatch>();
      ofKey.set(batch.sessionId, { batch, nextIndex: batch.nextIndex });
      this.byKey.set(batch.keyId, ofKey);
    }
  }

  drop(sessionIds: Iterable<string>): void {
    for (const sessionId of sessionIds) for (const ofKey of this.byKey.values()) ofKey.delete(sessionId);
  }

  /** Presignatures before `nextIndex` are not there any more. */
  skip(sessionId: string, nextIndex: number): void {
    for (const leased of this.leased()) {
      if (leased.batch.sessionId === sessionId) leased.nextIndex = Math.max(leased.nextIndex, nextIndex);
    }
  }

  /**
   * Takes one presignature of the most willing live committee; among equals the one with the most stock gives it. None of
   * a committee with an avoided node while others can presign: waiting for them is shorter.
   */
  take(keyId: string, wish: CommitteeWish = anyCommittee): Reservation | undefined {
    const shelves = new Map<string, Shelf>();
    for (const leased of this.usable(keyId, wish)) {
      const { committee } = leased.batch;
      const name = committeeName(committee);
      const shelf = shelves.get(name);
      if (shelf !== undefined) shelf.remaining += remainingOf(leased);
      else {
        const load = Math.floor(Math.max(...committee.map((node) => this.health.load(node))) / MUCH_LOAD);
        const reluctance = wish.reluctance(committee) + this.health.doubts(committee) + load;
        shelves.set(name, { oldest: leased, remaining: remainingOf(leased), reluctance });
      }
    }
    const [best] = [...shelves.values()].sort(
      (a, b) => a.reluctance - b.reluctance || b.remaining - a.remaining,
    );
    return best === undefined ? undefined : reserve(best.oldest);
  }

  /** Presignatures that `take` could give out now. */
  available(keyId: string): number {
    return this.usable(keyId, anyCommittee).reduce((sum, leased) => sum + remainingOf(leased), 0);
  }

  /** How far each leased batch is used, for the renewal of the leases. */
  progress(): Map<string, number> {
    return new Map(this.leased().map((leased) => [leased.batch.sessionId, leased.nextIndex]));
  }

  /** Forgets what is used up or leased by another coordinator by now. */
  keepOnly(held: ReadonlySet<string>, asked: Iterable<string>): void {
    this.drop([...asked].filter((sessionId) => !held.has(sessionId)));
  }

  private leased(): LeasedBatch[] {
    return [...this.byKey.values()].flatMap((ofKey) => [...ofKey.values()]);
  }

  private usable(keyId: string, { excluded, missing }: CommitteeWish): LeasedBatch[] {
    const usable = [...(this.byKey.get(keyId)?.values() ?? [])].filter((leased) =>
      this.isUsable(leased, excluded),
    );
    const sound = usable.filter(
      ({ batch }) =>
        !batch.committee.some((node) => missing.includes(node) || this.health.isAvoided(keyId, node)),
    );
    const isChoice = sound.length < usable.length;
    return isChoice && this.health.canAvoid(keyId, [...excluded, ...missing]) ? sound : usable;
  }

  private isUsable({ batch, nextIndex }: LeasedBatch, excluded: readonly string[]): boolean {
    return (
      nextIndex < batch.noncePoints.length &&
      this.health.isCurrent(batch.keyId, batch.epoch) &&
      !batch.committee.some((node) => excluded.includes(node)) &&
      batch.committee.every((node) => this.health.isLive(node, batch.bootIds[node] ?? '')) &&
      !this.health.hasDeadPair(batch.keyId, batch.committee)
    );
  }
}

function remainingOf({ batch, nextIndex }: LeasedBatch): number {
  return batch.noncePoints.length - nextIndex;
}

function reserve(leased: LeasedBatch): Reservation | undefined {
  const { batch } = leased;
  const index = leased.nextIndex;
  const noncePoint = batch.noncePoints[index];
  if (noncePoint === undefined) return undefined;
  leased.nextIndex = index + 1;
  const idOf = batch.material === 'nonces' ? nonceIdOf : presignatureIdOf;
  const id = idOf(fromHex(batch.sessionId), fromHex(batch.h2), index);
  const { sessionId, committee, epoch } = batch;
  return { presignatureId: toHex(id), sessionId, index, committee, epoch, noncePoint };
}
