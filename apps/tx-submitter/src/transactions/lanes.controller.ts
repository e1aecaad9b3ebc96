import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';

import { type LaneId } from '../lane/lane';
import { type Reconciliation } from '../lane/reconciliation';
import { readParameters, reconcileParameters } from './query-parameters';
import { TransactionCommands } from './transaction-commands';
import { type LaneSummary, TransactionQueries } from './transaction-queries';

@Controller('v1/lanes')
export class LanesController {
  constructor(
    private readonly queries: TransactionQueries,
    private readonly commands: TransactionCommands,
  ) {}

  /** Every lane: the nonce that is next, and how many wait, are being signed, or are on their way. */
  @Get()
  async list(): Promise<{ lanes: LaneSummary[] }> {
    return { lanes: await this.queries.lanes() };
  }

  /** Has a lane reserve no more nonces; what has one goes on. */
  @Post(':chainId/:address/pause')
  @HttpCode(200)
  pause(@Param('chainId') chainId: string, @Param('address') address: string): Promise<{ status: string }> {
    return this.set({ chainId, address: address.toLowerCase() }, 'paused');
  }

  @Post(':chainId/:address/resume')
  @HttpCode(200)
  resume(@Param('chainId') chainId: string, @Param('address') address: string): Promise<{ status: string }> {
    return this.set({ chainId, address: address.toLowerCase() }, 'active');
  }

  /** What differs between the lane and the chain; with `?dryRun=false` it is mended. */
  @Post(':chainId/:address/reconcile')
  @HttpCode(200)
  reconcile(
    @Param('chainId') chainId: string,
    @Param('address') address: string,
    @Query() query: unknown,
  ): Promise<Reconciliation> {
    const { dryRun } = readParameters(reconcileParameters, query);
    return this.commands.reconcile({ chainId, address: address.toLowerCase() }, dryRun);
  }

  private async set(lane: LaneId, status: 'active' | 'paused'): Promise<{ status: string }> {
    await this.commands.setLane(lane, status);
    return { status };
  }
}
