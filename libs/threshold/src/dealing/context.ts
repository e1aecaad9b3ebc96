/**
 * The dealing of shares: dealers commit to polynomials, open the commitments, send shares and everyone confirms. Key
 * generation (section 3 of the specification) and reshare (section 13) are the two ways of it.
 */
import { ProtocolFailure } from '../errors';
import { type Group } from '../group/group';
import { H } from '../hash';
import { type OwnedSecrets } from '../owned-secrets';
import { type RandomSource } from '../random';
import { type EncryptedShare, type ShareContext } from '../sharing/complaint';
import { type Commitments } from '../sharing/polynomial';
import { type SuiteId } from '../suite';
import { type ComplaintKeys } from './complaint-keys';
import { entryOf } from './party-map';

/** The public facts of a dealing. Lists of parties are ascending. */
export interface DealingRoles {
  /** First part of the names of checks. */
  readonly name: 'keygen' | 'reshare';
  readonly suite: SuiteId;
  readonly group: Group;
  readonly sid: Buffer;
  readonly participants: readonly number[];
  /** Who deals: all, or O of a reshare. */
  readonly dealers: readonly number[];
  /** Who receives shares: all, or N of a reshare. */
  readonly receivers: readonly number[];
  /** Coefficients of each polynomial: t, or t' of a reshare. */
  readonly threshold: number;
}

/** What stays the same over the rounds of one party. */
export interface DealingContext extends DealingRoles {
  readonly index: number;
  readonly random: RandomSource;
  readonly secrets: OwnedSecrets;
}

/** What every participant sees of the dealings: enough to judge any complaint. */
export interface PublicDealings {
  readonly ssid: Buffer;
  readonly complaintKeys: ComplaintKeys;
  /** Phi_i of each dealer. */
  readonly commitments: ReadonlyMap<number, Commitments>;
  /** (E_ij, ct_ij) by dealer i, then receiver j. */
  readonly shares: ReadonlyMap<number, ReadonlyMap<number, EncryptedShare>>;
  /** {@link dealingDigest} of what each dealer sent in round 3. */
  readonly digests: ReadonlyMap<number, Buffer>;
}

/** The share of one dealer for one receiver. */
export function shareContext(
  { group }: DealingRoles,
  { ssid, complaintKeys }: Pick<PublicDealings, 'ssid' | 'complaintKeys'>,
  dealer: number,
  receiver: number,
): ShareContext {
  return { group, ssid, dealer, receiver, receiverKey: entryOf(entryOf(complaintKeys, receiver), dealer) };
}

/** H("dkg/r3", ssid, i, payload of dealer i in round 3): which version of it a complaint is about. */
export function dealingDigest(ssid: Uint8Array, dealer: number, payload: Uint8Array): Buffer {
  return H('dkg/r3', ssid, dealer, payload);
}

/** @throws ProtocolFailure IDENT: signed broadcasts convict the party */
export function convictUnless(condition: boolean, check: string, party: number): asserts condition {
  if (!condition) throw new ProtocolFailure('IDENT', check, party);
}
