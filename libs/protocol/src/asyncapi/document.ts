import { z } from 'zod';
import { JSON_DEPTH_LIMIT } from '../limits';
import { type ClientRecordTyp, CLIENT_RECORD_TYPES } from '../record/record-types';
import { TOPIC_RECORD_LIMITS } from '../topics';
import { documentedChannels, type DocumentedChannel } from './channels';
import { type DocumentedMessage, documentedMessages } from './messages';

type Json = Record<string, unknown>;

/** The AsyncAPI 3 document of all topics and records, generated from the schemas that the services check with. */
export function asyncApiDocument(version: string): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Quorate',
      version,
      description:
        `Threshold signatures over Kafka. Values are UTF-8 JSON, at most ${JSON_DEPTH_LIMIT} levels deep; the header jws signs the value. ` +
        'TOPIC_PREFIX of the installation goes before each address. Generated from libs/protocol: do not edit.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      documentedChannels.map((channel) => [channel.topic, channelObject(channel)]),
    ),
    operations: Object.fromEntries(documentedChannels.flatMap(operationsOf)),
    components: {
      messages: Object.fromEntries([...documentedMessages.map(messageEntry), roundMessage]),
      schemas: Object.fromEntries(documentedMessages.map(({ name, schema }) => [name, jsonSchema(schema)])),
    },
  };
}

const roundMessage = [
  'Round',
  {
    name: 'Round',
    contentType: 'application/octet-stream',
    summary: 'One frame of a protocol round.',
    payload: { type: 'string', format: 'binary' },
  },
] as const;

function channelObject({ topic, address, description, parameter }: DocumentedChannel): Json {
  const names = documentedMessages.filter((message) => message.topic === topic).map(({ name }) => name);
  const messages = topic === 'rounds' ? ['Round'] : names;
  return {
    address,
    description,
    ...(parameter === undefined ? {} : { parameters: { [parameter[0]]: { description: parameter[1] } } }),
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: { kafka: { topicConfiguration: { 'max.message.bytes': TOPIC_RECORD_LIMITS[topic] } } },
  };
}

/** Operations are told from the client's side: it sends requests and intents, and receives their outcomes. */
function operationsOf({ topic, client }: DocumentedChannel): [string, Json][] {
  if (client === 'none') return [];
  const name = `${client}${topic.charAt(0).toUpperCase()}${topic.slice(1)}`;
  return [[name, { action: client, channel: { $ref: `#/channels/${topic}` } }]];
}

function messageEntry(message: DocumentedMessage): [string, Json] {
  const { name, typ, types, summary } = message;
  return [
    name,
    {
      name,
      summary,
      contentType: 'application/json',
      headers: headersSchema(message),
      payload: { $ref: `#/components/schemas/${name}` },
      ...(types.length === 1 && !types[0]?.includes('*')
        ? {}
        : { description: `ce_type: ${types.join(', ')}` }),
      'x-jws-typ': `${typ}+jws`,
    },
  ];
}

function headersSchema({ typ, types }: DocumentedMessage): Json {
  const isPattern = types.some((type) => type.includes('*'));
  const approvals = {
    approvals: {
      type: 'string',
      description: 'Comma-separated detached JWS over the same value, typ approval+jws.',
    },
  };
  return {
    type: 'object',
    required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type', 'jws'],
    properties: {
      ce_specversion: { type: 'string', const: '1.0' },
      ce_id: {
        type: 'string',
        ...(isClientTyp(typ) ? {} : { description: 'Equals id (or eventId) in the value.' }),
      },
      ce_source: {
        type: 'string',
        description: 'Its last segment is the kid of the jws.',
        examples: ['/client/alice', '/node/node-1'],
      },
      ce_type: { type: 'string', ...(isPattern ? {} : { enum: types }) },
      ce_time: { type: 'string', format: 'date-time' },
      'content-type': { type: 'string', const: 'application/json' },
      traceparent: { type: 'string' },
      jws: {
        type: 'string',
        description: `Detached JWS (RFC 7515 appendix F) over the value; protected header {"alg":"EdDSA","kid":"...","typ":"${typ}+jws"}.`,
      },
      ...(typ === 'sign-request' || typ === 'tx-intent' ? approvals : {}),
    },
  };
}

function isClientTyp(typ: string): typ is ClientRecordTyp {
  return Object.hasOwn(CLIENT_RECORD_TYPES, typ);
}

function jsonSchema(schema: z.ZodType): Json {
  // AsyncAPI 3 schemas are JSON Schema draft 07; `input` is what a writer has to give.
  const { $schema, ...body } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'throw',
  });
  return $schema === undefined ? {} : body;
}
