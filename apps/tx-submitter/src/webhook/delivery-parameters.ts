import { ID_PATTERN } from '@quorate/protocol';
import { z } from 'zod';

import { listParameters } from '../transactions/query-parameters';

const id = z.string().regex(ID_PATTERN, 'must be 1 to 100 characters out of A-Z a-z 0-9 _ . : -');

/** The states of a delivery. */
export const deliveryStates = ['waiting', 'delivered', 'given-up'] as const;

export const deliveryParameters = z.strictObject({
  endpoint: id.optional().meta({ description: 'Deliveries to this endpoint.' }),
  state: z
    .enum(deliveryStates, `must be one of ${deliveryStates.join(', ')}`)
    .optional()
    .meta({ description: 'Deliveries in this state.' }),
  requester: id.optional().meta({ description: 'Deliveries about intents of this requester.' }),
  intentId: id.optional().meta({ description: 'Deliveries about intents with this id.' }),
  cursor: listParameters.shape.cursor,
  limit: listParameters.shape.limit.meta({ description: 'Deliveries per page, 1 to 1000.' }),
});
