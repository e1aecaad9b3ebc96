/** Looks, at the moment at which a raw transaction comes to an endpoint, whether it was committed before (invariant I3). */
import { keccak256 } from 'ethers';
import { type RpcCall } from '../../../rpc-proxy/rpc-call';
import { type BenchDatabase } from './bench-database';

export class SendWitness {
  /** Raw transactions that were not. */
  readonly tooEarly: string[] = [];
  /** Those that were. */
  private readonly committed = new Map<string, Promise<boolean>>();

  constructor(private readonly database: Pick<BenchDatabase, 'query'>) {}

  /** Every raw transaction that came. */
  get seen(): string[] {
    return [...this.committed.keys()];
  }

  async see({ method, params: [raw] }: RpcCall): Promise<void> {
    if (method !== 'eth_sendRawTransaction' || typeof raw !== 'string') return;
    const known = this.committed.get(raw);
    const isCommitted = known ?? this.look(raw);
    this.committed.set(raw, isCommitted);
    if (!(await isCommitted) && known === undefined) this.tooEarly.push(raw);
  }

  /** Between two runs. */
  forget(): void {
    this.committed.clear();
    this.tooEarly.length = 0;
  }

  private async look(raw: string): Promise<boolean> {
    const rows = await this.database.query('SELECT FROM attempt WHERE hash = $1 AND raw = $2', [
      keccak256(raw),
      raw,
    ]);
    return rows.length > 0;
  }
}
