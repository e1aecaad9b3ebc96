/**
 * Binary form of key shares, for sealed storage by the node. Integers are big-endian, parties ascending:
 * version u8 | kind u8 | suite u8 | t u8 | n u8 | epoch u32 | index u16 | s_i 32 | pk | chain 32, n * (index u16 | IK 32 | P),
 * for ECDSA (n-1) * (pe u32 | Nabla 16 | three seed lists of 4096 | z 32), and, once confirmed, what the certificate adds:
 * for a key of epoch 0 sid 32 | ssid 32 | D2 32 | n * signature 64, for later epochs the encoded certificate.
 */
import { NABLA_BYTES, SEED_LIST_BYTES } from '../multiplication/base-ot';
import { ByteReader } from '../byte-reader';
import { type Certificate, certifiesShare } from '../certificate/certificate';
import { encodeCertificate, takeCertificate } from '../certificate/certificate-codec';
import { InvalidInput } from '../errors';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { SCALAR_BYTES } from '../group/scalar';
import { SIGNATURE_BYTES } from '../session/frame';
import { keyIdOf } from '../session/session-id';
import { groupOf, isEcdsaSuite, MAX_PARTIES, parseSuiteId } from '../suite';
import {
  type KeyShare,
  type PairState,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
} from './key-share';

const VERSION = 1;
const PENDING = 0;
const CONFIRMED = 1;
const RESHARED = 2;
const DIGEST_BYTES = 32;

type AnyPendingShare = PendingKeyShare | PendingSchnorrKeyShare;

/** Encodes a confirmed share. The bytes are secret: encrypt them before they touch a disk, then wipe them. */
export function encodeKeyShare(share: KeyShare | SchnorrKeyShare): Buffer {
  const { certificate } = share;
  if (certificate.previous) {
    return Buffer.concat([...encodeFields(share, RESHARED), encodeCertificate(certificate)]);
  }
  const { sid, ssid, transcript, signatures } = certificate;
  const ordered = ascending(signatures).map(([, signature]) => signature);
  return Buffer.concat([...encodeFields(share, CONFIRMED), sid, ssid, transcript, ...ordered]);
}

/** Encodes a share that is not confirmed yet. The bytes are secret. */
export function encodePendingKeyShare(share: AnyPendingShare): Buffer {
  return Buffer.concat(encodeFields(share, PENDING));
}

/**
 * Decodes an ECDSA share that {@link encodeKeyShare} encoded, and checks that the share belongs to its public share. The
 * storage's own authentication must have accepted the bytes; `verifyCertificate` says whether the parties confirmed.
 *
 * @throws InvalidInput for anything else
 */
export function decodeKeyShare(bytes: Uint8Array): KeyShare {
  const { share, certificate } = decodeConfirmed(bytes);
  if (!isEcdsaShare(share)) throw malformed();
  return { ...share, certificate };
}

/**
 * {@link decodeKeyShare} for a share of FROST.
 *
 * @throws InvalidInput for anything else
 */
export function decodeSchnorrKeyShare(bytes: Uint8Array): SchnorrKeyShare {
  const { share, certificate } = decodeConfirmed(bytes);
  if (isEcdsaShare(share)) throw malformed();
  return { ...share, certificate };
}

/**
 * Decodes an ECDSA share that {@link encodePendingKeyShare} encoded.
 *
 * @throws InvalidInput for anything else
 */
export function decodePendingKeyShare(bytes: Uint8Array): PendingKeyShare {
  const share = decodeAnyPendingKeyShare(bytes);
  if (!isEcdsaShare(share)) throw malformed();
  return share;
}

/**
 * {@link decodePendingKeyShare} for a share of FROST.
 *
 * @throws InvalidInput for anything else
 */
export function decodePendingSchnorrKeyShare(bytes: Uint8Array): PendingSchnorrKeyShare {
  const share = decodeAnyPendingKeyShare(bytes);
  if (isEcdsaShare(share)) throw malformed();
  return share;
}

/** {@link encodePendingKeyShare} undone, for a share of any suite. */
export function decodeAnyPendingKeyShare(bytes: Uint8Array): AnyPendingShare {
  const reader = new ByteReader(bytes);
  const { kind, share } = decodeFields(reader);
  reader.end();
  if (kind !== PENDING) throw malformed();
  return share;
}

function decodeConfirmed(bytes: Uint8Array): {
  readonly share: AnyPendingShare;
  readonly certificate: Certificate;
} {
  const reader = new ByteReader(bytes);
  const { kind, share } = decodeFields(reader);
  if (kind === PENDING) throw malformed();
  const certificate = kind === CONFIRMED ? takeSignatures(reader, share) : takeCertificate(reader);
  reader.end();
  if (!certifiesShare(certificate, share)) throw malformed();
  return { share, certificate };
}

