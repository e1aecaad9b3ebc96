/** The HTTP API of deliveries, for OpenAPI. */
import {
  type ApiOperation,
  jsonAnswer,
  type JsonSchema,
  queryParameters,
  schemaReference,
} from '@quorate/platform';

import { deliveryParameters, deliveryStates } from './delivery-parameters';

const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: 'string', format: 'date-time' };
const orNull = (schema: JsonSchema): JsonSchema => ({ oneOf: [schema, { type: 'null' }] });
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  ...{ type: 'object', required: Object.keys(properties), properties },
});

export const deliverySchema = object({
  ...{ endpoint: text, eventId: { ...text, description: 'Its header webhook-id.' }, type: text },
  ...{ requester: text, intentId: text, state: { enum: [...deliveryStates] }, attempts: { type: 'integer' } },
  ...{ createdAt: time, lastAttemptAt: orNull(time) },
  lastResult: orNull({ ...text, description: 'What the last attempt came to.' }),
  nextAttemptAt: orNull({ ...time, description: 'Null also while it waits behind another of its intent.' }),
});

export const deliveriesOperation: ApiOperation = {
  summary: 'List webhook deliveries',
  description: 'Filtered, newest first, page by page. Finished ones are kept for seven days.',
  roles: ['reader'],
  parameters: queryParameters(deliveryParameters),
  answer: jsonAnswer(
    object({ deliveries: { type: 'array', items: schemaReference('Delivery') }, nextCursor: orNull(text) }),
  ),
  problems: [],
};
