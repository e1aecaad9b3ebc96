/**
 * The online round (specification section 8): one message per signer, from a presignature that is consumed by it.
 *
 * Before {@link onlineShare} the caller derives the request by its own policy, and writes the presignature id and the own
 * nonce point to its durable ledger (8.1, 11.1). Nothing is rolled back afterwards, whatever happens.
 */
import { InvalidInput } from '../errors';
import { H, HS, type HashInput } from '../hash';
import { type Point, tweakAdd, xCoordinate } from '../group/point';
import { isConsumed, type Presignature, wipePresignature } from '../presign/presignature';
import {
  addScalarBytes,
  bytesToInteger,
  mod,
  multiplyScalarBytes,
  parseScalar,
  Q,
  SCALAR_BYTES,
  scalarToBytes,
} from '../group/scalar';

/** What is signed and under which key: public, agreed by every signer's own policy code. */
export interface SigningRequest {
  /** Root public key. */
  readonly publicKey: Point;
  /** Non-hardened BIP32 child of the root; tweak 0 and the root key for the root path. */
  readonly child: { readonly tweak: bigint; readonly publicKey: Point };
  /** The digest that the signer computed itself, 32 B. */
  readonly message32: Buffer;
  /** The requester's fresh nonce, 32 B. */
  readonly requestNonce: Buffer;
  /** Members of the presignature's committee. */
  readonly committee: readonly number[];
}

/** One signer's message to the combiner; public once sent. */
export interface OnlineShare {
  /** 32 B. */
  readonly presignatureId: Buffer;
  /** H("on/req", ..), 32 B: equal at all signers that see the same request. */
  readonly req: Buffer;
  /** u'_i, 32 B. */
  readonly u: Buffer;
  /** w_i, 32 B. */
  readonly w: Buffer;
}

/** The presignature after re-randomisation. Public: any holder of R computes it. */
export interface Rerandomisation {
  /** In [1, q). */
  readonly delta: bigint;
  /** R' = R + delta * G */
  readonly rPrime: Point;
  /** r'_x = x(R') mod q, not 0. */
  readonly r: bigint;
}

/** `burn`: no signature can come from this presignature and request (probability about 2^-128); use another. */
export type OnlineResult =
  { readonly kind: 'share'; readonly share: OnlineShare; readonly rPrime: Point } | { readonly kind: 'burn' };

const HASH_BYTES = 32;

/** Length of an encoded {@link OnlineShare}. */
export const ONLINE_SHARE_BYTES = 2 * HASH_BYTES + 2 * SCALAR_BYTES;

/**
 * delta = HS("on/delta", presigId, R, pk, e, pk', m32, request nonce, S), with a counter appended when it is 0, and R'.
 *
 * @returns `undefined` when R' is the identity, r'_x is 0, or x(R') >= q, which Ethereum's v cannot express: burn
 * @throws InvalidInput when a field of the request has the wrong length
 */
export function rerandomise(
  presignatureId: Buffer,
  R: Point,
  request: SigningRequest,
): Rerandomisation | undefined {
  checkRequest(request);
  const { publicKey, child, message32, requestNonce } = request;
  const committee = [...request.committee].sort((a, b) => a - b);
  const parts: HashInput[] = [presignatureId, R, publicKey, scalarToBytes(child.tweak), child.publicKey];
  parts.push(message32, requestNonce, committee.length, ...committee);
  let delta = HS('on/delta', ...parts);
  for (let counter = 1; delta === 0n; counter++) delta = HS('on/delta', ...parts, counter);
  const rPrime = tweakAdd(R, delta);
  if (!rPrime) return undefined;
  const r = bytesToInteger(xCoordinate(rPrime));
  return r === 0n || r >= Q ? undefined : { delta, rPrime, r };
}

/** req = H("on/req", presigId, delta, R', pk', m32). */
export function requestBinding(
  presignatureId: Buffer,
  { delta, rPrime }: Rerandomisation,
  { child, message32 }: SigningRequest,
): Buffer {
  return H('on/req', presignatureId, scalarToBytes(delta), rPrime, child.publicKey, message32);
}

/**
 * u'_i = u_i + delta*phi_i and w_i = m*phi_i + r'_x*(v_i + e*phi_i), natively and in constant time. The presignature is
 * wiped, also on `burn`.
 *
 * @throws InvalidInput when the presignature was consumed before, m = 0 mod q, or the request is malformed
 */
export function onlineShare(presignature: Presignature, request: SigningRequest): OnlineResult {
  const { presignatureId, R, phi, u, v } = presignature;
  checkRequest(request);
  if (isConsumed(presignature)) throw new InvalidInput('the presignature was consumed');
  try {
    const randomised = rerandomise(presignatureId, R, request);
    if (!randomised) return { kind: 'burn' };
    const { delta, rPrime, r } = randomised;
    const shift = multiplyScalarBytes(phi, scalarToBytes(delta));
    const keyTerm = tweakedKeyTerm(v, phi, request.child.tweak);
    const messageTerm = multiplyScalarBytes(phi, scalarToBytes(messageScalar(request.message32)));
    const signedTerm = multiplyScalarBytes(keyTerm, scalarToBytes(r));
    const share: OnlineShare = {
      presignatureId,
      req: requestBinding(presignatureId, randomised, request),
      u: addScalarBytes(u, shift),
      w: addScalarBytes(messageTerm, signedTerm),
    };
    for (const secret of [shift, keyTerm, messageTerm, signedTerm]) secret.fill(0);
    return { kind: 'share', share, rPrime };
  } finally {
    wipePresignature(presignature);
  }
}

/** v_i + e*phi_i; whether e is 0 is public. */
function tweakedKeyTerm(v: Buffer, phi: Buffer, tweak: bigint): Buffer {
  if (tweak === 0n) return Buffer.from(v);
  const shift = multiplyScalarBytes(phi, scalarToBytes(tweak));
  const term = addScalarBytes(v, shift);
  shift.fill(0);
  return term;
}

/** m = int(m32) mod q. */
export function messageScalar(message32: Buffer): bigint {
  return mod(bytesToInteger(message32));
}

/** presigId 32 | req 32 | u' 32 | w 32. */
export function encodeOnlineShare({ presignatureId, req, u, w }: OnlineShare): Buffer {
  return Buffer.concat([presignatureId, req, u, w]);
}

/** `undefined` for another length or a scalar that is not canonical. */
export function parseOnlineShare(bytes: Uint8Array): OnlineShare | undefined {
  if (bytes.length !== ONLINE_SHARE_BYTES) return undefined;
  const copy = Buffer.from(bytes);
  const [presignatureId, req] = [copy.subarray(0, 32), copy.subarray(32, 64)];
  const [u, w] = [copy.subarray(64, 96), copy.subarray(96)];
  if (parseScalar(u) === undefined || parseScalar(w) === undefined) return undefined;
  return { presignatureId, req, u, w };
}

function checkRequest({ message32, requestNonce, child }: SigningRequest): void {
  if (message32.length !== HASH_BYTES) throw new InvalidInput('the message digest has 32 bytes');
  if (requestNonce.length !== HASH_BYTES) throw new InvalidInput('the request nonce has 32 bytes');
  if (child.tweak < 0n || child.tweak >= Q) throw new InvalidInput('the tweak is a canonical scalar');
  if (messageScalar(message32) === 0n) throw new InvalidInput('the message digest is 0 mod q');
}
