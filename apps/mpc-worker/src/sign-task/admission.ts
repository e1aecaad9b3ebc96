import { type StoreTransaction } from '@quorate/event-store';
import { checkCancelSender } from '@quorate/policy';
import { type AssessedRequest, type Refusal } from './assess';
import { type Charged, WindowUsage } from './window-usage';

/** A node spends at most this many presignatures on one request (threshold-ecdsa.md 8.1). */
export const MAX_PRESIGNATURES_PER_REQUEST = 3;

/** A request on its way to a share: what the durable bindings are checked against. */
export interface Candidate {
  readonly request: AssessedRequest;
  /** Address of the signing key, lower-case 0x-hex; of a Schnorr key, which sends no transactions, its public key. */
  readonly address: string;
  readonly presignatureId: Buffer;
}

/**
 * The durable rules of a node, over what is stored and what this batch admits: one request id names one content, at most
 * three presignatures a request, one payload per (chain, address, nonce), one nonce per intent, and the windows of the
 * policy, which count a request or intent once.
 * Reads once per batch; decisions are then made in order. The caller writes what was admitted in the same transaction.
 */
export class Admissions {
  /** What this batch charged for the first time, by request or intent. */
  private readonly newlyCharged = new Map<string, Charged>();

  private constructor(
    private readonly spent: Map<string, { hash: Buffer; presignatures: Set<string> }>,
    private readonly payloadOfNonce: Map<string, Buffer>,
    private readonly nonceOfIntent: Map<string, string>,
    private readonly usage: WindowUsage,
  ) {}

  /** When nothing is stored of the requests. */
  static ofNothing(): Admissions {
    return new Admissions(new Map(), new Map(), new Map(), WindowUsage.ofNothing());
  }

