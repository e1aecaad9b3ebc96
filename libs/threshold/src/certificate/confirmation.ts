/** What the certificates of key generation and of reshare have in common. */
import {
  BROADCAST,
  ed25519PublicKey,
  encodeFrame,
  type FrameType,
  parseFrame,
  verifyFrame,
} from '../session/frame';
import { CONFIRMATION_ROUND } from '../dealing/result';
import { type HashInput } from '../hash';
import { type Point } from '../group/point';
import { interpolatePoints } from '../sharing/polynomial';
import { groupOf, MAX_PARTIES, type SuiteId } from '../suite';

/** The facts of a key in one epoch; every confirmation hashes all of them. */
export interface KeyFacts {
  /** ssid of the ceremony, 32 B. */
  readonly ssid: Buffer;
  /** D2, the digest of all round 2 broadcasts, 32 B. */
  readonly transcript: Buffer;
  /** t */
  readonly threshold: number;
  /** Raw Ed25519 public keys (32 B) by party. */
  readonly identities: ReadonlyMap<number, Buffer>;
  readonly publicKey: Point;
  /** P_m by party. */
  readonly publicShares: ReadonlyMap<number, Point>;
  readonly chainCode: Buffer;
}

/** The frames that the parties signed, but for their common payload. */
export interface SignedFrames {
  readonly suite: SuiteId;
  readonly epoch: number;
  /** sid of the ceremony. */
  readonly sid: Buffer;
  /** Signatures (64 B) of the confirmation frames by party. */
  readonly signatures: ReadonlyMap<number, Buffer>;
}

/** Whether exactly these parties signed the confirmation. */
export function areConfirmations(
  { suite, epoch, sid, signatures }: SignedFrames,
  ceremony: { readonly type: FrameType; readonly keyId: Buffer },
  identities: ReadonlyMap<number, Uint8Array>,
  payload: Buffer,
): boolean {
  if (sid.length !== 32 || signatures.size !== identities.size) return false;
  return [...identities].every(([from, identityKey]) => {
    const signature = signatures.get(from);
    if (signature?.length !== 64 || identityKey.length !== 32) return false;
    const header = { suite, ...ceremony, round: CONFIRMATION_ROUND, epoch, sid, from, to: BROADCAST };
    const frame = parseFrame(encodeFrame(header, payload, () => signature));
    return frame !== undefined && verifyFrame(frame, ed25519PublicKey(identityKey));
  });
}

/** Whether t is possible, every party has a share, and all lie on one polynomial of degree t-1 whose constant is pk. */
export function isSharing(suite: SuiteId, facts: KeyFacts): boolean {
  const { threshold, identities, publicKey, publicShares } = facts;
  const parties = identities.size;
  const isThreshold = threshold >= 2 && threshold <= parties && parties <= MAX_PARTIES;
  const shares = [...publicShares];
  if (!isThreshold || shares.length !== parties || !shares.every(([m]) => identities.has(m))) return false;
  const base = new Map(shares.slice(0, threshold));
  const isOn = (x: number, point: Point) =>
    interpolatePoints(groupOf(suite), base, x)?.equals(point) === true;
  return isOn(0, publicKey) && shares.slice(threshold).every(([party, point]) => isOn(party, point));
}

/** Section 1.5: count, then index and field of each element, ascending. */
export function fieldList(fields: ReadonlyMap<number, Uint8Array>): HashInput[] {
  const ascending = [...fields].sort(([a], [b]) => a - b);
  return [ascending.length, ...ascending.flat()];
}
