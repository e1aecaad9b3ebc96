/**
 * Binary form of certificates, for storage and for whoever is shown one. Integers are big-endian, parties ascending:
 * version u8 | suite u8 | pk | chain 32 | epochs u16, then from key generation on, for each epoch:
 * epoch u32 | t u8 | n u8 | n * (index u16 | IK 32 | P) | |O| u8 | O * index u16 | sid 32 | ssid 32 | D2 32 |
 * a signature of 64 for each of O and N.
 */
import { ByteReader } from '../byte-reader';
import { InvalidInput } from '../errors';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { SIGNATURE_BYTES } from '../session/frame';
import { groupOf, MAX_PARTIES, parseSuiteId } from '../suite';
import { type Certificate, chainOf } from './certificate';
import { type KeyFacts } from './confirmation';

const VERSION = 1;
const DIGEST_BYTES = 32;

/** Public bytes. */
export function encodeCertificate(certificate: Certificate): Buffer {
  const { suite, publicKey, chainCode } = certificate;
  const epochs = chainOf(certificate).reverse();
  return Buffer.concat([
    Buffer.from([VERSION, suite]),
    publicKey,
    chainCode,
    u16(epochs.length),
    ...epochs.flatMap((epoch) => encodeEpoch(epoch)),
  ]);
}

/**
 * Decodes what {@link encodeCertificate} made. The form is right then; `verifyCertificate` and `verifyReshareCertificate`
 * say whether anyone confirmed it.
 *
 * @throws InvalidInput for anything else
 */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const reader = new ByteReader(bytes);
  const certificate = takeCertificate(reader);
  reader.end();
  return certificate;
}

/** @throws InvalidInput unless an encoded certificate is next */
export function takeCertificate(reader: ByteReader): Certificate {
  const version = reader.u8();
  const suite = parseSuiteId(reader.u8());
  if (version !== VERSION || suite === undefined) throw malformed();
  const group = groupOf(suite);
  const publicKey = takePoint(group, reader);
  const chainCode = take(reader, DIGEST_BYTES);
  let certificate: Certificate | undefined;
  for (let epochs = reader.u16(); epochs > 0; epochs--) {
    const previous: Certificate | undefined = certificate;
    const { dealers, ...epoch } = takeEpoch(group, reader);
    const common = { ...epoch, suite, publicKey, chainCode };
    if ((previous === undefined) !== (dealers.length === 0)) throw malformed();
    certificate = previous ? { ...common, dealers, previous } : common;
  }
  if (!certificate) throw malformed();
  return certificate;
}

function encodeEpoch(certificate: Certificate): Uint8Array[] {
  const { epoch, threshold, identities, publicShares, sid, ssid, transcript, signatures } = certificate;
  const dealers = certificate.previous ? certificate.dealers : [];
  const numbers = Buffer.alloc(6);
  numbers.writeUInt32BE(epoch, 0);
  numbers.set([threshold, identities.size], 4);
  const parties = ascending(identities).flatMap(([party, identityKey]) => {
    const point = publicShares.get(party);
    if (!point) throw new InvalidInput(`no public share of party ${party}`);
    return [u16(party), identityKey, point];
  });
  const ordered = ascending(signatures).map(([, signature]) => signature);
  const dealt = [Buffer.from([dealers.length]), ...dealers.map(u16)];
  return [numbers, ...parties, ...dealt, sid, ssid, transcript, ...ordered];
}

function takeEpoch(
  group: Group,
  reader: ByteReader,
): Omit<KeyFacts & Certificate, 'suite' | 'publicKey' | 'chainCode' | 'previous'> & {
  readonly dealers: readonly number[];
} {
  const epoch = reader.u32();
  const threshold = reader.u8();
  const parties = new Map<number, { readonly identityKey: Buffer; readonly point: Point }>();
  for (let n = reader.u8(); n > 0; n--) {
    const party = takeIndex(reader, [...parties.keys()]);
    parties.set(party, { identityKey: take(reader, DIGEST_BYTES), point: takePoint(group, reader) });
  }
  const dealers: number[] = [];
  for (let size = reader.u8(); size > 0; size--) dealers.push(takeIndex(reader, dealers));
  if (parties.size > MAX_PARTIES || dealers.length > MAX_PARTIES) throw malformed();
  const [sid, ssid, transcript] = [
    take(reader, DIGEST_BYTES),
    take(reader, DIGEST_BYTES),
    take(reader, DIGEST_BYTES),
  ];
  const signers = [...new Set([...parties.keys(), ...dealers])].sort((a, b) => a - b);
  const signatures = new Map(signers.map((party) => [party, take(reader, SIGNATURE_BYTES)]));
  const identities = new Map([...parties].map(([party, { identityKey }]) => [party, identityKey]));
  const publicShares = new Map([...parties].map(([party, { point }]) => [party, point]));
  return { epoch, threshold, identities, publicShares, dealers, sid, ssid, transcript, signatures };
}

/** Indices are ascending. */
function takeIndex(reader: ByteReader, before: readonly number[]): number {
  const index = reader.u16();
  if (index <= (before.at(-1) ?? 0)) throw malformed();
  return index;
}

/** A copy, so that the certificate outlives the encoding. */
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

function malformed(): InvalidInput {
  return new InvalidInput('not an encoded certificate of a known version');
}
