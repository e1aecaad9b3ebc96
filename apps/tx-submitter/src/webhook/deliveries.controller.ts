import { Controller, Get, Query } from '@nestjs/common';

import { readParameters } from '../transactions/query-parameters';
import { deliveryParameters } from './delivery-parameters';
import { DeliveryQueries, DeliveryView } from './delivery-queries';

@Controller('v1/webhooks')
export class DeliveriesController {
  constructor(private readonly queries: DeliveryQueries) {}

  /** A page of deliveries, filtered, newest first. */
  @Get('deliveries')
  async list(@Query() query: unknown): Promise<{ deliveries: DeliveryView[]; nextCursor: string | null }> {
    const { cursor, limit, ...filter } = readParameters(deliveryParameters, query);
    const rows = await this.queries.page({ ...filter, before: cursor }, limit + 1);
    const page = rows.slice(0, limit);
    return {
      deliveries: page.map(({ delivery }) => delivery),
      nextCursor: rows.length > limit ? (page.at(-1)?.arrival ?? null) : null,
    };
  }
}
