/**
 * Pair re-key (specification section 9): two parties of a key replace the base OTs and the zero seed that they share, after
 * a failed check made their pair unusable. The key and all other pairs stay as they are.
 */
import { InvalidInput } from '../errors';
import { type KeyShare, type PairState } from '../keygen/key-share';
import { parseRound1Direct } from '../presign/payloads';
import { ed25519PublicKey, FRAME_TYPES, parseFrame, verifyFrame } from '../session/frame';
import { createSession, type Session } from '../session/session';
import { RekeyCeremony } from './ceremony';
import { rekeyContext, type RekeyConfig } from './context';

const COUNTER_BYTES = 4;

/**
 * One party's run: four rounds between the two members of a pair, whose result is the new state of the pair.
 *
 * The step that completes round 3 has `pending`: store it durably, beside the old state, before its frames are sent. They
 * are this party's confirmation, after which the peer may use the new state, whether or not this session ends well. The
 * pending state then belongs to the caller; a result is the same object. {@link announcesPair} says when the peer uses it.
 *
 * The node checks before that operators ordered the re-key and how often: neither is known here. A pair counter is used
 * for one session only, as a failed one may have left a pending state: the next takes a higher one.
 *
 * @throws InvalidInput when the start is not valid, does not fit the key or does not raise the pair counter
 */
export function createRekeySession(config: RekeyConfig): Session<PairState, PairState> {
  return createSession(config, new RekeyCeremony(rekeyContext(config)));
}

/**
 * The key share with a re-keyed pair. The old state is untouched: wipe it with `wipePairState` when it is needed no more. A
 * verdict "pair dead" is about the old state, so the caller's judge forgets it together with that state.
 *
 * @throws InvalidInput for a party without a pair, and for a state that is not newer than the present one
 */
export function withPair(keyShare: KeyShare, peer: number, pairState: PairState): KeyShare {
  const current = keyShare.pairs.get(peer);
  if (!current || pairState.pairCounter <= current.pairCounter) {
    throw new InvalidInput('a re-keyed pair replaces an older state of the same pair');
  }
  return { ...keyShare, pairs: new Map(keyShare.pairs).set(peer, pairState) };
}

/**
 * Whether a frame is a message of presign round 1 by which the peer uses the pending state: from then on this party uses it
 * too and erases the old one. The peer has the confirmation then, even if its own got lost.
 *
 * @param frame any bytes
 */
export function announcesPair(
  frame: Uint8Array,
  keyShare: KeyShare,
  peer: number,
  pending: PairState,
): boolean {
  const parsed = parseFrame(frame);
  const identityKey = keyShare.identities.get(peer);
  if (!parsed || !identityKey || parsed.type !== FRAME_TYPES.presign || parsed.round !== 1) return false;
  const { suite, keyId, epoch, from, to, payload } = parsed;
  const isOfKey = suite === keyShare.suite && keyId.equals(keyShare.keyId) && epoch === keyShare.epoch;
  return (
    isOfKey &&
    from === peer &&
    to === keyShare.index &&
    payload.length >= COUNTER_BYTES &&
    parseRound1Direct(payload).pairCounter === pending.pairCounter &&
    verifyFrame(parsed, ed25519PublicKey(identityKey))
  );
}
