import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger, Refused } from '@quorate/platform';
import {
  BROADCAST,
  combineShares,
  ed25519PublicKey,
  encodeFrame,
  encodeOnlineShare,
  type Frame,
  FRAME_TYPES,
  type FrameSigner,
  healthRequest,
  InvalidInput,
  type OnlineShare,
  onlineShare,
  parseFrame,
  parseOnlineShare,
  type PresignatureBatch,
  ProtocolFailure,
  type SigningRequest,
  verifyFrame,
  wipePresignature,
} from '@quorate/threshold';
import { type HeldKey } from '../key-share/held-key';
import { FORMER_EPOCH_SECONDS, type KeyRing } from '../key-share/key-ring';
import { type KeyShareStore } from '../key-share/key-share-store';
import { type RoundInbox } from '../round-inbox/round-inbox';
import { type CeremonyResult } from './ceremony-ended';
import { type CeremonyOrder } from './ceremony-order';

/** A committee that failed this often stays unchecked: the key is then not usable with it. */
const MAX_ATTEMPTS = 3;
const TYPE_OFFSET = 2;

interface RunningCheck {
  readonly order: CeremonyOrder;
  /** Frames that came before this node had its own share, by member. */
  readonly early: Map<number, Frame>;
  readonly timeout: NodeJS.Timeout;
  signing?: {
    readonly key: HeldKey;
    readonly batch: PresignatureBatch;
    readonly request: SigningRequest;
    readonly shares: Map<number, OnlineShare>;
    readonly report: (result: CeremonyResult) => void;
  };
}

/**
 * The health check of a fresh key: each committee signs one message that only these nodes can choose, before the key's
 * address is published (threshold-ecdsa.md 3, R4). The members send their shares to each other, combine and verify.
 */
export class HealthChecks {
  private readonly running = new Map<string, RunningCheck>();

  constructor(
    private readonly store: EventStore,
    private readonly keys: KeyRing,
    private readonly shares: KeyShareStore,
    private readonly inbox: RoundInbox,
    private readonly sign_: FrameSigner,
    private readonly logger: Logger,
    /** Called after a commit that spent a presignature. */
    private readonly onSpent: (count: number) => void,
  ) {}

  /** Throws Refused when the committee passed before or failed too often. */
  async admit(order: CeremonyOrder): Promise<void> {
    const [row] = await this.store.transaction((tx) =>
      tx.query<{ attempts: number; passed: boolean }>(
        'SELECT attempts, passed FROM health_check WHERE key_id = $1 AND epoch = $2 AND committee = $3',
        [order.keyId, order.epoch, committeeOf(order)],
      ),
    );
    if (row?.passed) throw new Refused('config', 'this committee passed its health check before');
    if ((row?.attempts ?? 0) >= MAX_ATTEMPTS) {
      throw new Refused('config', `this committee failed ${MAX_ATTEMPTS} health checks`);
    }
  }

  /** From here on it waits for the others' shares, until the order's time is over. */
  begin(order: CeremonyOrder): void {
    const sessionId = order.sessionId.toString('hex');
    const timeout = setTimeout(() => this.running.delete(sessionId), order.notAfter * 1000 - Date.now());
    this.running.set(sessionId, { order, early: new Map(), timeout });
  }

  /** Takes the frames that carry online shares of a check; false for all others. */
  receive(sessionId: string, bytes: Buffer): boolean {
    if (bytes[TYPE_OFFSET] !== FRAME_TYPES.online) return false;
    const check = this.running.get(sessionId);
    if (check === undefined) return false;
    const known: ReadonlyMap<number, unknown> = check.signing?.shares ?? check.early;
    const frame = parseFrame(bytes);
    if (frame === undefined || known.has(frame.from) || !isSignedByMember(check.order, frame)) return true;
    if (check.signing !== undefined) this.take(sessionId, check, frame);
    else check.early.set(frame.from, frame);
    return true;
  }

  /** Spends the presignature of the check, sends this node's share and waits for the others'. */
  async sign(
    order: CeremonyOrder,
    batch: PresignatureBatch,
    report: (result: CeremonyResult) => void,
  ): Promise<void> {
    try {
      await this.signOnce(order, batch, report);
    } finally {
      batch.presignatures.forEach(wipePresignature);
    }
  }