  /** @param now the node's clock, as the batch was assessed */
  static async load(tx: StoreTransaction, candidates: readonly Candidate[], now: Date): Promise<Admissions> {
    const transactions = candidates.filter(({ request }) => request.transaction !== undefined);
    const intents = candidates.filter(({ request }) => request.intent !== undefined);
    const charged = candidates.map(({ request }) => request).filter(({ charges }) => charges.length > 0);
    // Bindings and windows are read and written by one transaction at a time; sent first, it holds for what follows.
    const alone =
      transactions.length + charged.length === 0
        ? []
        : tx.query(`SELECT pg_advisory_xact_lock(hashtext('quorate admission'))`);
    const [, ledger, nonces, bound, usage] = await Promise.all([
      alone,
      candidates.length === 0
        ? []
        : tx.query<{ requester: string; request_id: string; request_hash: Buffer; presignature_id: Buffer }>(
            `SELECT requester, request_id, request_hash, presignature_id FROM presignature_ledger
         WHERE (requester, request_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
            [
              candidates.map(({ request }) => request.requester),
              candidates.map(({ request }) => request.requestId),
            ],
          ),
      transactions.length === 0
        ? []
        : tx.query<{ chain: string; address: string; nonce: string; payload_hash: Buffer }>(
            `SELECT chain, address, nonce::text, payload_hash FROM nonce_binding
             WHERE (chain, address, nonce) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::numeric[]))`,
            [
              transactions.map(({ request }) => request.transaction?.chain),
              transactions.map(({ address }) => address),
              transactions.map(({ request }) => request.transaction?.nonce),
            ],
          ),
      intents.length === 0
        ? []
        : tx.query<{ requester: string; intent_id: string; chain: string; address: string; nonce: string }>(
            `SELECT requester, intent_id, chain, address, nonce::text FROM intent_binding
             WHERE (requester, intent_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
            [
              intents.map(({ request }) => request.intent?.requester),
              intents.map(({ request }) => request.intent?.intentId),
            ],
          ),
      WindowUsage.load(tx, charged, now),
    ]);
    const admissions = new Admissions(new Map(), new Map(), new Map(), usage);
    for (const row of ledger) {
      admissions.noteSpent(pair(row.requester, row.request_id), row.request_hash, row.presignature_id);
    }
    for (const row of nonces) {
      admissions.payloadOfNonce.set(place(row.chain, row.address, row.nonce), row.payload_hash);
    }
    for (const row of bound) {
      admissions.nonceOfIntent.set(
        pair(row.requester, row.intent_id),
        place(row.chain, row.address, row.nonce),
      );
    }
    return admissions;
  }

  /** Whether this node gave its share for exactly this before: the share is on its way, or arrived. */
  wasAnswered({ request, presignatureId }: Candidate): boolean {
    const before = this.spent.get(pair(request.requester, request.requestId));
    return (
      before !== undefined &&
      before.hash.equals(request.requestHash) &&
      before.presignatures.has(presignatureId.toString('hex'))
    );
  }

  /** The refusal, or undefined when it is admitted, which the rest of the batch then sees. */
  admit({ request, address, presignatureId }: Candidate): Refusal | undefined {
    const id = pair(request.requester, request.requestId);
    const before = this.spent.get(id);
    if (before !== undefined) {
      if (!before.hash.equals(request.requestHash)) {
        return refusal('policy', 'this node signed other bytes under the same request id', 'request-bound');
      }
      if (before.presignatures.size >= MAX_PRESIGNATURES_PER_REQUEST) {
        return refusal(
          'spent-limit',
          `${MAX_PRESIGNATURES_PER_REQUEST} presignatures were spent on this request`,
        );
      }
    }
    const refused = this.checkBindings(request, address) ?? this.charge(request);
    if (refused !== undefined) return refused;
    this.noteSpent(id, request.requestHash, presignatureId);
    const { transaction, intent } = request;
    if (transaction !== undefined) {
      const at = place(transaction.chain, address, transaction.nonce);
      this.payloadOfNonce.set(at, transaction.payloadHash);
      if (intent !== undefined) this.nonceOfIntent.set(pair(intent.requester, intent.intentId), at);
    }
    return undefined;
  }

  /** What these requests charge to windows: each one that this batch admitted for the first time. */
  chargesOf(requests: readonly AssessedRequest[]): Charged[] {
    return [...new Set(requests.map(countedAs))].flatMap((id) => this.newlyCharged.get(id) ?? []);
  }

  private checkBindings(request: AssessedRequest, address: string): Refusal | undefined {
    const { transaction, intent, cancellation } = request;
    if (cancellation !== undefined) {
      const sender = checkCancelSender(cancellation, address);
      return sender.allowed ? undefined : refusal('policy', sender.reason, sender.rule);
    }
    if (transaction === undefined) return undefined;
    const at = place(transaction.chain, address, transaction.nonce);
    const payload = this.payloadOfNonce.get(at);
    if (payload !== undefined && !payload.equals(transaction.payloadHash)) {
      return refusal(
        'policy',
        `nonce ${transaction.nonce} of ${address} on chain ${transaction.chain} is bound to another payload`,
        'nonce-bound',
      );
    }
    const bound = intent && this.nonceOfIntent.get(pair(intent.requester, intent.intentId));
    if (bound !== undefined && bound !== at) {
      return refusal('policy', `intent ${intent?.intentId} is bound to another nonce`, 'intent-bound');
    }
    if (intent?.expired === true && bound === undefined) {
      return refusal('expired', `intent ${intent.intentId} has expired, and was not signed here before`);
    }
    return undefined;
  }

  /** Counts a request or intent that is not counted yet, unless a window has no room for it. */
  private charge(request: AssessedRequest): Refusal | undefined {
    if (request.charges.length === 0 || this.isCounted(request)) return undefined;
    const broken = this.usage.findBroken(request);
    if (broken !== undefined) return refusal('policy', broken.reason, broken.rule);
    this.usage.add(request);
    this.newlyCharged.set(countedAs(request), request);
    return undefined;
  }

  /** A signature for it left in an earlier commit, or was admitted in this one. */
  private isCounted({ requester, requestId, intent }: AssessedRequest): boolean {
    return intent === undefined
      ? this.spent.has(pair(requester, requestId))
      : this.nonceOfIntent.has(pair(intent.requester, intent.intentId));
  }

  private noteSpent(id: string, hash: Buffer, presignatureId: Buffer): void {
    const entry = this.spent.get(id) ?? { hash, presignatures: new Set<string>() };
    entry.presignatures.add(presignatureId.toString('hex'));
    this.spent.set(id, entry);
  }
}

function refusal(code: string, reason: string, rule?: string): Refusal {
  return { code, reason, ...(rule !== undefined && { rule }) };
}

/** What windows count once. */
function countedAs({ requester, requestId, intent }: AssessedRequest): string {
  return intent === undefined
    ? `request ${pair(requester, requestId)}`
    : `intent ${pair(intent.requester, intent.intentId)}`;
}

function pair(requester: string, id: string): string {
  return `${requester}/${id}`;
}

function place(chain: string, address: string, nonce: string): string {
  return `${chain}/${address}/${nonce}`;
}
