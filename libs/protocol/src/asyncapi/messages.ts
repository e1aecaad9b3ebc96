import { type z } from 'zod';
import { CLIENT_RECORD_TYPES, type RecordTyp } from '../record/record-types';
import { eventSchema } from '../schemas/event';
import { eventPayloadSchemas } from '../schemas/event-payloads';
import { signCompletedSchema, signRejectedSchema } from '../schemas/final';
import { haltStateSchema, resumeStateSchema } from '../schemas/halt';
import { heartbeatSchema } from '../schemas/heartbeat';
import { ceremonyEndedSchema, signPartialSchema, signRefusedSchema } from '../schemas/partial';
import { signRequestSchema } from '../schemas/sign-request';
import { checkpointStateSchema, keyStateSchema, nodeStateSchema } from '../schemas/state';
import { txAmendSchema, txIntentSchema } from '../schemas/tx-intent';
import { OUTCOME_NAMES, outcomeType, txOutcomeSchema } from '../schemas/tx-outcome';
import { type TopicKind } from '../topics';

/** One record type of the interface: where it is, who signs it as what, and its JSON. */
export interface DocumentedMessage {
  /** Name of the component, such as SignRequested. */
  readonly name: string;
  readonly topic: TopicKind;
  readonly typ: RecordTyp;
  /** ce_type; all of these share one schema. */
  readonly types: readonly string[];
  readonly summary: string;
  readonly schema: z.ZodType;
}

const EVENT_SUMMARY = 'A decision, as the service that made it recorded it.';

/** Every JSON record, in the order of the document. */
export const documentedMessages: readonly DocumentedMessage[] = [
  message(
    'SignRequested',
    'requests',
    'sign-request',
    [CLIENT_RECORD_TYPES['sign-request']],
    signRequestSchema,
    'A client asks for one signature.',
  ),
  message(
    'SignCompleted',
    'finals',
    'final',
    ['quorate.sign.completed.v1'],
    signCompletedSchema,
    'The signature, verified by the coordinator.',
  ),
  message(
    'SignRejected',
    'finals',
    'final',
    ['quorate.sign.rejected.v1'],
    signRejectedSchema,
    'Why there is no signature. mayBeSigned is false only if no node was ever asked.',
  ),
  message(
    'TxRequested',
    'intents',
    'tx-intent',
    [CLIENT_RECORD_TYPES['tx-intent']],
    txIntentSchema,
    'A client asks for one transaction on a chain.',
  ),
  message(
    'TxAmended',
    'intents',
    'tx-amend',
    [CLIENT_RECORD_TYPES['tx-amend']],
    txAmendSchema,
    'Raises the ceilings of an intent, or asks to cancel it.',
  ),
  message(
    'TxOutcome',
    'outcomes',
    'tx-outcome',
    OUTCOME_NAMES.map(outcomeType),
    txOutcomeSchema,
    'What happened to an intent.',
  ),
  message(
    'SignPartial',
    'partials',
    'partial',
    ['quorate.sign.partial.v1'],
    signPartialSchema,
    "One node's share of one signature.",
  ),
  message(
    'SignRefused',
    'partials',
    'partial',
    ['quorate.sign.refused.v1'],
    signRefusedSchema,
    'One node will not sign, and why.',
  ),
  message(
    'CeremonyEnded',
    'partials',
    'partial',
    ['quorate.ceremony.ended.v1'],
    ceremonyEndedSchema,
    "One member's result of a key generation, presigning or health check.",
  ),
  message(
    'NodeHeartbeat',
    'heartbeats',
    'heartbeat',
    ['quorate.node.heartbeat.v1'],
    heartbeatSchema,
    'A node is alive: every 2 seconds.',
  ),
  message(
    'NodeState',
    'state',
    'state',
    ['quorate.state.node.v1'],
    nodeStateSchema,
    'A node, since its last start.',
  ),
  message(
    'KeyState',
    'state',
    'state',
    ['quorate.state.key.v1'],
    keyStateSchema,
    'A key, published by every node that holds a share of it.',
  ),
  message(
    'HaltState',
    'state',
    'state',
    ['quorate.state.halt.v1'],
    haltStateSchema,
    'Signing stops in a scope: of a coordinator or submitter for every node, of a node for itself.',
  ),
  message(
    'ResumeState',
    'state',
    'state',
    ['quorate.state.resume.v1'],
    resumeStateSchema,
    "The operators' command that ends halts, carried by a coordinator.",
  ),
  message(
    'CheckpointState',
    'state',
    'state',
    ['quorate.state.checkpoint.v1'],
    checkpointStateSchema,
    'The newest signed head of an audit log.',
  ),
  message(
    'Event',
    'events',
    'event',
    ['quorate.*.*.v1'],
    eventSchema,
    `${EVENT_SUMMARY} All events have these fields, beside those of their type.`,
  ),
  ...Object.entries(eventPayloadSchemas).map(([type, schema]) =>
    message(eventName(type), 'events', 'event', [type], eventSchema.extend(schema.shape), EVENT_SUMMARY),
  ),
];

function message(
  name: string,
  topic: TopicKind,
  typ: RecordTyp,
  types: readonly string[],
  schema: z.ZodType,
  summary: string,
): DocumentedMessage {
  return { name, topic, typ, types, schema, summary };
}

/** `quorate.sign.committee-chosen.v1` as `SignCommitteeChosenEvent`. */
function eventName(type: string): string {
  const words = type.split(/[.-]/).slice(1, -1);
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Event`;
}
