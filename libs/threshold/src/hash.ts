/** Injective hash framing: specification section 1.1. Domain labels: section 1.3. */
import { createHash, type Hash, hash } from 'node:crypto';
import { Q } from './group/group-order';

/**
 * The complete list of domain labels: those of section 1.3, then of the range proofs (rp), the proofs about discrete
 * logarithms and shares, and FROST (fr).
 */
export type Label =
  | 'sid'
  | 'keyid'
  | 'dkg/com'
  | 'dkg/cc'
  | 'dkg/ssid'
  | 'dkg/pok'
  | 'dkg/enc'
  | 'dkg/cp'
  | 'dkg/r2'
  | 'dkg/r3'
  | 'dkg/final'
  | 'chain'
  | 'zero/seed'
  | 'zero/share'
  | 'eot/sid'
  | 'eot/h'
  | 'eot/key'
  | 'gadget'
  | 'pre/r'
  | 'pre/phi'
  | 'pre/com'
  | 'pre/r1'
  | 'pre/r2'
  | 'pre/pair'
  | 'ote/iv'
  | 'ote/chi'
  | 'ote/tcr'
  | 'rv/r1'
  | 'rv/ahat'
  | 'rv/theta'
  | 'rv/theta-i'
  | 'rv/mu'
  | 'pre/id'
  | 'on/delta'
  | 'on/req'
  | 'rs/com'
  | 'rs/ssid'
  | 'rs/r2'
  | 'rs/final'
  | 'rk/ssid'
  | 'rk/final'
  | 'health'
  | 'p2p'
  | 'frame'
  | 'h2p/x'
  | 'h2p/s'
  | 'rp/generator'
  | 'rp/statement'
  | 'rp/absorb'
  | 'rp/challenge'
  | 'dleq'
  | 'share/pok'
  | 'share/link'
  | 'share/check'
  | 'share/mask'
  | 'pedersen'
  | 'fr/r1'
  | 'fr/id'
  | 'fr/req';

/** Bytes as they are, an integer as u32 big-endian, or a string as UTF-8. */
export type HashInput = Uint8Array | number | string;

const LENGTH_BYTES = 8;
const INTEGER_BYTES = 4;
/** Parts from this length on are hashed where they lie instead of being copied. */
const BULK_BYTES = 4096;

/** `"dkls23/1/" + label`: the domain separator of every hash, key derivation and signature of the protocol. */
export function domain(label: Label): string {
  return `dkls23/1/${label}`;
}

/**
 * `H(label, x1..xk) = SHA-256(u8(len L) || L || u64be(len x1) || x1 || .. || u64be(len xk) || xk)`, 32 bytes.
 *
 * @throws RangeError when an integer does not fit u32
 */
export function H(label: Label, ...parts: readonly HashInput[]): Buffer {
  const separator = domain(label);
  let length = 1 + separator.length;
  for (const part of parts) length += LENGTH_BYTES + (isBulk(part) ? 0 : inputLength(part));

  const framed = Buffer.allocUnsafe(length);
  let offset = framed.writeUInt8(separator.length, 0);
  offset += framed.write(separator, offset, 'ascii');
  let [bulk, hashed]: [Hash | undefined, number] = [undefined, 0];
  for (const part of parts) {
    const bytes = inputLength(part);
    offset = framed.writeUInt32BE(Math.floor(bytes / 2 ** 32), offset);
    offset = framed.writeUInt32BE(bytes >>> 0, offset);
    if (isBulk(part)) {
      bulk = (bulk ?? createHash('sha256')).update(framed.subarray(hashed, offset)).update(part);
      hashed = offset;
      continue;
    }
    if (typeof part === 'number') framed.writeUInt32BE(part, offset);
    else if (typeof part === 'string') framed.write(part, offset, 'utf8');
    else framed.set(part, offset);
    offset += bytes;
  }
  const digest = bulk ? bulk.update(framed.subarray(hashed)).digest() : hash('sha256', framed, 'buffer');
  framed.fill(0); // parts may be secret and the buffer may go back to Node's pool
  return digest;
}

/** Scalar hash of public values: {@link hashToInteger} reduced modulo q. Never multiply it by G to hash to a point. */
export function HS(label: Label, ...parts: readonly HashInput[]): bigint {
  return hashToInteger(label, ...parts) % Q;
}

/** 512 bits derived from `H(label, ..)` as an integer, of public values only: {@link hashToHalves}. */
export function hashToInteger(label: Label, ...parts: readonly HashInput[]): bigint {
  const [high, low] = halves(label, parts, (seed) => hash('sha256', seed, 'hex'));
  return BigInt(`0x${high}${low}`);
}

/** SHA-256(d || 0) and SHA-256(d || 1) for d = H(label, ..). */
export function hashToHalves(label: Label, ...parts: readonly HashInput[]): [high: Buffer, low: Buffer] {
  return halves(label, parts, (seed) => hash('sha256', seed, 'buffer'));
}

function halves<T>(label: Label, parts: readonly HashInput[], digestOf: (seed: Buffer) => T): [T, T] {
  const seed = Buffer.allocUnsafe(33);
  const digest = H(label, ...parts);
  seed.set(digest);
  seed[32] = 0;
  const high = digestOf(seed);
  seed[32] = 1;
  const low = digestOf(seed);
  seed.fill(0);
  digest.fill(0);
  return [high, low];
}

function isBulk(part: HashInput): part is Uint8Array {
  return typeof part === 'object' && part.length >= BULK_BYTES;
}

function inputLength(part: HashInput): number {
  if (typeof part === 'number') return INTEGER_BYTES;
  return typeof part === 'string' ? Buffer.byteLength(part, 'utf8') : part.length;
}
