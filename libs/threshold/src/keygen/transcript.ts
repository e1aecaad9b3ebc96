/** The hashes of key generation (specification sections 1.5 and 3). Lists: count, then index and fields of each. */
import { hashedComplaintKeys } from '../dealing/complaint-keys';
import { hashList } from '../dealing/hash-list';
import { H } from '../hash';
import { type Commitments } from '../sharing/polynomial';
import { type Commitment } from './messages';

/** ccom_i = H("dkg/cc", sid, i, cc_i, salt'_i). */
export function chainCommitment(
  sid: Uint8Array,
  index: number,
  contribution: Uint8Array,
  salt: Uint8Array,
): Buffer {
  return H('dkg/cc', sid, index, contribution, salt);
}

/** com_i = H("dkg/com", sid, i, nu_i, Phi_i, ccom_i, salt_i). */
export function openingCommitment(
  sid: Uint8Array,
  index: number,
  nonce: Uint8Array,
  opening: {
    readonly commitments: Commitments;
    readonly chainCommitment: Uint8Array;
    readonly salt: Uint8Array;
  },
): Buffer {
  const phi = hashList(opening.commitments.entries(), (commitment) => [commitment]);
  return H('dkg/com', sid, index, nonce, ...phi, opening.chainCommitment, opening.salt);
}

/** ssid = H("dkg/ssid", sid, (i, nu_i, xk_i, com_i, EK_ij for all j but i) for all i). */
export function sessionTranscript(sid: Uint8Array, commitments: ReadonlyMap<number, Commitment>): Buffer {
  return H(
    'dkg/ssid',
    sid,
    ...hashList(commitments, (m) => [
      m.nonce,
      m.exchangeKey,
      m.commitment,
      ...hashedComplaintKeys(m.complaintKeys),
    ]),
  );
}

/** D2 = H("dkg/r2", ssid, all round 2 broadcast payloads). */
export function openingsDigest(ssid: Uint8Array, payloads: ReadonlyMap<number, Uint8Array>): Buffer {
  return H('dkg/r2', ssid, ...hashList(payloads, (payload) => [payload]));
}

/** chain = H("chain", ssid, cc_1..cc_n). */
export function chainCode(ssid: Uint8Array, contributions: ReadonlyMap<number, Uint8Array>): Buffer {
  return H('chain', ssid, ...hashList(contributions, (contribution) => [contribution]));
}
