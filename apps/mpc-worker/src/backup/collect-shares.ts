import { encodeKeyShare, wipeKeyShare, wipePairState } from '@quorate/threshold';
import { keyIdText } from '../key-share/key-epoch';
import { loadKeyLives } from '../key-share/key-life-store';
import { type KeyShareStore } from '../key-share/key-share-store';
import { isEcdsaShare } from '../key-share/share-codec';
import { type SavedShare } from './backup-file';

/**
 * The share of each key in its newest epoch, without what its pairs share; the caller wipes them. Retired keys are left out:
 * nothing may bring them back.
 */
export async function collectShares(shares: KeyShareStore): Promise<SavedShare[]> {
  const lives = await shares.store.transaction(loadKeyLives);
  const retired = new Set(lives.filter(({ retired }) => retired !== undefined).map(({ keyId }) => keyId));
  const newest = new Map<string, SavedShare>();
  // In order of epochs: a later one takes the place of those before.
  for (const share of await shares.load()) {
    if (isEcdsaShare(share)) for (const state of share.pairs.values()) wipePairState(state);
    const keyId = keyIdText(share.keyId);
    newest.get(keyId)?.encoded.fill(0);
    if (!retired.has(keyId)) newest.set(keyId, { keyId, epoch: share.epoch, encoded: encodeKeyShare(share) });
    wipeKeyShare(share);
  }
  return [...newest.values()];
}
