import { type Certificate } from '../certificate/certificate';
import { type KeygenCertificate, keygenConfirmation } from '../certificate/keygen-certificate';
import { CONFIRMATION_ROUND } from '../dealing/result';
import { scalarToBytes } from '../group/scalar';
import { BROADCAST, encodeFrame, FRAME_TYPES, type FrameSigner, SIGNATURE_BYTES } from '../session/frame';
import { groupOf } from '../suite';

/** Who signs for its own identity key, raw Ed25519. */
interface Outsider {
  readonly publicKey: Buffer;
  readonly sign: FrameSigner;
}

/**
 * A 2-of-2 certificate of somebody else's key by two that have no share of it: on the line through the public key they choose
 * public shares whose logarithms nobody knows, and confirm them to each other.
 */
export function certificateByOutsiders(
  { suite, publicKey, chainCode }: Certificate,
  outsiders: readonly [Outsider, Outsider],
  epoch = 0,
): KeygenCertificate {
  const group = groupOf(suite);
  const first = group.multiplyBase(scalarToBytes(7n));
  const second = group.addPoints(first, first, group.negatePoint(publicKey)); // pk = 2*P_1 - P_2
  if (!second) throw new Error('not the identity');
  const facts = {
    ...{ suite, epoch, threshold: 2, publicKey, chainCode },
    ...{ sid: Buffer.alloc(32, 1), ssid: Buffer.alloc(32, 2), transcript: Buffer.alloc(32, 3) },
    identities: new Map(outsiders.map((outsider, k) => [k + 1, outsider.publicKey])),
    publicShares: new Map([
      [1, first],
      [2, second],
    ]),
  };
  const header = {
    ...{ suite, type: FRAME_TYPES.dkg, round: CONFIRMATION_ROUND, keyId: Buffer.alloc(32), epoch },
    ...{ sid: facts.sid, to: BROADCAST },
  };
  const confirmation = keygenConfirmation(facts);
  const signatures = outsiders.map(({ sign }, k): [number, Buffer] => {
    const frame = encodeFrame({ ...header, from: k + 1 }, [confirmation], sign);
    return [k + 1, Buffer.from(frame.subarray(-SIGNATURE_BYTES))];
  });
  return { ...facts, signatures: new Map(signatures) };
}
