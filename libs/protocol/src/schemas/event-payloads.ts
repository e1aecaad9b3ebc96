import { z } from 'zod';
import { intentIdSchema, keyIdSchema, kidSchema, nodeIdSchema, requestIdSchema } from '../identifiers';
import { addressSchema } from './address';
import { ceremonyFailedSchema } from './ceremony-failed';
import { rejectionCodeSchema, schemeSchema, signatureSchema } from './final';
import { haltFactsSchema, resumeFactsSchema } from './halt';
import { groupElementSchema } from './key-facts';
import {
  chainIdSchema,
  countSchema,
  hash32Schema,
  hexBytes,
  textSchema,
  timeSchema,
  uint64Schema,
  weiSchema,
} from './primitives';

const request = { requester: kidSchema, requestId: requestIdSchema, requestHash: hash32Schema };
const intent = { requester: kidSchema, intentId: intentIdSchema };
const attempt = { attempt: countSchema, presignatureId: hexBytes(64) };
const key = { keyId: keyIdSchema };
/** The nonce of the operators' command: a key has no id before it is generated. */
const keyOrder = { nonce: hash32Schema };
/** Both epochs of a key that moves on from one to the next. */
const newEpoch = { ...key, oldEpoch: countSchema, epoch: countSchema };
const reason = { reason: textSchema };
/** The client's exact bytes (base64) and detached JWS. */
const clientBytes = { value: z.base64(), jws: z.string() };
const session = { sessionId: hexBytes(64) };
const block = z.object({ number: uint64Schema, hash: hash32Schema });

/** Shares of keys that went into a backup, or came back out of one. */
const sharesSchema = z.array(z.object({ keyId: keyIdSchema, epoch: countSchema }));

