/**
 * Binary form of a pending reshare, for sealed storage by the node. Integers are big-endian:
 * version u8 | epoch u32 | length u32 of the share | encoded pending share, of length 0 for a dealer that leaves |
 * encoded certificate of the old epoch.
 */
import { ByteReader } from '../byte-reader';
import { takeCertificate, encodeCertificate } from '../certificate/certificate-codec';
import { InvalidInput } from '../errors';
import { decodeAnyPendingKeyShare, encodePendingKeyShare } from '../keygen/key-share-codec';
import { type PendingReshare } from './pending-reshare';

const VERSION = 1;

/** The bytes are secret: encrypt them before they touch a disk, then wipe them. */
export function encodePendingReshare({ previous, epoch, share }: PendingReshare): Buffer {
  const encoded = share ? encodePendingKeyShare(share) : Buffer.alloc(0);
  const head = Buffer.alloc(9);
  head.writeUInt8(VERSION, 0);
  head.writeUInt32BE(epoch, 1);
  head.writeUInt32BE(encoded.length, 5);
  const bytes = Buffer.concat([head, encoded, encodeCertificate(previous)]);
  encoded.fill(0);
  return bytes;
}

/**
 * Decodes what {@link encodePendingReshare} made.
 *
 * @throws InvalidInput for anything else
 */
export function decodePendingReshare(bytes: Uint8Array): PendingReshare {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  const epoch = reader.u32();
  const encoded = reader.take(reader.u32());
  const previous = takeCertificate(reader);
  reader.end();
  const share = encoded.length > 0 ? decodeAnyPendingKeyShare(encoded) : undefined;
  const fits = share === undefined || (share.epoch === epoch && share.suite === previous.suite);
  if (version !== VERSION || epoch <= previous.epoch || !fits) {
    throw new InvalidInput('not an encoded pending reshare of a known version');
  }
  return { previous, epoch, ...(share && { share }) };
}
