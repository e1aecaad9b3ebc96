/** Round 1: members of O commit to a polynomial whose constant is their part of the key; members of N greet. */
import { type Step } from '../dealing/ceremony';
import { complaintKeysOf, type ComplaintSecrets, drawComplaintSecrets } from '../dealing/complaint-keys';
import { scalarToBytes } from '../group/scalar';
import { commit, lagrangeCoefficient, type Polynomial, randomPolynomial } from '../sharing/polynomial';
import { type ReshareContext } from './context';
import { encodeRound1, type Opening } from './messages';
import { dealerCommitment } from './transcript';

/** What a party chose in round 1. */
export interface Chosen {
  /** Of a member of O: g_i, secret, and what opens its commitment. */
  readonly dealt: { readonly polynomial: Polynomial; readonly opening: Opening } | undefined;
  /** Of a member of N. */
  readonly complaintSecrets: ComplaintSecrets | undefined;
}

/** @param exchangeKey xk_m */
export function commitToShare(context: ReshareContext, exchangeKey: Buffer): Step<Chosen> {
  const { group, sid, index, receivers, random } = context;
  const dealt = dealPolynomial(context);
  const complaintSecrets = receivers.includes(index) ? drawComplaintSecrets(context) : undefined;
  const commitment = dealt && dealerCommitment(sid, index, dealt.opening);
  const greeting = complaintSecrets && {
    nonce: random(32),
    exchangeKey,
    complaintKeys: complaintKeysOf(group, complaintSecrets),
  };
  const broadcast = encodeRound1(commitment, greeting);
  return { state: { dealt, complaintSecrets }, payloads: { broadcast } };
}

/** g_i of degree t'-1 with g_i(0) = lambda_i(O)*s_i. */
function dealPolynomial(context: ReshareContext): Chosen['dealt'] {
  const { group, index, dealers, threshold, oldShare, random, secrets } = context;
  if (!oldShare) return undefined;
  const lambda = scalarToBytes(lagrangeCoefficient(group, dealers, index));
  const polynomial = randomPolynomial(group, threshold, random, group.multiplyScalars(oldShare, lambda));
  polynomial.forEach((coefficient) => secrets.own(coefficient));
  return { polynomial, opening: { commitments: commit(group, polynomial), salt: random(32) } };
}