  private async signOnce(
    order: CeremonyOrder,
    batch: PresignatureBatch,
    report: (result: CeremonyResult) => void,
  ): Promise<void> {
    const sessionId = order.sessionId.toString('hex');
    const check = this.running.get(sessionId);
    const key = this.keys.get(order.keyId);
    const [presignature] = batch.presignatures;
    if (check === undefined || key === undefined || presignature === undefined) return;
    const request = healthRequest(
      { keyId: key.keyIdBytes, epoch: key.epoch, publicKey: key.publicKey },
      presignature.presignatureId,
      batch.committee,
    );
    await this.spend(order, presignature.presignatureId, presignature.ownNoncePoint, request.message32);
    const result = onlineShare(presignature, request);
    if (result.kind === 'burn') {
      report({
        outcome: 'failed',
        failure: { failureClass: 'UNATTRIBUTED', check: 'health.burn', evidence: [] },
      });
      return;
    }
    check.signing = { key, batch, request, report, shares: new Map([[key.index, result.share]]) };
    const header = {
      suite: key.suite,
      type: FRAME_TYPES.online,
      round: 1,
      keyId: key.keyIdBytes,
      epoch: key.epoch,
      sid: order.sessionId,
      from: key.index,
      to: BROADCAST,
    };
    const frame = encodeFrame(header, encodeOnlineShare(result.share), this.sign_);
    const receivers = order.members.filter(({ index }) => index !== key.index).map(({ nodeId }) => nodeId);
    await this.inbox.send(sessionId, [{ receivers, frame }]);
    for (const early of check.early.values()) this.take(sessionId, check, early);
    this.finish(sessionId, check);
  }

  stop(): void {
    for (const { timeout } of this.running.values()) clearTimeout(timeout);
    this.running.clear();
  }

  private async spend(
    order: CeremonyOrder,
    presignatureId: Buffer,
    noncePoint: Buffer,
    message: Buffer,
  ): Promise<void> {
    await this.store.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO presignature_ledger (presignature_id, nonce_point, key_id, requester, request_id, request_hash)
         VALUES ($1, $2, $3, '', $4, $5)`,
        [presignatureId, noncePoint, order.keyId, `health:${order.sessionId.toString('hex')}`, message],
      );
      await tx.query(
        `INSERT INTO health_check (key_id, epoch, committee, attempts) VALUES ($1, $2, $3, 1)
         ON CONFLICT (key_id, epoch, committee) DO UPDATE SET attempts = health_check.attempts + 1`,
        [order.keyId, order.epoch, committeeOf(order)],
      );
    });
    this.onSpent(1);
  }

  private take(sessionId: string, check: RunningCheck, frame: Frame): void {
    const { signing } = check;
    if (signing === undefined) return;
    const isOfThisKey = frame.keyId.length === 32 && signing.key.keyIdBytes.equals(frame.keyId);
    if (frame.epoch !== signing.key.epoch || !isOfThisKey) return;
    const share = parseOnlineShare(frame.payload);
    if (share === undefined) return;
    signing.shares.set(frame.from, share);
    this.finish(sessionId, check);
  }

  private finish(sessionId: string, check: RunningCheck): void {
    const { signing, order } = check;
    const presignature = signing?.batch.presignatures[0];
    if (signing === undefined || presignature === undefined) return;
    if (!this.running.has(sessionId) || signing.shares.size < order.members.length) return;
    clearTimeout(check.timeout);
    this.running.delete(sessionId);
    try {
      const { request, shares } = signing;
      combineShares({ presignatureId: presignature.presignatureId, R: presignature.R, request, shares });
    } catch (error) {
      if (!(error instanceof ProtocolFailure || error instanceof InvalidInput)) throw error;
      const failureClass = error instanceof ProtocolFailure ? error.failureClass : 'UNATTRIBUTED';
      signing.report({ outcome: 'failed', failure: { failureClass, check: 'health.combine', evidence: [] } });
      return;
    }
    this.store
      .transaction((tx) => this.passed(tx, order, signing.key))
      .then(() => signing.report({ outcome: 'ok' }))
      .catch((error: Error) => this.logger.warn({ err: error }, 'a passed health check was not stored'));
  }

  /** With the last pair known to work, the former epoch is needed no more. */
  private async passed(
    tx: StoreTransaction,
    { keyId, epoch, ...order }: CeremonyOrder,
    key: HeldKey,
  ): Promise<void> {
    await tx.query(
      'UPDATE health_check SET passed = true WHERE key_id = $1 AND epoch = $2 AND committee = $3',
      [keyId, epoch, committeeOf(order)],
    );
    const rows = await tx.query<{ committee: string }>(
      'SELECT committee FROM health_check WHERE key_id = $1 AND epoch = $2 AND passed',
      [keyId, epoch],
    );
    const healthy = new Set(rows.flatMap(({ committee }) => committee.split(',').map(Number)));
    const isHealthy = [...key.members.keys()].every((index) => healthy.has(index));
    if (isHealthy) await this.shares.eraseBefore(tx, keyId, epoch, FORMER_EPOCH_SECONDS);
  }
}

/** Whether it is for all, and of a member of the check: nobody else's takes a place. */
function isSignedByMember({ members }: CeremonyOrder, frame: Frame): boolean {
  const sender = members.find(({ index }) => index === frame.from);
  if (sender === undefined || frame.to !== BROADCAST) return false;
  return verifyFrame(frame, ed25519PublicKey(sender.identityKey));
}

function committeeOf(order: Pick<CeremonyOrder, 'members'>): string {
  return order.members
    .map(({ index }) => index)
    .sort((a, b) => a - b)
    .join(',');
}
