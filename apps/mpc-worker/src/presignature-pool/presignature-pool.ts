import { type OneShot, type OneShotBatch, oneShotsOf, wipe } from './one-shot';

/** A batch in stock: the public facts of its session and the presignatures (or nonces) nobody has asked for yet. */
export interface StockedBatch {
  readonly sessionId: Buffer;
  readonly keyId: string;
  readonly epoch: number;
  /** Node ids in committee order. */
  readonly committee: readonly string[];
  /** Boot ids of the members when the batch was made, by node id. */
  readonly bootIds: ReadonlyMap<string, Buffer>;
  readonly committeeIndices: readonly number[];
  readonly presignatures: (OneShot | undefined)[];
  readonly stockedAt: number;
}

/** About 2 kB each (docs/stock.md). What a coordinator orders beyond that is refused. */
export const MOST_PRESIGNATURES = 50_000;

/** What a signer takes out of the pool for one share. */
export interface TakenPresignature {
  readonly batch: StockedBatch;
  readonly oneShot: OneShot;
}

/**
 * The node's presignatures, and nonces of Schnorr keys, in the memory of one process only (threshold-ecdsa.md 11.1). What is
 * taken never comes back, whatever happens to the share afterwards.
 */
export class PresignaturePool {
  private readonly batches = new Map<string, StockedBatch>();
  private readonly byPresignature = new Map<string, { batch: StockedBatch; index: number }>();

  /** Owns the batch from now on. */
  add(batch: OneShotBatch, facts: Omit<StockedBatch, 'presignatures' | 'stockedAt' | 'sessionId'>): void {
    const oneShots = oneShotsOf(batch);
    const stocked: StockedBatch = {
      ...facts,
      sessionId: batch.sid,
      presignatures: [...oneShots],
      stockedAt: Date.now(),
    };
    this.batches.set(batch.sid.toString('hex'), stocked);
    oneShots.forEach((oneShot, index) =>
      this.byPresignature.set(oneShot.id.toString('hex'), { batch: stocked, index }),
    );
  }

  /** @param more presignatures that are on their way, and so many that are asked for */
  hasRoomFor(more: number): boolean {
    return this.byPresignature.size + more <= MOST_PRESIGNATURES;
  }

  /** Public facts of a presignature that is still in stock, without taking it. */
  find(presignatureId: Buffer): StockedBatch | undefined {
    return this.byPresignature.get(presignatureId.toString('hex'))?.batch;
  }

  /** Removes the presignature for ever; undefined when it is not in stock. */
  take(presignatureId: Buffer): TakenPresignature | undefined {
    const id = presignatureId.toString('hex');
    const found = this.byPresignature.get(id);
    if (found === undefined) return undefined;
    const oneShot = found.batch.presignatures[found.index];
    this.byPresignature.delete(id);
    found.batch.presignatures[found.index] = undefined;
    if (found.batch.presignatures.every((slot) => slot === undefined)) {
      this.batches.delete(found.batch.sessionId.toString('hex'));
    }
    return oneShot === undefined ? undefined : { batch: found.batch, oneShot };
  }

  /** Wipes every batch that the predicate names; returns the sessions that were dropped. */
  discard(predicate: (batch: StockedBatch) => boolean): Buffer[] {
    const dropped: Buffer[] = [];
    for (const batch of [...this.batches.values()]) {
      if (!predicate(batch)) continue;
      for (const oneShot of batch.presignatures) {
        if (oneShot === undefined) continue;
        this.byPresignature.delete(oneShot.id.toString('hex'));
        wipe(oneShot);
      }
      this.batches.delete(batch.sessionId.toString('hex'));
      dropped.push(batch.sessionId);
    }
    return dropped;
  }

  list(): StockedBatch[] {
    return [...this.batches.values()];
  }

  /** Bit p (bit p mod 8 of byte floor(p/8)) is 1 while presignature p of the batch is unspent. */
  static unspentBitmap(batch: StockedBatch): Buffer {
    const bitmap = Buffer.alloc(Math.ceil(batch.presignatures.length / 8));
    batch.presignatures.forEach((slot, p) => {
      if (slot !== undefined) bitmap[p >> 3] = (bitmap[p >> 3] ?? 0) | (1 << (p & 7));
    });
    return bitmap;
  }

  static unspentCount(batch: StockedBatch): number {
    return batch.presignatures.filter((slot) => slot !== undefined).length;
  }
}
