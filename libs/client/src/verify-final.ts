import { addressOf, payloadDigest } from '@quorate/evm';
import { Invalid } from '@quorate/platform';
import {
  type EcdsaSignature,
  type Final,
  finalSchema,
  type KeyLookup,
  readStrictJson,
  requestHash,
  schemaIssues,
  schnorrMessage,
  type SignCompleted,
  type SignRequest,
  signRequestSchema,
  unfitForScheme,
  verifyDetached,
} from '@quorate/protocol';
import { recoverPublicKey } from '@quorate/threshold';
import { deriveChildKey, type RootKey } from './child-key';
import { isKeyOf, type SchnorrScheme, verifiesSchnorr } from './verify-schnorr';

/** A final as it came: the exact bytes that the coordinator signed. Keep both as evidence. */
export interface FinalEvidence {
  readonly value: Uint8Array;
  readonly jws: string;
}

export interface FinalExpectation {
  /** The exact bytes of the sign request. */
  readonly request: Uint8Array;
  /** The identities of coordinators. */
  readonly coordinators: KeyLookup;
  /** The root key; with it, the signing key is derived here instead of believed. */
  readonly key?: RootKey | undefined;
}

/**
 * Checks a final against the request that it answers: the coordinator's signature over the exact bytes; requester,
 * requestId, requestHash, keyId and path; the digest, computed from the payload; the signing key, derived when `key` is
 * given; the signature itself (low s, recovery bit; or RFC 8032, BIP-340) under that key. Trusts nobody but the coordinators for a rejection,
 * and with `key` not even them for a signature.
 * @throws Invalid `final` naming the first check that fails.
 */
export function verifyFinal(evidence: FinalEvidence, expectation: FinalExpectation): Final {
  const verdict = verifyDetached(evidence.jws, evidence.value, 'final', expectation.coordinators);
  if ('error' in verdict) throw failed(verdict.reason);
  const final = parseFinal(evidence.value);
  checkFinal(final, expectation.request, expectation.key);
  return final;
}

/** The checks of `verifyFinal` on a final whose coordinator's signature was verified before. */
export function checkFinal(final: Final, requestBytes: Uint8Array, key?: RootKey): void {
  const request = parseRequest(requestBytes);
  if (final.requester !== request.requester) throw failed('it answers another requester');
  if (final.requestId !== request.requestId) throw failed('it answers another requestId');
  if (final.requestHash !== requestHash(requestBytes))
    throw failed('it answers other bytes under this requestId');
  if (final.type === 'quorate.sign.completed.v1') verifyCompleted(final, request, key);
}

function verifyCompleted(final: SignCompleted, request: SignRequest, key: RootKey | undefined): void {
  if (final.keyId !== request.keyId) throw failed('it is of another key');
  if (rootless(final.path) !== rootless(request.path)) throw failed('it is of another path');
  const { scheme, signature } = final;
  if (scheme !== 'ecdsa-secp256k1' && 'bytes' in signature) {
    verifySchnorr(final, scheme, signature.bytes, request, key);
  } else if (scheme === 'ecdsa-secp256k1' && !('bytes' in signature)) {
    verifyEcdsa(final, signature, request, key);
  } else {
    throw failed(`its signature has not the form of its scheme, ${scheme}`);
  }
}

function verifyEcdsa(
  final: SignCompleted,
  signature: EcdsaSignature,
  request: SignRequest,
  key: RootKey | undefined,
): void {
  const digest = payloadDigest(request.payload);
  if (final.digest !== digest) throw failed(`its digest is not the one of the payload, ${digest}`);
  if (key !== undefined && deriveChildKey(key, request.path) !== final.publicKey) {
    throw failed('its publicKey is not the child key of this key at this path');
  }
  if (signerOf(digest, signature) !== final.publicKey) {
    throw failed('its signature does not verify under its publicKey');
  }
  if (addressOf(final.publicKey) !== final.address)
    throw failed('its address is not the one of its publicKey');
}

function verifySchnorr(
  final: SignCompleted,
  scheme: SchnorrScheme,
  signature: string,
  request: SignRequest,
  key: RootKey | undefined,
): void {
  const message = unfitForScheme(scheme, request) === undefined ? schnorrMessage(request.payload) : undefined;
  if (message === undefined) throw failed(`a key of its scheme ${scheme} signs no such request`);
  const digest = request.payload.kind === 'digest' ? request.payload.digest : undefined;
  if ((final.digest ?? undefined) !== digest) throw failed('its digest is not the one of the payload');
  if (key !== undefined && !isKeyOf(scheme, key.publicKey, final.publicKey)) {
    throw failed('its publicKey is not that of this key');
  }
  if (!verifiesSchnorr(scheme, signature, message, final.publicKey)) {
    throw failed('its signature does not verify under its publicKey');
  }
  if ((final.address ?? null) !== null) throw failed('it has an address, which its key has not');
}

/** The compressed key (0x-hex) that made the signature; undefined for a high s, and for what recovers to nothing. */
function signerOf(digest: string, { r, s, yParity }: EcdsaSignature): string | undefined {
  const signature = Buffer.from(r.slice(2) + s.slice(2), 'hex');
  const signer = recoverPublicKey(signature, yParity, Buffer.from(digest.slice(2), 'hex'));
  return signer && `0x${signer.toString('hex')}`;
}

function parseFinal(value: Uint8Array): Final {
  const json = readStrictJson(value);
  if (!json.ok) throw failed(json.reason);
  const [problem] = json.problems;
  if (problem !== undefined) throw failed(problem);
  const parsed = finalSchema.safeParse(json.data);
  if (!parsed.success) throw failed(schemaIssues(parsed.error).join('; '));
  return parsed.data;
}

function parseRequest(value: Uint8Array): SignRequest {
  const json = readStrictJson(value);
  const parsed = signRequestSchema.safeParse(json.ok ? json.data : undefined);
  if (!parsed.success)
    throw new Invalid('request', `the request is not valid: ${schemaIssues(parsed.error).join('; ')}`);
  return parsed.data;
}

function rootless(path: string | null | undefined): string {
  return path === 'm' ? '' : (path ?? '');
}

function failed(reason: string): Invalid {
  return new Invalid('final', `the final cannot be trusted: ${reason}`);
}
