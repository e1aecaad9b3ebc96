import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';

import { type LaneId } from '../lane/lane';
import { type Reconciliation } from '../lane/reconciliation';
import { LaneDiagnoses, type LaneDiagnosis } from './lane-diagnosis';
import { readParameters, reconcileParameters } from './query-parameters';
import { TransactionCommands } from './transaction-commands';
import { type LaneSummary, TransactionQueries } from './transaction-queries';

/** Since when all lanes are paused, and by whom; null while they are not. */
type PauseView = { since: string; by: string } | null;

@Controller('v1/lanes')
export class LanesController {
  constructor(
    private readonly queries: TransactionQueries,
    private readonly commands: TransactionCommands,
    private readonly diagnoses: LaneDiagnoses,
  ) {}

  /** Every lane: the nonce that is next, and how many wait, are being signed, or are on their way. */
  @Get()
  async list(): Promise<{ lanes: LaneSummary[]; allPaused: PauseView }> {
    const [lanes, pause] = await Promise.all([this.queries.lanes(), this.queries.pause()]);
    return { lanes, allPaused: pause === undefined ? null : { ...pause, since: pause.since.toISOString() } };
  }

  /** The switch for an emergency: no lane reserves nonces, those of accounts that are new neither. */
  @Post('pause')
  @HttpCode(200)
  async pauseAll(): Promise<{ status: string }> {
    await this.commands.pauseAll(true);
    return { status: 'paused' };
  }

  /** Ends that; lanes that were paused one by one stay so. */
  @Post('resume')
  @HttpCode(200)
  async resumeAll(): Promise<{ status: string }> {
    await this.commands.pauseAll(false);
    return { status: 'active' };
  }

  /** One lane: its nonces, what it waits for and why, its money and its budget. */
  @Get(':chainId/:address')
  one(@Param('chainId') chainId: string, @Param('address') address: string): Promise<LaneDiagnosis> {
    return this.diagnoses.of({ chainId, address: address.toLowerCase() });
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
