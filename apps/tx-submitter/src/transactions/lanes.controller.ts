import { Controller, Get } from '@nestjs/common';

import { type LaneSummary, TransactionQueries } from './transaction-queries';

@Controller('v1/lanes')
export class LanesController {
  constructor(private readonly queries: TransactionQueries) {}

  /** Every lane: the nonce that is next, who is being signed, how many wait or are on their way. */
  @Get()
  async list(): Promise<{ lanes: LaneSummary[] }> {
    return { lanes: await this.queries.lanes() };
  }
}
