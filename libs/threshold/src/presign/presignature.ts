/** Presignatures: the result of presigning, and their compact form for a move between threads (specification sections 7 and 11). */
import { InvalidInput } from '../errors';
import { H } from '../hash';
import { isPoint, type Point, POINT_BYTES } from '../group/point';
import { isNonZeroScalar, SCALAR_BYTES } from '../group/scalar';
import { MAX_BATCH, MAX_PARTIES } from '../suite';

/**
 * One presignature of one party: single use, secrets in memory only, never stored. Before a share is computed from it, the
 * caller inserts `presignatureId` and `ownNoncePoint`, each UNIQUE, into a durable ledger (section 11.1).
 */
export interface Presignature {
  /** H("pre/id", psid, h2, p), 32 B; the same at all parties. */
  readonly presignatureId: Buffer;
  /** Sum of the parties' nonce points, before re-randomisation. */
  readonly R: Point;
  /** R_i^p, this party's own nonce point. */
  readonly ownNoncePoint: Point;
  /** Secret, 32 B. */
  readonly phi: Buffer;
  /** Secret, 32 B: the u_i add up to k * phi. */
  readonly u: Buffer;
  /** Secret, 32 B: the v_i add up to x * phi. */
  readonly v: Buffer;
}

/** The presignatures of one session: all or none are usable, by exactly this committee. */
export interface PresignatureBatch {
  /** psid, 32 B. */
  readonly sid: Buffer;
  /** Digest of the opened round 2, 32 B. */
  readonly h2: Buffer;
  readonly keyId: Buffer;
  readonly epoch: number;
  /** Ascending. */
  readonly committee: readonly number[];
  /** 16 B each; a member that restarted ends the life of the batch. */
  readonly bootIds: ReadonlyMap<number, Buffer>;
  readonly presignatures: readonly Presignature[];
}

const HASH_BYTES = 32;
const BOOT_ID_BYTES = 16;
const HEAD_BYTES = 3 * HASH_BYTES + 4 + 1 + 1;
const MEMBER_BYTES = 2 + BOOT_ID_BYTES;
const PRESIGNATURE_BYTES = 2 * POINT_BYTES + 3 * SCALAR_BYTES;

/** presigId = H("pre/id", psid, h2, p). */
export function presignatureIdOf(psid: Buffer, h2: Buffer, p: number): Buffer {
  return H('pre/id', psid, h2, p);
}

/** Overwrites the secrets; the presignature is refused afterwards. */
export function wipePresignature(presignature: Presignature): void {
  presignature.phi.fill(0);
  presignature.u.fill(0);
  presignature.v.fill(0);
}

/** Whether the secrets were wiped. */
export function isConsumed(presignature: Presignature): boolean {
  return !isNonZeroScalar(presignature.phi);
}

/**
 * sid 32 | h2 32 | keyId 32 | epoch u32 | members u8 | batch u8, per member index u16 | boot id 16, per presignature
 * R 33 | R_i 33 | phi 32 | u 32 | v 32. Holds secrets: hand its ArrayBuffer over (transfer) or wipe it.
 * @returns bytes with an ArrayBuffer of their own
 */
export function encodePresignatureBatch(batch: PresignatureBatch): Buffer {
  const { sid, h2, keyId, epoch, committee, bootIds, presignatures } = batch;
  const bytes = Buffer.alloc(
    HEAD_BYTES + committee.length * MEMBER_BYTES + presignatures.length * PRESIGNATURE_BYTES,
  );
  let at = 0;
  const put = (part: Buffer) => {
    bytes.set(part, at);
    at += part.length;
  };
  for (const part of [sid, h2, keyId]) put(part);
  at = bytes.writeUInt32BE(epoch, at);
  at = bytes.writeUInt8(committee.length, at);
  at = bytes.writeUInt8(presignatures.length, at);
  for (const member of committee) {
    at = bytes.writeUInt16BE(member, at);
    put(bootIds.get(member) ?? Buffer.alloc(BOOT_ID_BYTES));
  }
  for (const { R, ownNoncePoint, phi, u, v } of presignatures) {
    for (const part of [R, ownNoncePoint, phi, u, v]) put(part);
  }
  return bytes;
}

/**
 * The batch as views of `bytes`, which nobody else may write to: a stock holds thousands, and a copy of a field takes
 * several times its bytes. Wiping a presignature wipes its secrets there.
 * @throws InvalidInput when the bytes do not have the form of {@link encodePresignatureBatch}
 */
export function decodePresignatureBatch(bytes: Buffer): PresignatureBatch {
  if (bytes.length < HEAD_BYTES) throw malformed();
  const members = bytes.readUInt8(HEAD_BYTES - 2);
  const count = bytes.readUInt8(HEAD_BYTES - 1);
  if (members < 2 || members > MAX_PARTIES || count < 1 || count > MAX_BATCH) throw malformed();
  if (bytes.length !== HEAD_BYTES + members * MEMBER_BYTES + count * PRESIGNATURE_BYTES) throw malformed();

  let at = 0;
  const take = (length: number) => bytes.subarray(at, (at += length));
  const [sid, h2, keyId] = [take(HASH_BYTES), take(HASH_BYTES), take(HASH_BYTES)];
  const epoch = take(4).readUInt32BE(0);
  take(2);
  const bootIds = new Map<number, Buffer>();
  for (let k = 0; k < members; k++) bootIds.set(take(2).readUInt16BE(0), take(BOOT_ID_BYTES));
  const committee = [...bootIds.keys()];
  if (committee.length !== members || committee.some((j, k) => k > 0 && j <= (committee[k - 1] ?? 0))) {
    throw malformed();
  }
  const ids = Buffer.alloc(count * HASH_BYTES);
  const presignatures = Array.from({ length: count }, (_, p): Presignature => {
    const [R, ownNoncePoint] = [take(POINT_BYTES), take(POINT_BYTES)];
    const [phi, u, v] = [take(SCALAR_BYTES), take(SCALAR_BYTES), take(SCALAR_BYTES)];
    if (!isPoint(R) || !isPoint(ownNoncePoint) || ![phi, u, v].every(isNonZeroScalar)) throw malformed();
    const presignatureId = ids.subarray(p * HASH_BYTES, (p + 1) * HASH_BYTES);
    presignatureId.set(presignatureIdOf(sid, h2, p));
    return { presignatureId, R, ownNoncePoint, phi, u, v };
  });
  return { sid, h2, keyId, epoch, committee, bootIds, presignatures };
}

function malformed(): InvalidInput {
  return new InvalidInput('malformed presignature batch');
}
