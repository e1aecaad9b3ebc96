/** Since when each lane waits for the nonce that it waits for, as far as this process has seen. */
import { type LaneId, laneName } from '../lane/lane';

interface Wait {
  nonce: string;
  /** Milliseconds since 1970. */
  since: number;
  sinceBlock: number | undefined;
}

export interface Waited {
  seconds: number;
  blocks: number;
}

export class HeadOfLine {
  private waits = new Map<string, Wait>();

  /**
   * Takes in what lanes wait for now; those that are not named wait for nothing.
   *
   * @param block the number of the latest one
   */
  update(
    lanes: readonly (LaneId & { waitingFor: string | null })[],
    now: number,
    block: number | undefined,
  ): void {
    const waits = new Map<string, Wait>();
    for (const lane of lanes) {
      const { waitingFor: nonce } = lane;
      if (nonce === null) continue;
      const name = laneName(lane);
      const before = this.waits.get(name);
      waits.set(name, before?.nonce === nonce ? before : { nonce, since: now, sinceBlock: block });
    }
    this.waits = waits;
  }

  waited(lane: LaneId, now: number, block: number | undefined): Waited {
    const wait = this.waits.get(laneName(lane));
    if (wait === undefined) return { seconds: 0, blocks: 0 };
    const blocks =
      block === undefined || wait.sinceBlock === undefined ? 0 : Math.max(0, block - wait.sinceBlock);
    return { seconds: (now - wait.since) / 1_000, blocks };
  }
}
