import { z } from 'zod';

/** Ids on the wire: what a client, node or key may be called (interfaces.md, limits). */
export const ID_PATTERN = /^[A-Za-z0-9_.:-]{1,100}$/;

const ID_EXPECTATION = 'must be 1 to 100 characters out of A-Z a-z 0-9 _ . : -';

const id = () =>
  z.string({ error: `${ID_EXPECTATION}, as a string` }).regex(ID_PATTERN, { error: ID_EXPECTATION });

export const requestIdSchema = id().brand<'RequestId'>();
export const intentIdSchema = id().brand<'IntentId'>();
export const keyIdSchema = id().brand<'KeyId'>();
export const nodeIdSchema = id().brand<'NodeId'>();
export const kidSchema = id().brand<'Kid'>();
export const recordIdSchema = id().brand<'RecordId'>();

/** A client's name for one sign request, unique per requester. */
export type RequestId = z.output<typeof requestIdSchema>;
/** A client's name for one transaction intent, unique per requester. */
export type IntentId = z.output<typeof intentIdSchema>;
/** A threshold key. */
export type KeyId = z.output<typeof keyIdSchema>;
/** A signer node; also the kid of its identity key. */
export type NodeId = z.output<typeof nodeIdSchema>;
/** The name of an Ed25519 key: of a requester, service or operator. */
export type Kid = z.output<typeof kidSchema>;
/** The id of a record that a service wrote (`id`, equal to ce_id). */
export type RecordId = z.output<typeof recordIdSchema>;

/** Whether `text` may stand as an id in any record. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && ID_PATTERN.test(text);
}
