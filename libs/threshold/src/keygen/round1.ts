/** Round 1: every party commits to its polynomial and its part of the chain code. */
import { multiplyBase } from '../group/point';
import { commit, type Commitments, type Polynomial, randomPolynomial } from '../sharing/polynomial';
import { randomScalarBytes } from '../group/scalar';
import { type RoundPayloads } from '../session/session';
import { type KeygenContext } from './context';
import { encodeCommitment } from './messages';
import { chainCommitment, openingCommitment } from './transcript';

/** What a party chose in round 1. */
export interface Chosen {
  /** f_i, secret. */
  readonly polynomial: Polynomial;
  /** Phi_i */
  readonly commitments: Commitments;
  /** ek_i, secret. */
  readonly complaintSecret: Buffer;
  /** cc_i, secret until round 3. */
  readonly chainContribution: Buffer;
  /** salt'_i */
  readonly chainSalt: Buffer;
  /** ccom_i */
  readonly chainCommitment: Buffer;
  /** salt_i */
  readonly salt: Buffer;
}

/** @param exchangeKey xk_i */
export function commitToPolynomial(
  context: KeygenContext,
  exchangeKey: Buffer,
): { readonly chosen: Chosen; readonly payloads: RoundPayloads } {
  const { sid, index, random, secrets, start } = context;
  const nonce = random(32);
  const polynomial = randomPolynomial(start.threshold, random);
  polynomial.forEach((coefficient) => secrets.own(coefficient));
  const complaintSecret = secrets.own(randomScalarBytes(random));
  const chainContribution = random(32);
  const chainSalt = random(32);
  const chosen: Chosen = {
    polynomial,
    commitments: commit(polynomial),
    complaintSecret,
    chainContribution,
    chainSalt,
    chainCommitment: chainCommitment(sid, index, chainContribution, chainSalt),
    salt: random(32),
  };
  const broadcast = encodeCommitment({
    nonce,
    exchangeKey,
    commitment: openingCommitment(sid, index, nonce, chosen),
    complaintKey: multiplyBase(complaintSecret),
  });
  return { chosen, payloads: { broadcast } };
}
