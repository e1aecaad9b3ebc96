/** Fields that the messages of key generation and of reshare have in common. */
import { type ByteReader } from '../byte-reader';
import { type Group } from '../group/group';
import { SCALAR_BYTES } from '../group/scalar';
import { type EncryptedShare } from '../sharing/complaint';
import { type Commitments } from '../sharing/polynomial';

/** Phi of `count` coefficients; `undefined` for an invalid point. */
export function takeCommitments(group: Group, reader: ByteReader, count: number): Commitments | undefined {
  const encodings = Array.from({ length: count }, () => group.parsePoint(reader.take(group.pointBytes)));
  const [constant, ...higher] = encodings.filter((point) => point !== undefined);
  return constant && higher.length === count - 1 ? [constant, ...higher] : undefined;
}

/** E_ij || ct_ij for each receiver j, ascending. */
export function encodeShares(shares: ReadonlyMap<number, EncryptedShare>): Buffer[] {
  return [...shares]
    .sort(([a], [b]) => a - b)
    .flatMap(([, { ephemeralKey, ciphertext }]) => [ephemeralKey, ciphertext]);
}

/**
 * `undefined` for an invalid point.
 *
 * @param receivers ascending
 */
export function takeShares(
  group: Group,
  reader: ByteReader,
  receivers: readonly number[],
): Map<number, EncryptedShare> | undefined {
  const shares = new Map<number, EncryptedShare>();
  for (const receiver of receivers) {
    const ephemeralKey = group.parsePoint(reader.take(group.pointBytes));
    const ciphertext = reader.take(SCALAR_BYTES);
    if (!ephemeralKey) return undefined;
    shares.set(receiver, { ephemeralKey, ciphertext });
  }
  return shares;
}
