import { z } from 'zod';
import { exportParameters, listParameters } from '../query/query-parameters';

type Json = Record<string, unknown>;

const problemSchema: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong and what to change.' },
    parameter: { type: 'string', description: 'The parameter that is wrong.' },
  },
};

/** The problem types that this API answers with (RFC 9457). */
export const PROBLEM_TYPES: Readonly<Record<string, string>> = {
  'urn:quorate:problem:invalid-parameter':
    '400: a parameter is unknown or has a wrong value; detail says which.',
  'urn:quorate:problem:not-found': '404: the id is unknown, or there is nothing at this path.',
  'urn:quorate:problem:unavailable': '503: the database is away; try again.',
};

const eventSchema: Json = {
  type: 'object',
  required: ['log', 'index', 'type', 'source', 'time', 'verified', 'data', 'jws'],
  properties: {
    log: { type: 'integer', description: 'Partition of mpc.events.' },
    index: { type: 'integer', description: 'Offset in the partition: the place in the log.' },
    type: { type: ['string', 'null'], description: 'For example quorate.sign.completed.v1.' },
    source: { type: ['string', 'null'], description: 'The service that wrote it, for example /node/node-1.' },
    time: { type: ['string', 'null'], format: 'date-time' },
    verified: { type: 'boolean', description: 'Whether the signature of a known service covers it.' },
    reason: { type: 'string', description: 'Why it is not verified.' },
    duplicateOf: { type: 'integer', description: 'Index of the entry that had the same event id first.' },
    data: { type: ['object', 'null'], description: 'The content; null when it is no JSON object.' },
    jws: { type: ['string', 'null'], description: 'Detached JWS over the exact bytes.' },
  },
};

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Json;
}

export interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** The content of the answer, by media type. */
  readonly answer: Json;
  readonly problems: readonly string[];
}

const events = { type: 'array', items: { $ref: '#/components/schemas/Event' } };

/** What the API answers to GET, by path. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/v1/events': {
    summary: 'List events',
    description: 'Filtered, in the order of the log, page by page.',
    parameters: queryParameters(listParameters),
    answer: json({
      type: 'object',
      required: ['events', 'nextCursor'],
      properties: {
        events,
        nextCursor: { type: ['string', 'null'], description: 'null: there are no more entries for now.' },
      },
    }),
    problems: ['400', '503'],
  },
  '/v1/requests/{id}': {
    summary: 'Story of a request or intent',
    description: 'Every event with this requestId, intentId or correlationId, in order.',
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'A requestId or intentId.',
        schema: { type: 'string' },
      },
    ],
    answer: json({
      type: 'object',
      required: ['id', 'events'],
      properties: { id: { type: 'string' }, events },
    }),
    problems: ['404', '503'],
  },
  '/v1/export': {
    summary: 'Export events',
    description:
      'Everything that matches, as a stream; lines of jsonl also have value, the exact bytes in base64. ' +
      'A connection that is cut before its end means an incomplete export.',
    parameters: queryParameters(exportParameters),
    answer: {
      'application/jsonl': { schema: { $ref: '#/components/schemas/Event' } },
      'text/csv': { schema: { type: 'string' } },
    },
    problems: ['400', '503'],
  },
};

/** The OpenAPI 3.1 document of the query API; its parameters come from the schemas that check them. */
export function openApi(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Quorate audit queries',
      version: '1',
      description:
        'The append-only log of everything that was decided: entry i of log p is the record at offset i of partition p of mpc.events.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: Object.fromEntries(
      Object.entries(OPERATIONS).map(([path, operation]) => [path, { get: documented(operation) }]),
    ),
    components: { schemas: { Event: eventSchema, Problem: problemSchema } },
  };
}

function documented({ summary, description, parameters, answer, problems }: Operation): Json {
  const problem = {
    description: 'Problem document (RFC 9457).',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return {
    ...{ summary, description, parameters },
    responses: {
      '200': { description: 'OK', content: answer },
      ...Object.fromEntries(problems.map((status) => [status, problem])),
    },
  };
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}

function queryParameters(schema: z.ZodObject): Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', ...rest } = typeof property === 'boolean' ? {} : property;
    return { name, in: 'query', required: required.includes(name), description, schema: rest };
  });
}
