import { type KeyObject } from 'node:crypto';
import { ed25519 } from './ed25519/ed25519';
import { readStrictJson } from './json/strict-json';
import { isId } from './identifiers';
import { type KeyLookup } from './key-lookup';
import { JWS_LENGTH_LIMIT } from './limits';
import { type RecordTyp } from './record/record-types';

/** Why a JWS counts for nothing. */
export interface JwsError {
  readonly error: 'bad-jws' | 'wrong-typ' | 'unknown-kid' | 'bad-signature';
  readonly reason: string;
}

interface ProtectedHeader {
  readonly kid: string;
  readonly typ: string;
}

interface ParsedJws extends ProtectedHeader {
  readonly protectedPart: string;
  readonly signature: Buffer;
}

const SIGNATURE_BYTES = 64;

/** Protected headers by their encoded form: all JWS of one kid and typ have the same one. */
const headers = new Map<string, ProtectedHeader>();
const REMEMBERED_HEADERS = 1024;
const NOT_BASE64URL = 'it must be base64url without padding';

/** Protected parts by typ and kid, as `headers`: a service signs all it says under one name. */
const protectedParts = new Map<string, string>();

/** The protected part of all JWS of one kid and typ: base64url of `{"alg":"EdDSA","kid":...,"typ":...}`. */
export function protectedPart(kid: string, typ: RecordTyp): string {
  const name = `${typ} ${kid}`;
  const known = protectedParts.get(name);
  if (known !== undefined) return known;
  const part = base64url(JSON.stringify({ alg: 'EdDSA', kid, typ: `${typ}+jws` }));
  if (protectedParts.size >= REMEMBERED_HEADERS) protectedParts.clear();
  protectedParts.set(name, part);
  return part;
}

/**
 * A JWS with detached content (RFC 7515 appendix F) over `value`: `protected..signature`, EdDSA with Ed25519.
 * @param privateKey Ed25519
 */
export function signDetached(privateKey: KeyObject, kid: string, typ: RecordTyp, value: Uint8Array): string {
  const header = protectedPart(kid, typ);
  return `${header}..${ed25519.sign(signingInput(header, value), privateKey).toString('base64url')}`;
}

/**
 * Checks a detached JWS over `value`. The protected header must have exactly `alg` EdDSA, `kid` and `typ`: an
 * extension (`crit`, `b64`, an embedded key) would change what the signature means. Synchronous, never throws.
 */
export function verifyDetached(
  jws: string,
  value: Uint8Array,
  typ: RecordTyp,
  lookup: KeyLookup,
): { readonly kid: string } | JwsError {
  const parsed = parseDetached(jws);
  if ('error' in parsed) return parsed;
  if (parsed.typ !== `${typ}+jws`) {
    return { error: 'wrong-typ', reason: `the JWS has typ ${quoted(parsed.typ)}, expected "${typ}+jws"` };
  }
  const keys = lookup(parsed.kid);
  if (keys === undefined) return { error: 'unknown-kid', reason: `no key is known for kid "${parsed.kid}"` };
  const input = signingInput(parsed.protectedPart, value);
  const isSignedWith = (key: KeyObject): boolean => ed25519.verify(input, key, parsed.signature);
  if (!('export' in keys ? isSignedWith(keys) : keys.some(isSignedWith))) {
    return { error: 'bad-signature', reason: `the signature of "${parsed.kid}" does not match the value` };
  }
  return { kid: parsed.kid };
}

/** The kid that a JWS claims, unverified; undefined when it is not a detached JWS of this project's form. */
export function claimedKid(jws: string): string | undefined {
  const parsed = parseDetached(jws);
  return 'error' in parsed ? undefined : parsed.kid;
}

function parseDetached(jws: string): ParsedJws | JwsError {
  if (jws.length > JWS_LENGTH_LIMIT) return badJws(`it has more than ${JWS_LENGTH_LIMIT} characters`);
  const [header, content, encodedSignature, ...more] = jws.split('.');
  if (header === undefined || encodedSignature === undefined || more.length > 0) {
    return badJws('it must have three parts: protected..signature');
  }
  if (content !== '') return badJws('its middle part must be empty: the content is the value of the record');
  const signature = decodeBase64url(encodedSignature);
  if (signature === undefined) return badJws(NOT_BASE64URL);
  if (signature.length !== SIGNATURE_BYTES) return badJws(`its signature must have ${SIGNATURE_BYTES} bytes`);
  const parsed = headers.get(header) ?? readHeader(header);
  return 'error' in parsed ? parsed : { ...parsed, protectedPart: header, signature };
}

function readHeader(encoded: string): ProtectedHeader | JwsError {
  const bytes = decodeBase64url(encoded);
  if (bytes === undefined) return badJws(NOT_BASE64URL);
  const json = readStrictJson(bytes);
  if (!json.ok || json.problems.length > 0)
    return badJws('its protected header must be a JSON object without duplicates');
  const { alg, kid, typ, ...others } = json.data;
  const [extension] = Object.keys(others);
  if (extension !== undefined) {
    return badJws(
      `its protected header must have exactly alg, kid and typ; ${quoted(extension)} is not allowed`,
    );
  }
  if (alg !== 'EdDSA') return badJws('its alg must be "EdDSA" (Ed25519)');
  if (!isId(kid)) return badJws('its kid must be 1 to 100 characters out of A-Z a-z 0-9 _ . : -');
  if (typeof typ !== 'string') return badJws('its typ must name the record, such as "sign-request+jws"');
  if (headers.size >= REMEMBERED_HEADERS) headers.clear();
  headers.set(encoded, { kid, typ });
  return { kid, typ };
}

function badJws(reason: string): JwsError {
  return { error: 'bad-jws', reason: `the JWS cannot be used: ${reason}` };
}

function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder skips what it does not know; only the canonical spelling survives the way back.
  return text !== '' && bytes.toString('base64url') === text ? bytes : undefined;
}

function signingInput(header: string, value: Uint8Array): Buffer {
  return Buffer.from(`${header}.${base64url(value)}`, 'latin1');
}

function base64url(content: string | Uint8Array): string {
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return bytes.toString('base64url');
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