function isEcdsaShare(share: AnyPendingShare): share is PendingKeyShare {
  return isEcdsaSuite(share.suite);
}

function encodeFields(share: AnyPendingShare, kind: number): Uint8Array[] {
  const head = Buffer.alloc(11);
  head.set([VERSION, kind, share.suite, share.threshold, share.parties]);
  head.writeUInt32BE(share.epoch, 5);
  head.writeUInt16BE(share.index, 9);
  const parties = ascending(share.identities).flatMap(([party, identityKey]) => {
    const point = share.publicShares.get(party);
    if (!point) throw new InvalidInput(`no public share of party ${party}`);
    return [u16(party), identityKey, point];
  });
  const states = isEcdsaShare(share) ? ascending(share.pairs) : [];
  const pairs = states.flatMap(([, { pairCounter, asSender, asReceiver, zeroSeed }]) => [
    u32(pairCounter),
    asSender.nabla,
    asSender.seeds,
    asReceiver.seeds0,
    asReceiver.seeds1,
    zeroSeed,
  ]);
  return [head, share.share, share.publicKey, share.chainCode, ...parties, ...pairs];
}

function decodeFields(reader: ByteReader): { readonly kind: number; readonly share: AnyPendingShare } {
  const version = reader.u8();
  const kind = reader.u8();
  const suite = parseSuiteId(reader.u8());
  const threshold = reader.u8();
  const parties = reader.u8();
  const isKnown = version === VERSION && kind <= RESHARED && suite !== undefined;
  if (!isKnown || threshold < 2 || threshold > parties || parties > MAX_PARTIES) throw malformed();
  const group = groupOf(suite);
  const epoch = reader.u32();
  const index = reader.u16();
  const share = take(reader, SCALAR_BYTES);
  const publicKey = takePoint(group, reader);
  const chainCode = take(reader, DIGEST_BYTES);
  const identities = new Map<number, Buffer>();
  const publicShares = new Map<number, Point>();
  let previous = 0;
  for (let k = 0; k < parties; k++) {
    const party = reader.u16();
    if (party <= previous) throw malformed();
    previous = party;
    identities.set(party, take(reader, DIGEST_BYTES));
    publicShares.set(party, takePoint(group, reader));
  }
  const own = publicShares.get(index);
  if (!own || !group.isNonZeroScalar(share) || !group.multiplyBase(share).equals(own)) throw malformed();
  const numbers = { keyId: keyIdOf(publicKey), epoch, threshold, parties, index };
  const dealt = { ...numbers, share, publicKey, publicShares, chainCode, identities };
  if (!isEcdsaSuite(suite)) return { kind, share: { suite, ...dealt } };
  const peers = [...identities.keys()].filter((party) => party !== index);
  const pairs = new Map(peers.map((peer) => [peer, takePair(reader)]));
  return { kind, share: { suite, ...dealt, pairs } };
}

function takePair(reader: ByteReader): PairState {
  const pairCounter = reader.u32();
  const nabla = take(reader, NABLA_BYTES);
  const seeds = take(reader, SEED_LIST_BYTES);
  const seeds0 = take(reader, SEED_LIST_BYTES);
  const seeds1 = take(reader, SEED_LIST_BYTES);
  const zeroSeed = take(reader, DIGEST_BYTES);
  return { pairCounter, asSender: { nabla, seeds }, asReceiver: { seeds0, seeds1 }, zeroSeed };
}

/** The certificate of epoch 0: its other facts are those of the share. */
function takeSignatures(reader: ByteReader, share: AnyPendingShare): Certificate {
  const [sid, ssid, transcript] = [
    take(reader, DIGEST_BYTES),
    take(reader, DIGEST_BYTES),
    take(reader, DIGEST_BYTES),
  ];
  const signatures = new Map([...share.identities.keys()].map((m) => [m, take(reader, SIGNATURE_BYTES)]));
  const { suite, epoch, threshold, identities, publicKey, publicShares, chainCode } = share;
  const facts = { ssid, transcript, threshold, identities, publicKey, publicShares, chainCode };
  return { ...facts, suite, epoch, sid, signatures };
}

/** A copy, so that wiping the encoding leaves the share intact. */
function take(reader: ByteReader, length: number): Buffer {
  return Buffer.from(reader.take(length));
}

function takePoint(group: Group, reader: ByteReader): Point {
  const point = group.parsePoint(reader.take(group.pointBytes));
  if (!point) throw malformed();
  return point;
}

function ascending<T>(map: ReadonlyMap<number, T>): [number, T][] {
  return [...map].sort(([a], [b]) => a - b);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function malformed(): InvalidInput {
  return new InvalidInput('not an encoded key share of a known version');
}
