/** Which answers of endpoints to raw transactions were reported: each once, and few of each transaction. */
import { type EndpointEvent } from './endpoint-events';

/** Transactions that are remembered; the oldest are forgotten first. */
const defaultCapacity = 10_000;
/** Reports of one transaction. */
const mostOfOne = 8;

interface Reports {
  count: number;
  /** What each endpoint said last. */
  readonly last: Map<string, string>;
}

export class ReportedAnswers {
  private readonly byHash = new Map<string, Reports>();

  constructor(private readonly capacity = defaultCapacity) {}

  /** Whether an answer is to be reported: it differs from what the endpoint said last. */
  isNews({ endpoint, hash, verdict }: Extract<EndpointEvent, { kind: 'answer' }>): boolean {
    const said = verdict.kind === 'rejected' ? verdict.reason : verdict.kind;
    const reports = this.byHash.get(hash) ?? { count: 0, last: new Map<string, string>() };
    if (reports.last.get(endpoint) === said || reports.count >= mostOfOne) return false;
    reports.last.set(endpoint, said);
    reports.count += 1;
    this.byHash.set(hash, reports);
    const [oldest] = this.byHash.keys();
    if (this.byHash.size > this.capacity && oldest !== undefined) this.byHash.delete(oldest);
    return true;
  }
}