/** The payloads of the events that are written so far: at least these fields, beside those of every event. */
export const eventPayloadSchemas = {
  'quorate.key.requested.v1': z.looseObject({
    ...keyOrder,
    scheme: schemeSchema,
    threshold: countSchema,
    participants: z.array(nodeIdSchema),
  }),
  'quorate.key.generated.v1': z.looseObject({
    ...key,
    scheme: schemeSchema,
    epoch: countSchema,
    threshold: countSchema,
    participants: z.array(nodeIdSchema),
    publicKey: groupElementSchema,
    chainCode: hash32Schema,
  }),
  'quorate.key.refreshed.v1': z.looseObject({ ...newEpoch }),
  'quorate.key.reshared.v1': z.looseObject({
    ...newEpoch,
    threshold: countSchema,
    participants: z.array(nodeIdSchema),
  }),
  'quorate.key.retired.v1': z.looseObject({ ...key }),
  'quorate.key.failed.v1': z.looseObject({ ...keyOrder, ...reason }),
  'quorate.sign.requested.v1': z.looseObject({ ...request, ...key, ...clientBytes }),
  'quorate.sign.committee-chosen.v1': z.looseObject({
    ...request,
    ...key,
    ...attempt,
    committee: z.array(nodeIdSchema),
  }),
  'quorate.sign.partial-issued.v1': z.looseObject({
    ...request,
    ...key,
    ...attempt,
    digest: hash32Schema.optional(),
  }),
  'quorate.sign.partial-received.v1': z.looseObject({
    ...request,
    ...key,
    ...attempt,
    nodes: z.array(nodeIdSchema).min(1),
  }),
  'quorate.sign.retried.v1': z.looseObject({
    ...request,
    ...key,
    attempt: countSchema,
    ...reason,
    /** The member whose share is provably wrong; of a Schnorr key. */
    accused: nodeIdSchema.nullish(),
  }),
  'quorate.sign.completed.v1': z.looseObject({
    ...request,
    ...key,
    scheme: schemeSchema,
    digest: hash32Schema.nullish(),
    signature: signatureSchema,
    publicKey: groupElementSchema,
    committee: z.array(nodeIdSchema),
    presignatureId: hexBytes(64),
    completedAt: timeSchema,
  }),
  'quorate.sign.rejected.v1': z.looseObject({
    ...request,
    keyId: keyIdSchema.nullish(),
    code: rejectionCodeSchema,
    ...reason,
    mayBeSigned: z.boolean(),
    rejectedAt: timeSchema,
  }),
  'quorate.presign.started.v1': z.looseObject({
    ...session,
    ...key,
    committee: z.array(nodeIdSchema),
    batch: countSchema,
  }),
  'quorate.presign.stocked.v1': z.looseObject({ ...session, ...key, committee: z.array(nodeIdSchema) }),
  'quorate.presign.discarded.v1': z.looseObject({ ...session, ...reason }),
  'quorate.presign.exhausted.v1': z.looseObject({ ...key, waiting: countSchema }),
  'quorate.presign.replenished.v1': z.looseObject({ ...key, stock: countSchema }),
  'quorate.ceremony.failed.v1': ceremonyFailedSchema,
  'quorate.policy.refused.v1': z.looseObject({
    ...request,
    keyId: keyIdSchema.nullish(),
    node: nodeIdSchema,
    code: z.string(),
    rule: z.string().nullish(),
    ...reason,
  }),
  'quorate.node.joined.v1': z.looseObject({ node: nodeIdSchema }),
  'quorate.node.suspected.v1': z.looseObject({ node: nodeIdSchema, ...reason }),
  'quorate.node.recovered.v1': z.looseObject({ node: nodeIdSchema, ...reason }),
  'quorate.node.backed-up.v1': z.looseObject({ node: nodeIdSchema, keys: sharesSchema }),
  'quorate.node.restored.v1': z.looseObject({ node: nodeIdSchema, keys: sharesSchema, backupOf: timeSchema }),
  /** A node takes an epoch of a key into use: with a share, or as one that has none in it (`left`). */
  'quorate.key.epoch-adopted.v1': z.looseObject({
    ...key,
    node: nodeIdSchema,
    epoch: countSchema,
    oldEpoch: countSchema.optional(),
    status: z.enum(['share', 'left']),
  }),
  /** A node was shown a valid certificate of an epoch that it knows with other content: an incident. */
  'quorate.key.contradicted.v1': z.looseObject({
    ...key,
    ...session,
    node: nodeIdSchema,
    epoch: countSchema,
  }),
  /** A check of section 9 failed between two nodes: the pair is unusable, both are under review. */
  'quorate.node.banned.v1': z.looseObject({
    ...key,
    ...session,
    node: nodeIdSchema,
    peer: nodeIdSchema,
    epoch: countSchema,
  }),
  'quorate.node.unbanned.v1': z.looseObject({ ...key, node: nodeIdSchema, peer: nodeIdSchema }),
  'quorate.system.halted.v1': z.looseObject(haltFactsSchema.shape),
  'quorate.system.resumed.v1': z.looseObject(resumeFactsSchema.shape),
  'quorate.record.dead-lettered.v1': z.looseObject({
    topic: z.string(),
    partition: countSchema,
    offset: uint64Schema,
    code: z.string(),
    ...reason,
    /** How many records a summary event stands for (beyond 10 a minute per reason). */
    count: countSchema.optional(),
  }),
  'quorate.tx.requested.v1': z.looseObject({
    ...intent,
    ...key,
    chainId: chainIdSchema,
    intentHash: hash32Schema,
    ...clientBytes,
  }),
  'quorate.tx.authorized.v1': z.looseObject({ ...intent, from: addressSchema }),
  'quorate.tx.rejected.v1': z.looseObject({ ...intent, code: z.string(), ...reason }),
  'quorate.tx.nonce-reserved.v1': z.looseObject({
    ...intent,
    chainId: chainIdSchema,
    from: addressSchema,
    nonce: uint64Schema,
  }),
  'quorate.tx.filler-created.v1': z.looseObject({
    ...{ ...intent, ...key, chainId: chainIdSchema, from: addressSchema, nonce: uint64Schema },
  }),
  'quorate.tx.priced.v1': z.looseObject({
    ...intent,
    maxFeePerGas: weiSchema,
    maxPriorityFeePerGas: weiSchema,
  }),
  'quorate.tx.amended.v1': z.looseObject({ ...intent, amendmentHash: hash32Schema, ...clientBytes }),
  'quorate.tx.replaced.v1': z.looseObject({ ...intent, attempt: z.int(), ...reason }),
  'quorate.tx.signature-requested.v1': z.looseObject({
    ...intent,
    requestId: requestIdSchema,
    digest: hash32Schema,
  }),
  'quorate.tx.signature-failed.v1': z.looseObject({
    ...intent,
    requestId: requestIdSchema,
    code: z.string(),
    ...reason,
    mayBeSigned: z.boolean(),
  }),
  'quorate.tx.attempt-dropped.v1': z.looseObject({
    ...intent,
    attempt: z.int(),
    code: z.string(),
    ...reason,
  }),
  'quorate.tx.signed.v1': z.looseObject({ ...intent, hash: hash32Schema }),
  'quorate.tx.broadcast.v1': z.looseObject({ ...intent, hash: hash32Schema }),
  'quorate.tx.included.v1': z.looseObject({ ...intent, hash: hash32Schema, block }),
  'quorate.tx.reorged.v1': z.looseObject({ ...intent, hash: hash32Schema, block }),
  'quorate.tx.confirmed.v1': z.looseObject({ ...intent, hash: hash32Schema, block }),
  'quorate.tx.reverted.v1': z.looseObject({
    ...intent,
    hash: hash32Schema,
    block,
    reason: textSchema.optional(),
  }),
  'quorate.tx.cancel-requested.v1': z.looseObject({ ...intent, ending: z.looseObject({ kind: z.string() }) }),
  'quorate.tx.cancelled.v1': z.looseObject({ ...intent, by: z.string() }),
  'quorate.tx.finalized.v1': z.looseObject({ ...intent, hash: hash32Schema, block }),
  'quorate.tx.superseded.v1': z.looseObject({ ...intent, nonce: uint64Schema, ...reason }),
  'quorate.tx.parked.v1': z.looseObject({ ...intent, code: z.string(), ...reason }),
  'quorate.tx.lane-lease-taken.v1': z.looseObject({
    chainId: chainIdSchema,
    from: addressSchema,
    holder: z.string(),
    epoch: uint64Schema,
    before: z.string().optional(),
  }),
  'quorate.tx.lane-paused.v1': z.looseObject({ chainId: chainIdSchema, from: addressSchema, by: z.string() }),
  'quorate.tx.lane-resumed.v1': z.looseObject({
    chainId: chainIdSchema,
    from: addressSchema,
    by: z.string(),
  }),
  /** Final transactions of one of our accounts that were not made here; `haltId` when its key is halted for that. */
  'quorate.tx.foreign-nonce.v1': z.looseObject({
    ...key,
    chainId: chainIdSchema,
    from: addressSchema,
    nonces: z.array(uint64Schema).min(1),
    ...reason,
    haltId: hash32Schema.optional(),
  }),
  'quorate.tx.lanes-paused.v1': z.looseObject({ chainId: chainIdSchema, by: z.string() }),
  'quorate.tx.lanes-resumed.v1': z.looseObject({ chainId: chainIdSchema, by: z.string() }),
  'quorate.tx.endpoint-state-changed.v1': z.looseObject({
    chainId: chainIdSchema,
    endpoint: z.string(),
    from: z.string(),
    to: z.string(),
    ...reason,
  }),
  'quorate.tx.broadcast-result.v1': z.looseObject({
    chainId: chainIdSchema,
    endpoint: z.string(),
    hash: hash32Schema,
    class: z.string(),
    code: z.string().optional(),
    fingerprint: z.string().optional(),
    milliseconds: z.number(),
  }),
  'quorate.tx.evicted.v1': z.looseObject({
    chainId: chainIdSchema,
    endpoint: z.string(),
    hashes: z.array(hash32Schema),
    count: countSchema,
  }),
  'quorate.tx.nonce-foreign-suspected.v1': z.looseObject({
    ...intent,
    chainId: chainIdSchema,
    from: addressSchema,
    nonce: uint64Schema,
  }),
  'quorate.tx.chain-suspect.v1': z.looseObject({ chainId: chainIdSchema, cause: z.string(), ...reason }),
  'quorate.tx.chain-trusted.v1': z.looseObject({
    chainId: chainIdSchema,
    cause: z.string(),
    by: z.string(),
  }),
  'quorate.tx.webhook-given-up.v1': z.looseObject({
    ...intent,
    endpoint: z.string(),
    webhookId: z.string(),
    about: z.string(),
    attempts: countSchema,
    result: z.string(),
  }),
  'quorate.tx.webhooks-orphaned.v1': z.looseObject({ endpoint: z.string(), count: countSchema }),
  'quorate.tx.webhook-endpoint-gone.v1': z.looseObject({ endpoint: z.string(), webhookId: z.string() }),
  'quorate.tx.failed.v1': z.looseObject({ ...intent, code: z.string(), ...reason }),
} as const;

type PayloadSchemas = typeof eventPayloadSchemas;
export type DocumentedEventType = keyof PayloadSchemas;
export type EventPayload<T extends DocumentedEventType> = z.input<PayloadSchemas[T]>;
