/**
 * The online round of FROST (RFC 9591, section 5.2): one message per signer, from a nonce that is consumed by it.
 *
 * Before {@link frostShare} the caller derives the request by its own policy, and inserts the nonce id and its own hiding
 * commitment, each UNIQUE, into its durable ledger (specification section 11.1). Nothing is rolled back afterwards.
 */
import { InvalidInput } from '../errors';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { H, type HashInput } from '../hash';
import { type SchnorrKeyShare } from '../keygen/key-share';
import { type Ciphersuite, ciphersuite, scalarBytes } from './ciphersuite';
import { type Commitment, isNonceConsumed, type Nonce, type NonceCommitments, wipeNonce } from './nonce';
import { type Coefficients, type SigningEquation, signingEquation } from './signing-equation';
import { type KeyTweak, type SigningKey, signingKey } from './signing-key';

/** What is signed and under which key: public, agreed by every signer's own policy code. */
export interface FrostRequest {
  /** Any number of bytes, as the scheme signs them: Ed25519 and BIP-340 hash the message themselves. */
  readonly message: Uint8Array;
  /** The dealt key. */
  readonly publicKey: Point;
  readonly tweak: KeyTweak;
  /** Exactly the members of the nonce's committee, in any order. */
  readonly committee: readonly number[];
}

/** One signer's message to the combiner; public once sent. */
export interface FrostShare {
  /** 32 B. */
  readonly nonceId: Buffer;
  /** H("fr/req", ..), 32 B: equal at all signers that see the same request. */
  readonly req: Buffer;
  /** z_i, 32 B big-endian; not checked before it is combined. */
  readonly z: Buffer;
}

/** What signers and combiner derive from a nonce and a request. Public. */
export interface SigningPackage {
  readonly suite: Ciphersuite;
  readonly key: SigningKey;
  /** By member, ascending. */
  readonly commitments: ReadonlyMap<number, Commitment>;
  readonly equation: SigningEquation;
  readonly req: Buffer;
}

const FIELD_BYTES = 32;

/** Length of an encoded {@link FrostShare}. */
export const FROST_SHARE_BYTES = 3 * FIELD_BYTES;

/**
 * @throws InvalidInput when the committee is not exactly that of the nonce, or for a tweak that the suite does not have
 * @throws ProtocolFailure UNATTRIBUTED `frost.nonce`
 */
export function signingPackage(nonce: NonceCommitments, request: FrostRequest): SigningPackage {
  const suite = ciphersuite(nonce.suite);
  const committee = [...request.committee].sort((a, b) => a - b);
  const commitments = new Map<number, Commitment>();
  for (const member of committee) {
    const commitment = nonce.commitments.get(member);
    if (commitment) commitments.set(member, commitment);
  }
  if (commitments.size !== committee.length || commitments.size !== nonce.commitments.size) {
    throw new InvalidInput('the committee is not that of the nonce');
  }
  const key = signingKey(suite, request.publicKey, request.tweak);
  const equation = signingEquation(suite, key, commitments, request.message);
  const parts: HashInput[] = [nonce.nonceId, key.point, request.message, commitments.size];
  for (const [j, { hiding, binding }] of commitments) parts.push(j, hiding, binding);
  return { suite, key, commitments, equation, req: H('fr/req', ...parts) };
}

/**
 * z_i = +-(d_i + rho_i * e_i) + c * lambda_i * s_i, natively and in constant time. The nonce is wiped, whatever happens.
 *
 * @throws InvalidInput when the nonce was consumed before, belongs to another key, epoch, party or committee, or the
 *   request is malformed
 */
export function frostShare(nonce: Nonce, keyShare: SchnorrKeyShare, request: FrostRequest): FrostShare {
  try {
    if (isNonceConsumed(nonce)) throw new InvalidInput('the nonce was consumed');
    checkKey(nonce, keyShare, request);
    const { suite, commitments, equation, req } = signingPackage(nonce, request);
    const own = commitments.get(keyShare.index);
    const coefficients = equation.coefficients.get(keyShare.index);
    if (!own || !coefficients || !isOpenedBy(suite.group, own, nonce)) {
      throw new InvalidInput('the nonce is not that of this party');
    }
    return { nonceId: nonce.nonceId, req, z: combination(suite.group, coefficients, nonce, keyShare.share) };
  } finally {
    wipeNonce(nonce);
  }
}

/** nonce id 32 | req 32 | z 32. */
export function encodeFrostShare({ nonceId, req, z }: FrostShare): Buffer {
  return Buffer.concat([nonceId, req, z]);
}

/** `undefined` for another length. */
export function parseFrostShare(bytes: Uint8Array): FrostShare | undefined {
  if (bytes.length !== FROST_SHARE_BYTES) return undefined;
  const copy = Buffer.from(bytes);
  return { nonceId: copy.subarray(0, 32), req: copy.subarray(32, 64), z: copy.subarray(64) };
}

function checkKey(nonce: NonceCommitments, key: SchnorrKeyShare, request: FrostRequest): void {
  const rules: [string, boolean][] = [
    ['suite', nonce.suite === key.suite],
    ['key', nonce.keyId.equals(key.keyId)],
    ['epoch', nonce.epoch === key.epoch],
    ['public key', request.publicKey.equals(key.publicKey)],
  ];
  for (const [what, holds] of rules) if (!holds) throw new InvalidInput(`the key share has another ${what}`);
}

/** RFC 9591, section 5.2: a signer finds its own commitments in the list. */
function isOpenedBy(group: Group, commitment: Commitment, { hiding, binding }: Nonce): boolean {
  const opens = (point: Point, secret: Buffer) =>
    group.isNonZeroScalar(secret) && group.multiplyBase(secret).equals(point);
  return opens(commitment.hiding, hiding) && opens(commitment.binding, binding);
}

function combination(group: Group, coefficients: Coefficients, nonce: Nonce, share: Buffer): Buffer {
  const terms = [
    group.multiplyScalars(nonce.hiding, scalarBytes(coefficients.hiding)),
    group.multiplyScalars(nonce.binding, scalarBytes(coefficients.binding)),
    group.multiplyScalars(share, scalarBytes(coefficients.key)),
    scalarBytes(coefficients.constant),
  ];
  return terms.reduce((sum, term) => {
    const next = group.addScalars(sum, term);
    sum.fill(0);
    term.fill(0);
    return next;
  });
}
