import { z } from 'zod';
import { keyIdSchema, kidSchema, requestIdSchema } from '../identifiers';
import { derivationPathSchema } from './derivation-path';
import { payloadSchema } from './payload';
import { hash32Schema, timeSchema } from './primitives';

/** `quorate.sign.requested.v1` on mpc.requests, typ sign-request: the client asks for one signature. */
export const signRequestSchema = z.object(
  {
    requestId: requestIdSchema,
    requester: kidSchema,
    keyId: keyIdSchema,
    path: derivationPathSchema.optional(),
    payload: payloadSchema,
    nonce: hash32Schema,
    expiresAt: timeSchema,
  },
  { error: 'must be a JSON object: a sign request' },
);

export type SignRequest = z.output<typeof signRequestSchema>;
export type SignRequestInput = z.input<typeof signRequestSchema>;
