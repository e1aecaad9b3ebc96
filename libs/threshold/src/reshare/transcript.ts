/** The hashes of a reshare (specification section 13). */
import { hashedComplaintKeys } from '../dealing/complaint-keys';
import { hashList } from '../dealing/hash-list';
import { H } from '../hash';
import { type Greeting, type Opening } from './messages';

/** com_i = H("rs/com", sid, i, Phi_i, salt_i). */
export function dealerCommitment(sid: Uint8Array, index: number, { commitments, salt }: Opening): Buffer {
  const phi = hashList(commitments.entries(), (commitment) => [commitment]);
  return H('rs/com', sid, index, ...phi, salt);
}

/** ssid = H("rs/ssid", sid, (i, com_i) for O, (m, nu_m, xk_m, EK_mi for O but m) for N). */
export function reshareTranscript(
  sid: Uint8Array,
  commitments: ReadonlyMap<number, Uint8Array>,
  greetings: ReadonlyMap<number, Greeting>,
): Buffer {
  return H(
    'rs/ssid',
    sid,
    ...hashList(commitments, (commitment) => [commitment]),
    ...hashList(greetings, (g) => [g.nonce, g.exchangeKey, ...hashedComplaintKeys(g.complaintKeys)]),
  );
}

/** D2 = H("rs/r2", ssid, all round 2 broadcast payloads). */
export function round2Digest(ssid: Uint8Array, payloads: ReadonlyMap<number, Uint8Array>): Buffer {
  return H('rs/r2', ssid, ...hashList(payloads, (payload) => [payload]));
}
