import { z } from 'zod';
import { compressedPointSchema, countSchema, hash32Schema, hexOf } from './primitives';

/** Party indices, 1 to 16, as JSON member names. */
const partyIndex = z.string().regex(/^(?:[1-9]|1[0-6])$/, { error: 'must be a party index from 1 to 16' });

/** The public share of each party, by its index. */
export const publicSharesSchema = z.record(partyIndex, compressedPointSchema);

/** The OK certificate of a key generation (threshold-ecdsa.md 3): with the key's facts, all that the signatures cover. */
export const certificateSchema = z.object({
  suite: countSchema,
  epoch: countSchema,
  sid: hash32Schema,
  ssid: hash32Schema,
  transcript: hash32Schema,
  identities: z.record(partyIndex, hash32Schema),
  signatures: z.record(partyIndex, hexOf(64)),
});

export type KeyCertificate = z.output<typeof certificateSchema>;
