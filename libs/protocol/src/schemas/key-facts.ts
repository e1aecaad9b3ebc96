import { z } from 'zod';
import { compressedPointSchema, countSchema, hash32Schema, hexOf } from './primitives';

/** Party indices, 1 to 65534, as JSON member names: a party that left a key keeps its index, so they grow. */
const partyIndex = z.string().regex(/^[1-9][0-9]{0,4}$/, { error: 'must be a party index from 1 to 65534' });

/** A root key or public share: a compressed secp256k1 point, or for Ed25519 keys the 32 bytes of RFC 8032. */
export const groupElementSchema = z.union([compressedPointSchema, hexOf(32)]);

/** The public share of each party, by its index. */
export const publicSharesSchema = z.record(partyIndex, groupElementSchema);

/** A nonce of FROST as all members of its committee know it: the commitments of each, by its index. */
export const nonceCommitmentsSchema = z.object({
  nonceId: hash32Schema,
  commitments: z.record(partyIndex, z.object({ hiding: groupElementSchema, binding: groupElementSchema })),
});

/**
 * The OK certificate of a key generation or reshare (threshold-ecdsa.md 3 and 13): with the key's facts, all that the
 * signatures cover.
 */
export const certificateSchema = z.object({
  suite: countSchema,
  epoch: countSchema,
  sid: hash32Schema,
  ssid: hash32Schema,
  transcript: hash32Schema,
  identities: z.record(partyIndex, hash32Schema),
  signatures: z.record(partyIndex, hexOf(64)),
  /** The indices of O, ascending; of a reshare. */
  dealers: z.array(countSchema).max(16).optional(),
  /** The certificate of the epoch whose shares were dealt anew, in the binary form of libs/threshold; of a reshare. */
  previous: z.base64().optional(),
});

export type KeyCertificate = z.output<typeof certificateSchema>;
