import {
  announcesPair,
  InvalidInput,
  type KeyShare,
  type SchnorrKeyShare,
  wipeKeyShare,
  wipePairState,
  withPair,
} from '@quorate/threshold';
import { type AnyKeyShare, decodeShare, isEcdsaShare } from '../key-share/share-codec';
import { type LoadShare, type PairId } from './thread-messages';

/** The share of one key in the protocol thread. Sessions refer to its secrets: they end before those are wiped. */
export interface LoadedShare {
  share: AnyKeyShare;
  /** Peers whose pair failed a check; the judge adds to it. */
  readonly deadPeers: Set<number>;
  /** Re-keyed pairs that the peer has not used yet, by peer: the share with the new state. */
  readonly awaited: Map<number, KeyShare>;
}

/** The shares that the protocol thread works with: one of each key, in its current epoch. */
export class LoadedShares {
  private readonly shares = new Map<string, LoadedShare>();

  /** Takes the share over and wipes the message's bytes. */
  load({ keyId, share, deadPeers }: LoadShare): void {
    this.drop(keyId);
    this.shares.set(keyId, {
      share: takeShare(share),
      deadPeers: new Set(deadPeers),
      awaited: new Map(),
    });
  }

  drop(keyId: string): void {
    const loaded = this.shares.get(keyId);
    if (loaded === undefined) return;
    for (const awaited of loaded.awaited.values()) wipeKeyShare(awaited);
    wipeKeyShare(loaded.share);
    this.shares.delete(keyId);
  }

  find(keyId: string): LoadedShare | undefined {
    return this.shares.get(keyId);
  }

  /** Wipes the state of a pair; other pairs, whose sessions go on, keep theirs. */
  killPair(pair: PairId): void {
    const loaded = this.ofPair(pair);
    if (loaded === undefined) return;
    loaded.deadPeers.add(pair.peer);
    const state = ecdsa(loaded.share).pairs.get(pair.peer);
    if (state !== undefined) wipePairState(state);
  }

  /** Keeps a confirmed pair until the peer uses it. */
  awaitPair(pair: PairId, share: Uint8Array): void {
    const rekeyed = ecdsa(takeShare(share));
    const loaded = this.ofPair(pair);
    if (loaded === undefined) return wipeKeyShare(rekeyed);
    const before = loaded.awaited.get(pair.peer);
    if (before !== undefined) wipeKeyShare(before);
    loaded.awaited.set(pair.peer, rekeyed);
  }

  /** Puts a re-keyed pair into use: the old state is wiped, the verdict on it forgotten. */
  revivePair(pair: PairId, share: Uint8Array): void {
    const rekeyed = ecdsa(takeShare(share));
    const loaded = this.ofPair(pair);
    const state = rekeyed.pairs.get(pair.peer);
    if (loaded === undefined || state === undefined) return wipeKeyShare(rekeyed);
    const present = ecdsa(loaded.share);
    const old = present.pairs.get(pair.peer);
    if (old !== undefined && state.pairCounter <= old.pairCounter) return wipeKeyShare(rekeyed);
    loaded.share = withPair(present, pair.peer, state);
    if (old !== undefined) wipePairState(old);
    loaded.deadPeers.delete(pair.peer);
    const awaited = loaded.awaited.get(pair.peer);
    if (awaited !== undefined) wipeKeyShare(awaited);
    loaded.awaited.delete(pair.peer);
    wipeKeyShare({ ...rekeyed, pairs: new Map([...rekeyed.pairs].filter(([peer]) => peer !== pair.peer)) });
  }

  /** Whether the frame is one by which the peer uses the awaited state of the pair. */
  announces(pair: PairId, frame: Uint8Array): boolean {
    const loaded = this.ofPair(pair);
    const pending = loaded?.awaited.get(pair.peer)?.pairs.get(pair.peer);
    if (loaded === undefined || pending === undefined) return false;
    return announcesPair(frame, ecdsa(loaded.share), pair.peer, pending);
  }

  private ofPair({ keyId, epoch }: PairId): LoadedShare | undefined {
    const loaded = this.shares.get(keyId);
    return loaded?.share.epoch === epoch ? loaded : undefined;
  }
}

/** @throws InvalidInput for the share of a Schnorr key, which has no pairs */
export function ecdsa(share: AnyKeyShare): KeyShare {
  if (!isEcdsaShare(share)) throw new InvalidInput('the key has no pairs');
  return share;
}

/** @throws InvalidInput for the share of an ECDSA key */
export function schnorr(share: AnyKeyShare): SchnorrKeyShare {
  if (isEcdsaShare(share)) throw new InvalidInput('the key is one of ECDSA');
  return share;
}

function takeShare(bytes: Uint8Array): AnyKeyShare {
  const encoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const share = decodeShare(encoded);
  encoded.fill(0);
  return share;
}
