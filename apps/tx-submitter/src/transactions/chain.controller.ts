import { Controller, HttpCode, Inject, Post } from '@nestjs/common';

import { type Chain } from '../ports/chain.port';
import { CHAIN } from '../ports/tokens';

@Controller('v1/chain')
export class ChainController {
  constructor(@Inject(CHAIN) private readonly chain: Chain) {}

  /** Takes the chain as it is when blocks that were final are others now; what is still wrong with it is told. */
  @Post('trust')
  @HttpCode(200)
  async trust(): Promise<{ suspicion: string | null }> {
    await this.chain.trustAgain();
    return { suspicion: this.chain.suspicion() ?? null };
  }
}
