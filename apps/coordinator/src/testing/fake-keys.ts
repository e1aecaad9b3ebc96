import { keyFactsOf } from '@quorate/key-record';
import { type KeyFacts, keyFactsSchema } from '@quorate/protocol';
import { type Certificate, keyIdOf, type KeyShare, type SchnorrKeyShare } from '@quorate/threshold';

/** One epoch of a key at a fake node. */
export interface FakeEpoch {
  readonly certificate: Certificate;
  /** Node ids in ascending order of index. */
  readonly participants: readonly string[];
  /** Absent at a node that dealt its share away. */
  readonly share?: KeyShare;
  /** The share of a Schnorr key. */
  readonly schnorr?: SchnorrKeyShare;
}

export function indexIn({ certificate, participants }: FakeEpoch, node: string): number {
  const indices = [...certificate.identities.keys()].sort((a, b) => a - b);
  return indices[participants.indexOf(node)] ?? 0;
}

/** The epochs of all keys of one fake node. */
export class FakeKeys {
  private readonly epochs = new Map<string, FakeEpoch[]>();
  readonly retired = new Set<string>();

  add(epoch: FakeEpoch): string {
    const keyId = `k_${keyIdOf(epoch.certificate.publicKey).toString('hex')}`;
    this.epochs.set(keyId, [...(this.epochs.get(keyId) ?? []), epoch]);
    return keyId;
  }

  /** Puts a pair's new state in the place of the old one. */
  replace(keyId: string, share: KeyShare): void {
    const epochs = this.epochs.get(keyId) ?? [];
    this.epochs.set(
      keyId,
      epochs.map((epoch) => (epoch.certificate.epoch === share.epoch ? { ...epoch, share } : epoch)),
    );
  }

  latest(keyId: string): FakeEpoch | undefined {
    return this.epochs.get(keyId)?.at(-1);
  }

  of(keyId: string, epoch: number): FakeEpoch | undefined {
    return this.epochs.get(keyId)?.find(({ certificate }) => certificate.epoch === epoch);
  }
}

/** The facts of an epoch as records carry them. */
export function factsOf({ certificate, participants }: FakeEpoch): KeyFacts {
  return keyFactsSchema.parse(keyFactsOf(certificate, [...participants]));
}
