/**
 * Binary form of key shares, for sealed storage by the node. Integers are big-endian, parties ascending:
 * version u8 | kind u8 | suite u8 | t u8 | n u8 | epoch u32 | index u16 | s_i 32 | pk 33 | chain 32,
 * n * (index u16 | IK 32 | P 33), (n-1) * (pe u32 | Nabla 16 | three seed lists of 4096 | z 32), and, once confirmed,
 * sid 32 | ssid 32 | D2 32 | n * signature 64.
 */
import { NABLA_BYTES, SEED_LIST_BYTES } from '../multiplication/base-ot';
import { ByteReader } from '../byte-reader';
import { type Certificate } from './certificate';
import { InvalidInput } from '../errors';
import { SIGNATURE_BYTES } from '../session/frame';
import { type KeyShare, type PairState, type PendingKeyShare } from './key-share';
import { multiplyBase, parsePoint, POINT_BYTES, type Point } from '../group/point';
import { SCALAR_BYTES } from '../group/scalar';
import { keyIdOf } from '../session/session-id';
import { MAX_PARTIES } from '../suite';

const VERSION = 1;
const PENDING = 0;
const CONFIRMED = 1;
const DIGEST_BYTES = 32;

/** Encodes a confirmed share. The bytes are secret: encrypt them before they touch a disk, then wipe them. */
export function encodeKeyShare(share: KeyShare): Buffer {
  const { sid, ssid, transcript, signatures } = share.certificate;
  const ordered = ascending(signatures).map(([, signature]) => signature);
  return Buffer.concat([...encodeFields(share, CONFIRMED), sid, ssid, transcript, ...ordered]);
}

/** Encodes a share that is not confirmed yet. The bytes are secret. */
export function encodePendingKeyShare(share: PendingKeyShare): Buffer {
  return Buffer.concat(encodeFields(share, PENDING));
}

/**
 * Decodes what {@link encodeKeyShare} made, and checks that the share belongs to its public share. The storage's own
 * authentication must have accepted the bytes; `verifyCertificate` says whether the parties confirmed.
 *
 * @throws InvalidInput for anything else
 */
export function decodeKeyShare(bytes: Uint8Array): KeyShare {
  const reader = new ByteReader(bytes);
  const share = decodeFields(reader, CONFIRMED);
  const [sid, ssid, transcript] = [
    take(reader, DIGEST_BYTES),
    take(reader, DIGEST_BYTES),
    take(reader, DIGEST_BYTES),
  ];
  const signatures = new Map([...share.identities.keys()].map((m) => [m, take(reader, SIGNATURE_BYTES)]));
  reader.end();
  const { suite, epoch, threshold, identities, publicKey, publicShares, chainCode } = share;
  const facts = { ssid, transcript, threshold, identities, publicKey, publicShares, chainCode };
  const certificate: Certificate = { ...facts, suite, epoch, sid, signatures };
  return { ...share, certificate };
}

/**
 * Decodes what {@link encodePendingKeyShare} made.
 *
 * @throws InvalidInput for anything else
 */
export function decodePendingKeyShare(bytes: Uint8Array): PendingKeyShare {
  const reader = new ByteReader(bytes);
  const share = decodeFields(reader, PENDING);
  reader.end();
  return share;
}

function encodeFields(share: PendingKeyShare, kind: number): Uint8Array[] {
  const head = Buffer.alloc(11);
  head.set([VERSION, kind, share.suite, share.threshold, share.parties]);
  head.writeUInt32BE(share.epoch, 5);
  head.writeUInt16BE(share.index, 9);
  const parties = ascending(share.identities).flatMap(([party, identityKey]) => {
    const point = share.publicShares.get(party);
    if (!point) throw new InvalidInput(`no public share of party ${party}`);
    return [u16(party), identityKey, point];
  });
  const pairs = ascending(share.pairs).flatMap(([, { pairCounter, asSender, asReceiver, zeroSeed }]) => [
    u32(pairCounter),
    asSender.nabla,
    asSender.seeds,
    asReceiver.seeds0,
    asReceiver.seeds1,
    zeroSeed,
  ]);
  return [head, share.share, share.publicKey, share.chainCode, ...parties, ...pairs];
}

function decodeFields(reader: ByteReader, expectedKind: number): PendingKeyShare {
  const version = reader.u8();
  const kind = reader.u8();
  const suite = reader.u8();
  const threshold = reader.u8();
  const parties = reader.u8();
  const isKnown = version === VERSION && kind === expectedKind && (suite === 1 || suite === 2);
  if (!isKnown || threshold < 2 || threshold > parties || parties > MAX_PARTIES) throw malformed();
  const epoch = reader.u32();
  const index = reader.u16();
  const share = take(reader, SCALAR_BYTES);
  const publicKey = takePoint(reader);
  const chainCode = take(reader, DIGEST_BYTES);
  const identities = new Map<number, Buffer>();
  const publicShares = new Map<number, Point>();
  let previous = 0;
  for (let k = 0; k < parties; k++) {
    const party = reader.u16();
    if (party <= previous) throw malformed();
    previous = party;
    identities.set(party, take(reader, DIGEST_BYTES));
    publicShares.set(party, takePoint(reader));
  }
  const own = publicShares.get(index);
  if (!own || !multiplyBase(share).equals(own)) throw malformed();
  const peers = [...identities.keys()].filter((party) => party !== index);
  const pairs = new Map(peers.map((peer) => [peer, takePair(reader)]));
  const keyId = keyIdOf(publicKey);
  const numbers = { epoch, threshold, parties, index };
  return { suite, keyId, ...numbers, share, publicKey, publicShares, chainCode, pairs, identities };
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

/** A copy, so that wiping the encoding leaves the share intact. */
function take(reader: ByteReader, length: number): Buffer {
  return Buffer.from(reader.take(length));
}

function takePoint(reader: ByteReader): Point {
  const point = parsePoint(reader.take(POINT_BYTES));
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
