/** Round 1: every party commits to its polynomial and its part of the chain code. */
import { type Step } from '../dealing/ceremony';
import { commit, type Commitments, type Polynomial, randomPolynomial } from '../sharing/polynomial';
import { complaintKeysOf, type ComplaintSecrets, drawComplaintSecrets } from '../dealing/complaint-keys';
import { type DealingContext } from '../dealing/context';
import { encodeCommitment } from './messages';
import { chainCommitment, openingCommitment } from './transcript';

/** What a party chose in round 1. */
export interface Chosen {
  /** f_i, secret. */
  readonly polynomial: Polynomial;
  /** Phi_i */
  readonly commitments: Commitments;
  readonly complaintSecrets: ComplaintSecrets;
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
export function commitToPolynomial(context: DealingContext, exchangeKey: Buffer): Step<Chosen> {
  const { group, sid, index, random, secrets, threshold } = context;
  const nonce = random(32);
  const polynomial = randomPolynomial(group, threshold, random);
  polynomial.forEach((coefficient) => secrets.own(coefficient));
  const complaintSecrets = drawComplaintSecrets(context);
  const chainContribution = random(32);
  const chainSalt = random(32);
  const chosen: Chosen = {
    polynomial,
    commitments: commit(group, polynomial),
    complaintSecrets,
    chainContribution,
    chainSalt,
    chainCommitment: chainCommitment(sid, index, chainContribution, chainSalt),
    salt: random(32),
  };
  const broadcast = encodeCommitment({
    nonce,
    exchangeKey,
    commitment: openingCommitment(sid, index, nonce, chosen),
    complaintKeys: complaintKeysOf(group, complaintSecrets),
  });
  return { state: chosen, payloads: { broadcast } };
}
