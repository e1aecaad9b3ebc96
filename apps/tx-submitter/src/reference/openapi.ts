import { z } from 'zod';

import { listParameters, namedParameters } from '../transactions/query-parameters';

type Json = Record<string, unknown>;

const text: Json = { type: 'string' };
const decimal: Json = { type: 'string', pattern: '^[0-9]+$' };
const orNull = (schema: Json): Json => ({ oneOf: [schema, { type: 'null' }] });
const object = (properties: Record<string, Json>): Json => ({
  ...{ type: 'object', required: Object.keys(properties), properties },
});
const list = (items: Json): Json => ({ type: 'array', items });
const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** The problem types that this API answers with (RFC 9457). */
export const PROBLEM_TYPES: Readonly<Record<string, string>> = {
  'urn:quorate:problem:ambiguous': '300: several requesters have an intent with this id; choices names them.',
  'urn:quorate:problem:invalid-parameter':
    '400: a parameter is unknown or has a wrong value; detail says which.',
  'urn:quorate:problem:not-found': '404: no intent has this id, or there is nothing at this path.',
  'urn:quorate:problem:unavailable': '503: the database is away; try again.',
};

const schemas: Record<string, Json> = {
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
    confirmations: { type: 'integer', description: 'Blocks that hold or follow the transaction now.' },
  }),
  Lane: object({
    ...{ chainId: decimal, address: text, nextNonce: decimal },
    signing: orNull(object({ requester: text, intentId: text })),
    ...{ queued: { type: 'integer' }, inFlight: { type: 'integer' } },
  }),
  Event: object({ data: { type: 'object' }, jws: text }),
  Problem: object({ type: text, title: text, status: { type: 'integer' }, detail: text }),
};

export interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly {
    name: string;
    in: 'query' | 'path';
    description: string;
    required: boolean;
  }[];
  readonly answer: Json;
  readonly problems: readonly string[];
}

const intentId = {
  name: 'intentId',
  in: 'path' as const,
  description: 'The id that the client chose.',
  required: true,
};

/** What the API answers to GET, by path. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/v1/transactions/{intentId}': {
    summary: 'One intent with its transaction',
    description: 'Where it stands now.',
    parameters: [intentId, ...queryParameters(namedParameters)],
    answer: reference('Transaction'),
    problems: ['300', '400', '404', '503'],
  },
  '/v1/transactions/{intentId}/history': {
    summary: 'History of an intent',
    description: 'Everything that was decided about it, in order: the signed events.',
    parameters: [intentId, ...queryParameters(namedParameters)],
    answer: object({ intentId: text, requester: text, events: list(reference('Event')) }),
    problems: ['300', '400', '404', '503'],
  },
  '/v1/transactions': {
    summary: 'List transactions',
    description: 'Filtered, newest first, page by page.',
    parameters: queryParameters(listParameters),
    answer: object({ transactions: list(reference('Transaction')), nextCursor: orNull(text) }),
    problems: ['400', '503'],
  },
  '/v1/lanes': {
    summary: 'List lanes',
    description:
      'Every account with its next nonce, who is being signed, and how many wait or are on their way.',
    parameters: [],
    answer: object({ lanes: list(reference('Lane')) }),
    problems: ['503'],
  },
};

/** The OpenAPI 3.1 document of the submitter's API; its parameters come from the schemas that check them. */
export function openApi(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quorate transaction submitter',
      version: '1',
      description: 'What became of transaction intents. Chain values are decimal strings, amounts in wei.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      Object.entries(OPERATIONS).map(([path, operation]) => [path, { get: documented(operation) }]),
    ),
    components: { schemas },
  };
}

function documented({ summary, description, parameters, answer, problems }: Operation): Json {
  const problem = {
    description: 'Problem document (RFC 9457).',
    content: { 'application/problem+json': { schema: reference('Problem') } },
  };
  return {
    ...{ summary, description },
    parameters: parameters.map((parameter) => ({ ...parameter, schema: text })),
    responses: {
      '200': { description: 'OK', content: { 'application/json': { schema: answer } } },
      ...Object.fromEntries(problems.map((status) => [status, problem])),
    },
  };
}

function queryParameters(schema: z.ZodObject): Operation['parameters'] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const description = typeof property === 'boolean' ? '' : (property.description ?? '');
    return { name, in: 'query', description, required: false };
  });
}
