/** Label values of accounts in counters: the first ones have their own, so that many accounts do not fill the metrics. */
import { type LaneId, laneName } from '../lane/lane';

const labels = 100;
const overflowLabel = 'other';

export class LaneLabels {
  private readonly named = new Set<string>();

  of(lane: LaneId): string {
    const name = laneName(lane);
    if (this.named.has(name)) return name;
    if (this.named.size >= labels) return overflowLabel;
    this.named.add(name);
    return name;
  }
}
