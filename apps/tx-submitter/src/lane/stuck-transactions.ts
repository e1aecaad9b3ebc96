/** Has transactions replaced by dearer ones when the chain passes them by. */
import { type Block } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';

import { type Flight, type InFlight } from '../broadcast/in-flight';
import { type Replacements } from './replacements';

/** Blocks without it, after endpoints took it, that make a transaction stale. Time does not count: chains may stand still. */
const staleAfterBlocks = 3;

export interface StuckParts {
  inFlight: InFlight;
  replacements: Replacements;
  logger: Logger;
  onFatal: (error: Error) => void;
}

export class StuckTransactions {
  private current: Promise<void> | undefined;

  constructor(private readonly parts: StuckParts) {}

  /** Looks at the transaction that each lane waits for. */
  onHead(head: Block): void {
    this.current ??= this.replaceAll(head).finally(() => (this.current = undefined));
  }

  async stop(): Promise<void> {
    await this.current;
  }

  private async replaceAll(head: Block): Promise<void> {
    for (const flight of this.parts.inFlight.headsOfLine()) {
      if (!isStuck(flight, head)) continue;
      flight.replacedAtHead = head.number;
      await this.replace(flight);
    }
  }

  private async replace({ identity, isUnderpriced }: Flight): Promise<void> {
    try {
      await this.parts.replacements.replace(identity, isUnderpriced ? 'underpriced' : 'stale');
    } catch (error) {
      if (isPassing(error)) {
        this.parts.logger.warn({ err: error, ...identity }, 'a stuck transaction is not replaced yet');
        return;
      }
      this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** Whether a dearer transaction is to be made at this head: at most one in each block. */
export function isStuck(
  {
    isUnderpriced,
    firstTakenAtHead,
    replacedAtHead,
  }: Pick<Flight, 'isUnderpriced' | 'firstTakenAtHead' | 'replacedAtHead'>,
  head: Pick<Block, 'number'>,
): boolean {
  if (isUnderpriced) return replacedAtHead === undefined || head.number > replacedAtHead;
  const since = Math.max(firstTakenAtHead ?? head.number, replacedAtHead ?? 0);
  return head.number - since >= staleAfterBlocks;
}
