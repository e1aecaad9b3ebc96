import { type Databases } from './databases';
import { type Violations } from './violations';

interface LedgerRow {
  readonly presignature: string;
  readonly nonce_point: string;
  readonly requester: string;
  readonly request_id: string;
  readonly request_hash: string;
}

/** Interfaces and threshold-ecdsa.md 8.1: what a node spends at most on one request. */
const MAX_PRESIGNATURES = 3;
/** Rows of a transaction that was open at the last look. */
const OVERLAP_MS = 120_000;

/** The single-use ledgers of all nodes, read after every run and remembered over all of them. */
export class Ledgers {
  private readonly requestOf = new Map<string, string>();
  private readonly ownerOfPoint = new Map<string, string>();
  private lookedAt = new Date(0);

  constructor(
    private readonly databases: Databases,
    private readonly nodes: readonly string[],
    private readonly keyId: string,
    private readonly violations: Violations,
    /** Whether a node's policy allows it to sign these bytes (by their hash). */
    private readonly isAllowed: (node: string, hash: string) => boolean,
    /** Whether the compromised coordinator ordered these bytes to be signed. */
    private readonly isOrdered: (hash: string) => boolean,
  ) {}

  /** No presignature for two contents, no nonce point twice, nothing that policy forbids, not too many per request. */
  async check(): Promise<void> {
    const since = new Date(this.lookedAt.getTime() - OVERLAP_MS);
    this.lookedAt = new Date();
    for (const node of this.nodes) {
      const rows = await this.databases.query<LedgerRow>(
        node,
        `SELECT encode(presignature_id, 'hex') AS presignature, encode(nonce_point, 'hex') AS nonce_point,
                requester, request_id, '0x' || encode(request_hash, 'hex') AS request_hash
         FROM presignature_ledger WHERE spent_at > $1`,
        [since],
      );
      for (const row of rows) this.take(node, row);
      this.checkCounts(node, rows);
      await this.checkKeys(node);
    }
  }

  /** Shares of no key but the one that the operators ordered. */
  private async checkKeys(node: string): Promise<void> {
    const keys = await this.databases.query<{ key_id: string }>(
      node,
      'SELECT DISTINCT key_id FROM key_share',
    );
    for (const { key_id } of keys) {
      if (key_id !== this.keyId)
        this.violations.add('no key without the operators', `${node} has a share of ${key_id}`);
    }
  }

  private take(
    node: string,
    { presignature, nonce_point, request_hash, requester, request_id }: LedgerRow,
  ): void {
    this.takePresignature(presignature, request_hash);
    this.once(this.ownerOfPoint, nonce_point, `${node}/${presignature}`, 'no nonce point twice');
    // The health check of a committee: the nodes sign a message of their own making, without a requester.
    const isHealthCheck = requester === '' && request_id.startsWith('health:');
    if (!isHealthCheck && !this.isAllowed(node, request_hash))
      this.violations.add(
        'nothing beyond policy',
        `${node} spent ${presignature} on ${requester}/${request_id}`,
      );
  }

  /**
   * A compromised coordinator can have each node spend the same presignature on another request: then no request gets all
   * its shares, and each node still gave one. Without its orders that does not happen.
   */
  private takePresignature(presignature: string, hash: string): void {
    const known = this.requestOf.get(presignature);
    if (known !== undefined && (this.isOrdered(known) || this.isOrdered(hash))) return;
    this.once(this.requestOf, presignature, hash, 'no presignature for two requests');
  }

  private checkCounts(node: string, rows: readonly LedgerRow[]): void {
    const counts = new Map<string, number>();
    for (const { requester, request_id } of rows) {
      const request = `${requester}/${request_id}`;
      counts.set(request, (counts.get(request) ?? 0) + 1);
    }
    for (const [request, count] of counts) {
      if (count > MAX_PRESIGNATURES)
        this.violations.add('three presignatures per request', `${node} spent ${count} on ${request}`);
    }
  }

  private once(seen: Map<string, string>, key: string, content: string, check: string): void {
    const known = seen.get(key);
    if (known === undefined) seen.set(key, content);
    else if (known !== content) this.violations.add(check, `${key}: ${known} and ${content}`);
  }
}
