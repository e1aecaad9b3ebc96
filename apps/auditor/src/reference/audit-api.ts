import {
  type ApiDescription,
  jsonAnswer,
  type JsonSchema,
  pathParameter,
  queryParameters,
  schemaReference,
} from '@quorate/platform';
import {
  bundleParameters,
  checkpointParameters,
  consistencyParameters,
  inclusionParameters,
} from '../proof/proof-parameters';
import { exportParameters, listParameters, storyParameters } from '../query/query-parameters';

const eventSchema: JsonSchema = {
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

const nodeSchema: JsonSchema = {
  type: 'object',
  required: ['node', 'status', 'ageMs', 'heartbeat'],
  properties: {
    node: { type: 'string' },
    status: { enum: ['ready', 'not-ready', 'old', 'silent'] },
    ageMs: { type: ['integer', 'null'], description: 'Of the heartbeat.' },
    heartbeat: {
      type: ['object', 'null'],
      description:
        'The data of quorate.node.heartbeat.v1: ready, version, ledgerCount, stock, deadPairs, halts, policyVersion, at, ...',
    },
  },
};

const events: JsonSchema = { type: 'array', items: schemaReference('Event') };

const hashes: JsonSchema = {
  type: 'array',
  items: { type: 'string', description: 'SHA-256, in base64.' },
};
const signedNote = { type: 'string', description: 'The signed note (C2SP tlog-checkpoint).' };
const logParameter = pathParameter('log', 'Partition of mpc.events: 0 for the first.');

/** What the auditor answers to GET. */
export const auditApi: ApiDescription = {
  title: 'Quorate audit queries',
  introduction:
    'The append-only log of everything that was decided: entry i of log p is the record at offset i of partition p of mpc.events.',
  operations: {
    '/v1/events': {
      summary: 'List events',
      description: 'Filtered, in the order of the log, page by page.',
      roles: ['reader'],
      parameters: queryParameters(listParameters),
      answer: jsonAnswer({
        type: 'object',
        required: ['events', 'nextCursor'],
        properties: {
          events,
          nextCursor: { type: ['string', 'null'], description: 'null: there are no more entries for now.' },
        },
      }),
      problems: [],
    },
    '/v1/events/{log}/{index}': {
      summary: 'One entry of the log',
      description: 'By its place.',
      roles: ['reader'],
      parameters: [logParameter, pathParameter('index', 'Offset in the partition, from 0.')],
      answer: jsonAnswer(schemaReference('Event')),
      problems: ['404'],
    },
    '/v1/nodes': {
      summary: 'The nodes, as their last heartbeats say',
      description:
        'Kept in memory from mpc.heartbeats, each verified with the identity of the node; no part of the log. A node whose ' +
        'last heartbeat is older than 10 s is `old`, one without any is `silent`.',
      roles: ['reader'],
      parameters: [],
      answer: jsonAnswer({
        type: 'object',
        required: ['now', 'nodes', 'problem'],
        properties: {
          now: { type: 'string', format: 'date-time' },
          nodes: { type: 'array', items: schemaReference('Node') },
          problem: { type: ['string', 'null'], description: 'Why heartbeats may be missing here.' },
        },
      }),
      problems: [],
    },
    '/v1/requests/{id}': {
      summary: 'Story of a request or intent',
      description:
        'Every event with this requestId, intentId or correlationId, in order. A story that is larger than any is by itself ' +
        'comes in parts: nextCursor is there as long as more follow.',
      roles: ['reader'],
      parameters: [pathParameter('id', 'A requestId or intentId.'), ...queryParameters(storyParameters)],
      answer: jsonAnswer({
        type: 'object',
        required: ['id', 'events'],
        properties: { id: { type: 'string' }, events, nextCursor: { type: 'string' } },
      }),
      problems: ['404'],
    },
    '/v1/export': {
      summary: 'Export events',
      description:
        'Everything that matches, as a stream; lines of jsonl also have value and headers, the exact bytes in base64, and gap. ' +
        'A connection that is cut before its end means an incomplete export.',
      roles: ['exporter'],
      parameters: queryParameters(exportParameters),
      answer: {
        'application/jsonl': { schema: schemaReference('Event') },
        'text/csv': { schema: { type: 'string' } },
      },
      problems: [],
    },
    '/v1/checkpoint': {
      summary: 'Newest checkpoint of a log',
      description:
        'The signed head of the Merkle tree (C2SP tlog-checkpoint), with the cosignatures of witnesses.',
      roles: ['reader', 'witness'],
      parameters: queryParameters(checkpointParameters),
      answer: { 'text/plain': { schema: { type: 'string' } } },
      problems: ['404'],
    },
    '/v1/proofs/inclusion': {
      summary: 'Prove that an entry is in the log',
      description:
        'The audit path (RFC 6962, section 2.1.1) from the leaf to the root of a signed checkpoint: the newest, or the ' +
        'first with at least `size` leaves. Say which entry by eventId, or by log and index.',
      roles: ['reader'],
      parameters: queryParameters(inclusionParameters),
      answer: jsonAnswer({
        type: 'object',
        required: ['log', 'index', 'treeSize', 'leaf', 'hashes', 'checkpoint'],
        properties: {
          ...{ log: { type: 'integer' }, index: { type: 'integer' }, treeSize: { type: 'integer' } },
          leaf: {
            type: 'string',
            description: 'The bytes of the leaf, in base64; SHA-256(0x00 || leaf) is its hash.',
          },
          ...{ hashes, checkpoint: signedNote },
        },
      }),
      problems: ['404'],
    },
    '/v1/proofs/consistency': {
      summary: 'Prove that nothing was changed between two sizes',
      description:
        'The tree of the first `from` leaves is the beginning of that of `to` (RFC 6962, section 2.1.2).',
      roles: ['reader', 'witness'],
      parameters: queryParameters(consistencyParameters),
      answer: jsonAnswer({
        type: 'object',
        required: ['log', 'from', 'to', 'hashes', 'checkpoint'],
        properties: {
          ...{ log: { type: 'integer' }, from: { type: 'integer' }, to: { type: 'integer' } },
          ...{ hashes, checkpoint: signedNote },
        },
      }),
      problems: ['404'],
    },
    '/v1/proofs/bundle': {
      summary: 'Proof of an entry as a file',
      description:
        'C2SP tlog-proof, with the leaf as its extra data: with the public key of the log it needs nothing else, years later.',
      roles: ['reader'],
      parameters: queryParameters(bundleParameters),
      answer: { 'text/plain': { schema: { type: 'string' } } },
      problems: ['404'],
    },
    '/log/{log}/checkpoint': {
      summary: 'Checkpoint, for tile clients',
      description: 'C2SP tlog-tiles: the prefix of log 0 is /log/0.',
      roles: ['reader', 'witness'],
      parameters: [logParameter],
      answer: { 'text/plain': { schema: { type: 'string' } } },
      problems: ['404'],
    },
    '/log/{log}/tile/{path}': {
      summary: 'Tiles and entry bundles',
      description: 'C2SP tlog-tiles: tile/L/N[.p/W] or tile/entries/N[.p/W]. They never change.',
      roles: ['reader', 'witness'],
      parameters: [logParameter, pathParameter('path', 'For example 0/x001/x234/067, or entries/000.p/17.')],
      answer: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      problems: ['404'],
    },
  },
  commands: {
    '/v1/cosignatures': {
      summary: 'Hand in a cosigned checkpoint',
      description:
        'Of a witness whose key is in WITNESSES (C2SP tlog-cosignature). Body: `log` and `checkpoint`, the signed note with ' +
        'the cosignature. From then on the checkpoint is served with it.',
      body: {
        type: 'object',
        required: ['log', 'checkpoint'],
        properties: { log: { type: 'integer' }, checkpoint: signedNote },
      },
      roles: ['witness'],
      parameters: [],
      answer: jsonAnswer({
        type: 'object',
        required: ['log', 'size'],
        properties: { log: { type: 'integer' }, size: { type: 'integer' } },
      }),
      problems: ['404'],
    },
  },
  schemas: { Event: eventSchema, Node: nodeSchema },
  example:
    'curl -H "Authorization: Bearer $TOKEN" ' +
    "'http://127.0.0.1:8083/v1/events?type=quorate.sign.completed.v1&order=desc&limit=10'",
};
