/** What each endpoint last said of each raw transaction, as long as this process runs. */
import { type EarlierSends, type EndpointVerdict, hasIt } from './broadcast-verdict';

/** Transactions that are remembered; the oldest are forgotten first. */
const defaultCapacity = 50_000;

interface Memory {
  accepted: boolean;
  /** Endpoints that may have it. */
  readonly open: Set<string>;
}

export class SendMemory {
  private readonly byHash = new Map<string, Memory>();

  constructor(private readonly capacity = defaultCapacity) {}

  /** Takes an answer in. */
  note(hash: string, { endpoint, verdict }: EndpointVerdict): void {
    const memory = this.byHash.get(hash) ?? { accepted: false, open: new Set<string>() };
    if (hasIt(verdict)) memory.accepted = true;
    if (verdict.kind === 'ambiguous') memory.open.add(endpoint);
    else memory.open.delete(endpoint);
    this.byHash.delete(hash);
    if (memory.accepted || memory.open.size > 0) this.byHash.set(hash, memory);
    if (this.byHash.size > this.capacity) this.forgetOldest();
  }

  /** What was said of a transaction before a broadcast to the endpoints `asked`. */
  earlier(hash: string, asked: readonly string[]): EarlierSends {
    const memory = this.byHash.get(hash);
    const open = [...(memory?.open ?? [])].some((endpoint) => !asked.includes(endpoint));
    return { accepted: memory?.accepted ?? false, open };
  }

  private forgetOldest(): void {
    const [oldest] = this.byHash.keys();
    if (oldest !== undefined) this.byHash.delete(oldest);
  }
}
