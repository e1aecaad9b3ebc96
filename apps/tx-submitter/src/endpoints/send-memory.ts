/** What each endpoint last said of each raw transaction, as long as this process runs. */
import { type EarlierSends, type EndpointVerdict, hasIt } from './broadcast-verdict';

/** Transactions that are remembered; the oldest are forgotten first. */
const defaultCapacity = 50_000;

interface Memory {
  /** Endpoints that had it. */
  readonly takers: Set<string>;
  /** Endpoints that may have it. */
  readonly open: Set<string>;
}

export class SendMemory {
  private readonly byHash = new Map<string, Memory>();

  constructor(private readonly capacity = defaultCapacity) {}

  /** Takes an answer in. */
  note(hash: string, { endpoint, verdict }: EndpointVerdict): void {
    const memory = this.byHash.get(hash) ?? { takers: new Set<string>(), open: new Set<string>() };
    if (hasIt(verdict)) memory.takers.add(endpoint);
    if (verdict.kind === 'ambiguous') memory.open.add(endpoint);
    else memory.open.delete(endpoint);
    this.byHash.delete(hash);
    if (memory.takers.size > 0 || memory.open.size > 0) this.byHash.set(hash, memory);
    if (this.byHash.size > this.capacity) this.forgetOldest();
  }

  /** Whether an endpoint said that it has a transaction. */
  hadIt(hash: string, endpoint: string): boolean {
    return this.byHash.get(hash)?.takers.has(endpoint) ?? false;
  }

  /** What was said of a transaction before a broadcast to the endpoints `asked`. */
  earlier(hash: string, asked: readonly string[]): EarlierSends {
    const memory = this.byHash.get(hash);
    const open = [...(memory?.open ?? [])].some((endpoint) => !asked.includes(endpoint));
    return { accepted: (memory?.takers.size ?? 0) > 0, open };
  }

  private forgetOldest(): void {
    const [oldest] = this.byHash.keys();
    if (oldest !== undefined) this.byHash.delete(oldest);
  }
}
