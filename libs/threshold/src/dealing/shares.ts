/** From a polynomial to the shares of others, and from the shares of all dealers to the own one (section 3, round 3). */
import {
  complain,
  type Complaint,
  decryptShare,
  type EncryptedShare,
  encryptShare,
} from '../sharing/complaint';
import { ProtocolFailure } from '../errors';
import { type Point } from '../group/point';
import { scalarToBytes } from '../group/scalar';
import { evaluate, evaluateCommitments, type Polynomial, shareMatches } from '../sharing/polynomial';
import { type DealingContext, type PublicDealings, shareContext } from './context';
import { type ComplaintSecrets } from './complaint-keys';
import { entryOf, mapParties } from './party-map';

/** A dealer sent this party a share off its polynomial: to be announced with the proof. */
export class BadShare extends ProtocolFailure {
  constructor(
    check: string,
    readonly complaint: Complaint,
  ) {
    super('IDENT', check, complaint.accused);
  }
}

/** The public side of a key. */
export interface PublicKeyMaterial {
  /** pk = F_0. */
  readonly publicKey: Point;
  /** P_m = sum_k m^k * F_k of every receiver m. */
  readonly publicShares: ReadonlyMap<number, Point>;
}

/** f_i(j) of this dealer for every receiver j but itself, encrypted. */
export function encryptShares(
  context: DealingContext,
  keys: Pick<PublicDealings, 'ssid' | 'complaintKeys'>,
  polynomial: Polynomial,
): Map<number, EncryptedShare> {
  const { group, index, receivers, random } = context;
  const others = receivers.filter((receiver) => receiver !== index);
  return mapParties(others, (receiver) => {
    const share = evaluate(group, polynomial, receiver);
    const encrypted = encryptShare(shareContext(context, keys, index, receiver), share, random);
    share.fill(0);
    return encrypted;
  });
}

/**
 * F_k = sum_j A_jk, pk and all P_m.
 *
 * @throws ProtocolFailure UNATTRIBUTED `r3.identity` when one of them is the identity
 */
export function aggregatePublicKey(
  { name, group, receivers }: DealingContext,
  { commitments }: PublicDealings,
): PublicKeyMaterial {
  const orFail = (point: Point | undefined): Point => {
    if (!point) throw new ProtocolFailure('UNATTRIBUTED', `${name}.r3.identity`);
    return point;
  };
  const dealers = [...commitments.values()];
  const [constants, ...higher] = [...(dealers[0]?.keys() ?? [])].map((k) =>
    orFail(group.addPoints(...dealers.flatMap((phi) => phi[k] ?? []))),
  );
  const publicKey = orFail(constants);
  return {
    publicKey,
    publicShares: mapParties(receivers, (m) => orFail(evaluateCommitments(group, [publicKey, ...higher], m))),
  };
}

/**
 * f_j(i) of every other dealer j for this receiver i, each checked against the commitments (Feldman).
 *
 * @returns 32 bytes each, secret; zero is possible
 * @throws BadShare `r3.share` for one that does not match
 */
export function receiveShares(
  context: DealingContext,
  dealings: PublicDealings,
  complaintSecrets: ComplaintSecrets,
): Buffer[] {
  const { name, group, index, dealers, random, secrets } = context;
  const others = dealers.filter((dealer) => dealer !== index);
  return others.map((dealer) => {
    const own = shareContext(context, dealings, dealer, index);
    const encrypted = entryOf(entryOf(dealings.shares, dealer), index);
    const complaintSecret = entryOf(complaintSecrets, dealer);
    const share = secrets.own(decryptShare(own, encrypted, complaintSecret));
    if (!shareMatches(group, share, entryOf(dealings.commitments, dealer), index)) {
      throw new BadShare(
        `${name}.r3.share`,
        complain(own, encrypted, entryOf(dealings.digests, dealer), complaintSecret, random),
      );
    }
    return share;
  });
}

/**
 * s_i = sum_j f_j(i), checked against P_i. Summed behind a random mask: dealers who choose their shares so that a partial
 * sum is zero, which the native addition refuses, change nothing.
 *
 * @returns 32 bytes big-endian, secret, owned by the context
 * @throws ProtocolFailure UNATTRIBUTED `r3.own-share` when s_i*G is not P_i
 */
export function aggregateShare(
  { name, group, random, secrets }: DealingContext,
  terms: readonly Buffer[],
  publicShare: Point,
): Buffer {
  const mask = secrets.own(group.randomScalar(random));
  const minusOne = scalarToBytes(group.order - 1n);
  const negative = secrets.own(group.multiplyScalars(mask, minusOne));
  const share = [...terms, negative].reduce((sum, term) => secrets.own(group.addScalars(sum, term)), mask);
  if (!group.multiplyBase(share).equals(publicShare)) {
    throw new ProtocolFailure('UNATTRIBUTED', `${name}.r3.own-share`);
  }
  return share;
}
