import { type Logger } from '@quorate/platform';
import {
  decodeCertificate,
  decodeNonceBatch,
  decodePresignatureBatch,
  type NonceBatch,
  type PresignatureBatch,
  wipeKeyShare,
} from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type Adoptions, type CertifiedEpoch, type EpochChange } from '../key-share/adoption';
import { keyIdText } from '../key-share/key-epoch';
import { type AlsoCommit, type KeyRing } from '../key-share/key-ring';
import { type Pair } from '../key-share/pair-store';
import { type Pairs } from '../key-share/pairs';
import { decodePendingShare, decodeShare } from '../key-share/share-codec';
import { type PresignaturePool, type StockedBatch } from '../presignature-pool/presignature-pool';
import { ceremonyEnded, type CeremonyResult, failed } from './ceremony-ended';
import { type CeremonyOrder, commandHashOf, hasCommand } from './ceremony-order';
import { type HealthChecks } from './health-check';
import { type ThreadOutcome } from './thread-messages';
import { untilAvailable } from './until-available';

/** What is known of a batch besides its secrets. */
export type StockFacts = Pick<StockedBatch, 'keyId' | 'epoch' | 'committee' | 'committeeIndices' | 'bootIds'>;

/** How a session ended well, before its bytes are understood. */
export type SessionResult = Exclude<ThreadOutcome, { readonly kind: 'failure' }>;

/** A re-keyed pair that is in use from now on. */
export interface RevivedPair {
  readonly pair: Pair;
  /** The share with the new state. */
  readonly encoded: Buffer | undefined;
}

/** What is left to do when a result is stored. */
export interface Concluded {
  /** To be told; absent when the commit told it, or a health check will. */
  readonly report?: CeremonyResult;
  readonly change?: EpochChange;
  readonly revived?: RevivedPair;
}

export interface ResultParts {
  readonly identity: NodeIdentity;
  readonly keys: KeyRing;
  readonly adoptions: Adoptions;
  readonly pairs: Pairs;
  readonly pool: PresignaturePool;
  /** Takes the nonces of a Schnorr key's committee over: they are in memory only, and wiped by their owner. */
  readonly stockNonces: (batch: NonceBatch, facts: StockFacts) => void;
  readonly health: HealthChecks;
  readonly logger: Logger;
}

/** What becomes of what sessions produce: stored before anything of it leaves. */
export class CeremonyResults {
  constructor(private readonly parts: ResultParts) {}

  /**
   * Stores what this node is about to confirm. Returns the pair of a re-key.
   *
   * @throws Refused when the epoch number or pair counter is used up
   */
  async storePending(order: CeremonyOrder, index: number, encoded: Buffer): Promise<Pair | undefined> {
    const { keys, pairs, logger } = this.parts;
    const { sessionId, keyId, epoch, pairCounter } = order;
    if (order.purpose === 'rekey') {
      const pair = { keyId, epoch, peer: peerOf(order, index) };
      const rekey = { sessionId, pair, pairCounter, encoded, commandHash: commandHashOf(order.command) };
      await untilAvailable(logger, () => pairs.saveRekey(rekey), order.notAfter);
      return pair;
    }
    const pending = {
      ...{ sessionId, encoded, epoch, commandHash: commandHash(order) },
      // The id of a new key is known only now.
      keyId: order.purpose === 'dkg' ? newKeyId(encoded) : keyId,
    };
    await untilAvailable(logger, () => keys.savePending(pending), order.notAfter);
    return undefined;
  }

  async conclude(
    order: CeremonyOrder,
    index: number,
    result: SessionResult,
    report: (result: CeremonyResult) => void,
  ): Promise<Concluded> {
    switch (result.kind) {
      case 'share': {
        const encoded = bytesOf(result.share);
        const share = decodeShare(encoded);
        encoded.fill(0);
        const concluded = await this.adopt(order, { kind: 'share', share });
        wipeKeyShare(share);
        return concluded;
      }
      case 'left':
        return this.adopt(order, { kind: 'left', certificate: decodeCertificate(result.certificate) });
      case 'pair':
        result.share.fill(0);
        return this.revive(order, { keyId: order.keyId, epoch: order.epoch, peer: peerOf(order, index) });
      case 'presignatures':
        return this.presigned(order, decodePresignatureBatch(bytesOf(result.batch)), report);
      case 'nonces': {
        const nonces = decodeNonceBatch(bytesOf(result.batch));
        this.parts.stockNonces(nonces, stockFacts(order, nonces));
        return { report: { outcome: 'ok', nonces } };
      }
    }
  }

  /** The new epoch, and the report of it, in one commit. */
  private async adopt(order: CeremonyOrder, certified: CertifiedEpoch): Promise<Concluded> {
    const { adoptions, identity, logger } = this.parts;
    const also: AlsoCommit = (tx, key) => tx.publish(ceremonyEnded(identity, order, { outcome: 'ok', key }));
    const change = await untilAvailable(
      logger,
      () => adoptions.conclude(certified, commandHash(order), also),
      Number.MAX_SAFE_INTEGER,
    );
    return change === undefined ? { report: failed('CONFIG', 'superseded') } : { change };
  }

  private async revive(order: CeremonyOrder, pair: Pair): Promise<Concluded> {
    const { pairs, identity, logger } = this.parts;
    const encoded = await untilAvailable(
      logger,
      () => pairs.revive(pair, (tx) => tx.publish(ceremonyEnded(identity, order, { outcome: 'ok' }))),
      Number.MAX_SAFE_INTEGER,
    );
    return { revived: { pair, encoded } };
  }

  private async presigned(
    order: CeremonyOrder,
    batch: PresignatureBatch,
    report: (result: CeremonyResult) => void,
  ): Promise<Concluded> {
    if (order.purpose === 'health') {
      await this.parts.health.sign(order, batch, report);
      return {};
    }
    this.parts.pool.add(batch, stockFacts(order, batch));
    return { report: { outcome: 'ok', batch } };
  }
}

function commandHash(order: CeremonyOrder): Buffer | undefined {
  return hasCommand(order) ? commandHashOf(order.command) : undefined;
}

function newKeyId(encoded: Buffer): string {
  const pending = decodePendingShare(encoded);
  wipeKeyShare(pending);
  return keyIdText(pending.keyId);
}

function peerOf({ members }: CeremonyOrder, index: number): number {
  const peer = members.find((member) => member.index !== index);
  if (peer === undefined) throw new RangeError('a pair has two members');
  return peer.index;
}

function stockFacts(order: CeremonyOrder, batch: PresignatureBatch | NonceBatch): StockFacts {
  return {
    keyId: order.keyId,
    epoch: batch.epoch,
    committee: order.members.map((member) => member.nodeId),
    committeeIndices: batch.committee,
    bootIds: new Map(order.members.map((member) => [member.nodeId, member.bootId])),
  };
}

/** The bytes that the protocol thread handed over, without a copy. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
