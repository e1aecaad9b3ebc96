/** The result of a nonce session, and its form between threads. */
import { ByteReader } from '../byte-reader';
import { InvalidInput } from '../errors';
import { MAX_BATCH, MAX_PARTIES, type SchnorrSuiteId } from '../suite';
import { ciphersuite } from './ciphersuite';
import { nonceIdOf } from './context';
import { type Commitment, type Nonce } from './nonce';
import { parseCommitments } from './payloads';

/** The nonces of one session: usable by exactly this committee, each once. */
export interface NonceBatch {
  readonly suite: SchnorrSuiteId;
  /** psid, 32 B. */
  readonly sid: Buffer;
  /** Digest of all broadcasts of round 1, 32 B. */
  readonly digest: Buffer;
  readonly keyId: Buffer;
  readonly epoch: number;
  /** Ascending. */
  readonly committee: readonly number[];
  /** 16 B each; a member that restarted ends the life of the batch. */
  readonly bootIds: ReadonlyMap<number, Buffer>;
  readonly nonces: readonly Nonce[];
}

const HASH_BYTES = 32;
const SCALAR_BYTES = 32;
const BOOT_ID_BYTES = 16;

/**
 * suite u8 | sid 32 | digest 32 | keyId 32 | epoch u32 | members u8 | batch u8, per member index u16 | boot id 16, per nonce
 * d 32 | e 32, and D | E of each member. Holds secrets: hand its ArrayBuffer over (transfer) or wipe it.
 * @returns bytes with an ArrayBuffer of their own
 */
export function encodeNonceBatch(batch: NonceBatch): Buffer {
  const { suite, sid, digest, keyId, epoch, committee, bootIds, nonces } = batch;
  const head = Buffer.alloc(6);
  head.writeUInt32BE(epoch, 0);
  head.writeUInt8(committee.length, 4);
  head.writeUInt8(nonces.length, 5);
  const parts: Buffer[] = [Buffer.of(suite), sid, digest, keyId, head];
  for (const member of committee) {
    parts.push(Buffer.of(member >>> 8, member & 0xff), bootIds.get(member) ?? Buffer.alloc(BOOT_ID_BYTES));
  }
  for (const { hiding, binding, commitments } of nonces) {
    parts.push(hiding, binding);
    for (const member of committee) {
      const commitment = commitments.get(member);
      if (commitment) parts.push(commitment.hiding, commitment.binding);
    }
  }
  const bytes = Buffer.alloc(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The batch, its secrets being views of `bytes`: wiping a nonce wipes it there.
 * @throws InvalidInput when the bytes do not have the form of {@link encodeNonceBatch}
 */
export function decodeNonceBatch(bytes: Buffer): NonceBatch {
  const reader = new ByteReader(bytes);
  const suite = reader.u8();
  if (suite !== 3 && suite !== 4) throw malformed();
  const { group } = ciphersuite(suite);
  const [sid, digest, keyId] = [reader.take(HASH_BYTES), reader.take(HASH_BYTES), reader.take(HASH_BYTES)];
  const [epoch, members, count] = [reader.u32(), reader.u8(), reader.u8()];
  if (members < 2 || members > MAX_PARTIES || count < 1 || count > MAX_BATCH) throw malformed();
  const bootIds = new Map<number, Buffer>();
  let previous = 0;
  for (let k = 0; k < members; k++) {
    const member = reader.u16();
    if (member <= previous) throw malformed();
    bootIds.set(member, reader.take(BOOT_ID_BYTES));
    previous = member;
  }
  const committee = [...bootIds.keys()];
  const nonces = Array.from({ length: count }, (_, p): Nonce => {
    const [hiding, binding] = [reader.take(SCALAR_BYTES), reader.take(SCALAR_BYTES)];
    const points = parseCommitments(group, reader.take(members * 2 * group.pointBytes));
    if (!points || ![hiding, binding].every((secret) => group.isNonZeroScalar(secret))) throw malformed();
    const commitments = new Map<number, Commitment>();
    for (const [k, commitment] of points.entries()) commitments.set(committee[k] ?? 0, commitment);
    return { nonceId: nonceIdOf(sid, digest, p), suite, keyId, epoch, commitments, hiding, binding };
  });
  reader.end();
  return { suite, sid, digest, keyId, epoch, committee, bootIds, nonces };
}

function malformed(): InvalidInput {
  return new InvalidInput('malformed nonce batch');
}
