/** Conviction of a party that signed two messages for one slot (specification sections 2 and 9). */
import { ed25519PublicKey, type Frame, parseFrame, verifyFrame } from './frame';

/**
 * Whether two frames are different signed messages of one sender for one slot: same session, round, sender and receiver.
 * After an AGREE failure the parties exchange the frames in `ProtocolFailure.evidence` and compare them with this.
 *
 * @param identityKey raw Ed25519 public key of the sender, 32 B
 */
export function provesEquivocation(first: Uint8Array, second: Uint8Array, identityKey: Uint8Array): boolean {
  const a = parseFrame(first);
  const b = parseFrame(second);
  if (!a || !b || !isSameSlot(a, b) || a.signed.equals(b.signed)) return false;
  const key = ed25519PublicKey(identityKey);
  return verifyFrame(a, key) && verifyFrame(b, key);
}

function isSameSlot(a: Frame, b: Frame): boolean {
  return (
    a.type === b.type && a.round === b.round && a.from === b.from && a.to === b.to && a.sid.equals(b.sid)
  );
}
