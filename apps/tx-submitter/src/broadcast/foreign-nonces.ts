/** Finds intents whose nonce was used up, for good, by a transaction that is not ours: paying again needs a new intent. */
import { type Block } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';

import { type Chain } from '../ports/chain.port';
import { type Flight, type InFlight } from './in-flight';
import { type Observations } from './observations';

/** Heads in a row at which everything must say so. */
const holdDownHeads = 3;

export interface ForeignParts {
  chain: Chain;
  inFlight: InFlight;
  observations: Observations;
  logger: Logger;
  onFatal: (error: Error) => void;
}

export class ForeignNonces {
  private current: Promise<void> | undefined;

  constructor(private readonly parts: ForeignParts) {}

  /** Looks at every transaction of which endpoints say that its nonce is used, and that no block holds. */
  onHead(head: Block): void {
    this.current ??= this.lookAtAll(head).finally(() => (this.current = undefined));
  }

  private async lookAtAll(head: Block): Promise<void> {
    for (const flight of this.parts.inFlight.all()) {
      if (!flight.isNonceUsed || flight.inclusion !== undefined) continue;
      try {
        await this.lookAt(flight, head);
      } catch (error) {
        flight.foreignHeads = 0;
        if (isPassing(error)) return;
        this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
  }

  private async lookAt(flight: Flight, head: Block): Promise<void> {
    flight.foreignHeads = (await this.isForeign(flight, head)) ? flight.foreignHeads + 1 : 0;
    if (flight.foreignHeads < holdDownHeads || flight.inclusion !== undefined) return;
    const { identity, nonce, lane } = flight;
    const reason = `nonce ${nonce} of ${lane.address} was used by a transaction that was not made here`;
    this.parts.logger.error({ ...identity, nonce: String(nonce) }, reason);
    const command = { kind: 'note-superseded' as const, reason };
    await this.parts.observations.apply([{ identity, lane, command, cause: head.hash }]);
    this.parts.inFlight.remove(flight);
  }

  /** Whether a quorum of endpoints says that its nonce is used, at a final height, and that none of ours is anywhere. */
  private async isForeign({ lane, nonce, attempts }: Flight, head: Block): Promise<boolean> {
    const { chain } = this.parts;
    if ((await chain.nonceUsed(lane.address, nonce, 'finalized')) !== 'used') return false;
    for (const { hash } of attempts) {
      if ((await chain.absent(hash, head.number)) !== 'absent') return false;
    }
    return true;
  }
}
