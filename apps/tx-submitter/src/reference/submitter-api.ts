import {
  type ApiDescription,
  jsonAnswer,
  type JsonSchema,
  pathParameter,
  queryParameters,
  schemaReference,
} from '@quorate/platform';
import { z } from 'zod';

import { listParameters, namedParameters, reconcileParameters } from '../transactions/query-parameters';
import { deliveriesOperation, deliverySchema } from '../webhook/delivery-reference';

const text: JsonSchema = { type: 'string' };
const decimal: JsonSchema = { type: 'string', pattern: '^[0-9]+$' };
const orNull = (schema: JsonSchema): JsonSchema => ({ oneOf: [schema, { type: 'null' }] });
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  ...{ type: 'object', required: Object.keys(properties), properties },
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

const schemas: Record<string, JsonSchema> = {
  Transaction: object({
    intentId: text,
    requester: text,
    status: z.toJSONSchema(listParameters.shape.status, { io: 'input' }),
    lane: orNull(object({ chainId: decimal, address: text })),
    nonce: orNull(decimal),
    hash: orNull(text),
    attempts: list(
      object({
        ...{ n: { type: 'integer' }, kind: text, hash: orNull(text), maxFeePerGas: decimal },
        ...{ maxPriorityFeePerGas: decimal, status: text },
      }),
    ),
    block: orNull(object({ number: decimal, hash: text })),
    parked: {
      ...orNull(object({ code: text, reason: text })),
      description: 'Why it waits, while it is parked.',
    },
    confirmations: { type: 'integer', description: 'Blocks that hold or follow the transaction now.' },
  }),
  Lane: object({
    ...{ chainId: decimal, address: text, status: { enum: ['active', 'paused'] }, nextNonce: decimal },
    vacantNonces: list(decimal),
    holder: { ...orNull(text), description: 'The submitter that goes on with it.' },
    epoch: { ...decimal, description: 'How often it went from one submitter to another.' },
    ...{ queued: { type: 'integer' }, signing: { type: 'integer' }, inFlight: { type: 'integer' } },
  }),
  LaneDiagnosis: object({
    ...{ chainId: decimal, address: text, status: { enum: ['active', 'paused'] }, nextNonce: decimal },
    latestNonce: { ...decimal, description: 'The first nonce that no block was seen to use.' },
    finalizedNonce: { ...decimal, description: 'The first nonce that is not final.' },
    missingNonces: {
      ...list(decimal),
      description: 'Below nextNonce, of no intent: what comes after them cannot be mined.',
    },
    ...{ holder: orNull(text), epoch: decimal, inFlight: { type: 'integer' } },
    intents: {
      type: 'object',
      additionalProperties: { type: 'integer' },
      description: 'Open ones, by status.',
    },
    parked: { type: 'object', additionalProperties: { type: 'integer' }, description: 'By code.' },
    headOfLine: {
      ...orNull({
        allOf: [
          schemaReference('Transaction'),
          object({ reservedAt: orNull({ type: 'string', format: 'date-time' }) }),
        ],
      }),
      description: 'The intent with the lowest nonce that no block was seen to use: the others wait for it.',
    },
    balance: { ...orNull(decimal), description: 'Null while no endpoint answers.' },
    budget: {
      ...orNull(object({ perHour: decimal, committed: decimal })),
      description: 'Null without LANE_BUDGET_PER_HOUR.',
    },
  }),
  Reconciliation: object({
    ...{ chainNonce: decimal, nextNonce: decimal, vacantNonces: list(decimal), missingNonces: list(decimal) },
    ...{ actions: list(text), dryRun: { type: 'boolean' } },
  }),
  Event: object({ data: { type: 'object' }, jws: text }),
  Delivery: deliverySchema,
};

const intentId = pathParameter('intentId', 'The id that the client chose.');
const lane = [
  pathParameter('chainId', 'The chain, as a decimal number.'),
  pathParameter('address', 'The account.'),
];
const laneStatus = jsonAnswer(object({ status: text }));

