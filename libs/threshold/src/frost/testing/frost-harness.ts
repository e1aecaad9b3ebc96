import { type SchnorrKeyShare } from '../../keygen/key-share';
import { type Session } from '../../session/session';
import { type PresignStart } from '../../session/session-start';
import { resultsOf, runSessions, type Tamper } from '../../testing/ceremony-network';
import { seededRandom } from '../../testing/seeded-random';
import { identityOf } from '../../testing/trusted-dealer';
import { combineFrostShares, type FrostSignature } from '../combine';
import { type Nonce } from '../nonce';
import { type NonceBatch } from '../nonce-batch';
import { createNonceSession, type NonceConfig } from '../nonce-session';
import { type FrostRequest, type FrostShare, frostShare } from '../share';

export type KeyShares = ReadonlyMap<number, SchnorrKeyShare>;
/** One nonce of every signer. */
export type Signers = ReadonlyMap<number, Nonce>;

/** The value, which the test knows to be there. */
export function the<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('not there');
  return value;
}

/** What every member of the committee starts a nonce session with. */
export function nonceStart(shares: KeyShares, committee: readonly number[], batch: number): PresignStart {
  const key = the([...shares.values()][0]);
  return {
    suite: key.suite,
    purpose: 'presign',
    keyId: key.keyId,
    epoch: key.epoch,
    threshold: key.threshold,
    parties: key.parties,
    participants: committee.map((index) => ({
      index,
      identityKey: identityOf(index).identityKey,
      bootId: Buffer.alloc(16, index),
    })),
    batch,
    notAfter: 2_000_000_000,
    rnd: Buffer.alloc(32, 7),
  };
}

/** One session per member, with reproducible randomness. */
export function nonceSessions(
  shares: KeyShares,
  committee: readonly number[],
  batch: number,
  seed: string,
  override: (index: number) => Partial<NonceConfig> = () => ({}),
): Map<number, Session<NonceBatch>> {
  const start = nonceStart(shares, committee, batch);
  return new Map(
    committee.map((index) => {
      const random = seededRandom(`${seed}/${index}`);
      const { sign } = identityOf(index);
      const config = { start, index, sign, random, keyShare: the(shares.get(index)), ...override(index) };
      return [index, createNonceSession(config)];
    }),
  );
}

/** The batches of a run without faults. */
export function prepareNonces(
  shares: KeyShares,
  committee: readonly number[],
  batch: number,
  seed: string,
  tamper?: Tamper,
): Map<number, NonceBatch> {
  return resultsOf(runSessions(nonceSessions(shares, committee, batch, seed), tamper));
}

/** Copies of nonce p of every member: what a restored backup of their memories would give. */
export function copyNonces(batches: ReadonlyMap<number, NonceBatch>, p: number): Map<number, Nonce> {
  return new Map([...batches].map(([index, { nonces }]) => [index, copyOfNonce(the(nonces[p]))]));
}

/** A copy with secrets of its own. */
export function copyOfNonce(nonce: Nonce): Nonce {
  return { ...nonce, hiding: Buffer.from(nonce.hiding), binding: Buffer.from(nonce.binding) };
}

/** A request for the untweaked key by exactly this committee. */
export function requestFor(
  shares: KeyShares,
  committee: readonly number[],
  message: Uint8Array,
  tweak: FrostRequest['tweak'] = { kind: 'none' },
): FrostRequest {
  return { message, publicKey: the([...shares.values()][0]).publicKey, tweak, committee };
}

/** The shares of all signers; their nonces are consumed. */
export function frostShares(
  shares: KeyShares,
  signers: Signers,
  request: FrostRequest,
): Map<number, FrostShare> {
  return new Map(
    [...signers].map(([index, nonce]) => [index, frostShare(nonce, the(shares.get(index)), request)]),
  );
}

/** The signature of these shares, as a combiner makes it. */
export function combined(
  shares: KeyShares,
  nonce: Nonce,
  request: FrostRequest,
  answers: ReadonlyMap<number, FrostShare>,
): FrostSignature {
  const { publicShares } = the([...shares.values()][0]);
  return combineFrostShares({ nonce, request, shares: answers, publicShares });
}

export function signWith(shares: KeyShares, signers: Signers, request: FrostRequest): FrostSignature {
  const nonce = the([...signers.values()][0]);
  return combined(shares, nonce, request, frostShares(shares, signers, request));
}