/** What the submitter answers over HTTP. */
export const submitterApi: ApiDescription = {
  title: 'Quorate transaction submitter',
  introduction: 'What became of transaction intents. Chain values are decimal strings, amounts in wei.',
  operations: {
    '/v1/transactions/{intentId}': {
      summary: 'One intent with its transaction',
      description: 'Where it stands now.',
      roles: ['reader'],
      parameters: [intentId, ...queryParameters(namedParameters)],
      answer: jsonAnswer(schemaReference('Transaction')),
      problems: ['300', '404'],
    },
    '/v1/transactions/{intentId}/history': {
      summary: 'History of an intent',
      description: 'Everything that was decided about it, in order: the signed events.',
      roles: ['reader'],
      parameters: [intentId, ...queryParameters(namedParameters)],
      answer: jsonAnswer(object({ intentId: text, requester: text, events: list(schemaReference('Event')) })),
      problems: ['300', '404'],
    },
    '/v1/transactions': {
      summary: 'List transactions',
      description: 'Filtered, newest first, page by page.',
      roles: ['reader'],
      parameters: queryParameters(listParameters),
      answer: jsonAnswer(
        object({ transactions: list(schemaReference('Transaction')), nextCursor: orNull(text) }),
      ),
      problems: [],
    },
    '/v1/lanes': {
      summary: 'List lanes',
      description:
        'Every account with its next nonce, and how many intents wait, are being signed, or are on their way; and whether ' +
        'all are paused at once.',
      roles: ['reader'],
      parameters: [],
      answer: jsonAnswer(
        object({
          lanes: list(schemaReference('Lane')),
          allPaused: orNull(object({ since: { type: 'string', format: 'date-time' }, by: text })),
        }),
      ),
      problems: [],
    },
    '/v1/lanes/{chainId}/{address}': {
      summary: 'One lane in detail',
      description: 'Its nonces, the intent that it waits for and why, its money and its budget.',
      roles: ['reader'],
      parameters: lane,
      answer: jsonAnswer(schemaReference('LaneDiagnosis')),
      problems: ['404'],
    },
    '/v1/webhooks/deliveries': deliveriesOperation,
  },
  commands: {
    '/v1/transactions/{intentId}/cancel': {
      summary: 'Cancel an intent',
      description:
        'At once while it has no nonce; otherwise an empty transfer is to use its nonce up, unless the chain executes the ' +
        'intent before. Its outcome says which of the two happened.',
      roles: ['operator'],
      parameters: [intentId, ...queryParameters(namedParameters)],
      answer: jsonAnswer(schemaReference('Transaction')),
      status: 202,
      problems: ['300', '404', '409'],
    },
    '/v1/transactions/{intentId}/speed-up': {
      summary: 'Pay more for an intent',
      description:
        'Asks for a transaction with higher fees at the same nonce now, within the ceilings of the intent.',
      roles: ['operator'],
      parameters: [intentId, ...queryParameters(namedParameters)],
      answer: jsonAnswer(schemaReference('Transaction')),
      status: 202,
      problems: ['300', '404', '409'],
    },
    '/v1/lanes/pause': {
      summary: 'Pause all lanes',
      description:
        'For an emergency: from the answer on no lane gives nonces away, those of new accounts neither, over restarts. What ' +
        'has a nonce goes on; `quorate halt` stops its signatures, too.',
      roles: ['operator'],
      parameters: [],
      answer: laneStatus,
      problems: [],
    },
    '/v1/lanes/resume': {
      summary: 'Resume all lanes',
      description: 'Ends the pause of all; lanes that were paused one by one stay so.',
      roles: ['operator'],
      parameters: [],
      answer: laneStatus,
      problems: [],
    },
    '/v1/lanes/{chainId}/{address}/pause': {
      summary: 'Pause a lane',
      description: 'It gives no more nonces away; what has one goes on.',
      roles: ['operator'],
      parameters: lane,
      answer: laneStatus,
      problems: ['404'],
    },
    '/v1/lanes/{chainId}/{address}/resume': {
      summary: 'Resume a lane',
      description: 'It gives nonces away again.',
      roles: ['operator'],
      parameters: lane,
      answer: laneStatus,
      problems: ['404'],
    },
    '/v1/lanes/{chainId}/{address}/reconcile': {
      summary: 'Compare a lane with the chain',
      description:
        'Finds nonces that neither the chain nor any intent has used: transactions above them can never be mined. Says what ' +
        'would be done, and does it with dryRun=false.',
      roles: ['operator'],
      parameters: [...lane, ...queryParameters(reconcileParameters)],
      answer: jsonAnswer(schemaReference('Reconciliation')),
      problems: ['404'],
    },
    '/v1/chain/trust': {
      summary: 'Take the chain as it is',
      description:
        'For a chain whose blocks were final and are others now, once it is known why: no lane gives nonces away until then. ' +
        'Says what is still in doubt.',
      roles: ['operator'],
      parameters: [],
      answer: jsonAnswer(object({ suspicion: orNull(text) })),
      problems: [],
    },
  },
  problemTypes: {
    'urn:quorate:problem:ambiguous':
      '300: several requesters have an intent with this id; choices names them.',
  },
  schemas,
  example:
    'curl -H "Authorization: Bearer $TOKEN" ' +
    "'http://127.0.0.1:8082/v1/transactions?status=confirmed&limit=10'",
};
