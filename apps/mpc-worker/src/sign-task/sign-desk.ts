import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { addressOf } from '@quorate/evm';
import { describeHalt, type DurableHalts } from '@quorate/halts';
import {
  childSpan,
  Conflict,
  type Logger,
  TokenBuckets,
  type TraceSpan,
  Unavailable,
} from '@quorate/platform';
import { checkExpiry, toHex } from '@quorate/protocol';
import { ChildKeyCache, InvalidInput, isEcdsaSuite, parsePath, schemeOf } from '@quorate/threshold';
import { type DatabaseHold } from '../database/database-hold';
import { type CountedRefusal } from '../halt/self-halt';
import { type NodeIdentity } from '../identity/node-identity';
import { type HeldKey } from '../key-share/held-key';
import { type KeyRing } from '../key-share/key-ring';
import { type PolicySource } from '../policy/policy-source';
import { type PresignaturePool } from '../presignature-pool/presignature-pool';
import { Admissions } from './admission';
import { type AssessedRequest, assessTask, expired, type Refusal, type SignTask } from './assess';
import { type LedgerEntry, spend } from './ledger';
import { ownShare, type Signer } from './own-share';
import { type Refused, type Signable, SignAnswers } from './sign-answers';

/** Tasks that share one commit. */
const BATCH = 64;
/** Of tasks that wait: thousands of ordinary ones, or some hundred of the largest. */
const MOST_WAITING_BYTES = 32 * 1024 * 1024;
const TASK_OVERHEAD_BYTES = 2_048;
/** Refusals that get an event although no requester signed the request: who may invent requests fills no database. */
const UNSIGNED_EVENTS = { perSecond: 1, burst: 60 };

interface WaitingTask {
  readonly task: SignTask;
  /** By `performance.now()`. */
  readonly takenAt: number;
  /** Until the answer is committed. */
  readonly span: TraceSpan | undefined;
}

/** What one commit answers. */
interface Assessed {
  readonly signable: readonly Signable[];
  readonly refused: readonly Refused[];
  /** The node's clock, as it was assessed. */
  readonly now: Date;
}

/** What is stored of these requests, and what is answered to them. */
interface Books {
  readonly admissions: Admissions;
  readonly answers: SignAnswers;
}

interface Answered {
  /** How many presignatures were spent. */
  readonly spent: number;
  readonly refused: readonly Refused[];
}

/** Parts of the node that signing needs. */
export interface SignDeskParts {
  readonly identity: NodeIdentity;
  readonly store: EventStore;
  readonly hold: Pick<DatabaseHold, 'whenHeld'>;
  readonly keys: KeyRing;
  readonly pool: PresignaturePool;
  readonly policy: PolicySource;
  readonly halts: Pick<DurableHalts, 'covering'>;
  readonly logger: Logger;
  /** Called for each refusal, once it is stored. */
  readonly onRefused: (refusal: CountedRefusal) => void;
  /** Called after each commit with the number of presignatures it spent. */
  readonly onSpent: (count: number) => void;
  /** Called after each commit with how long each of its tasks was here, in milliseconds. */
  readonly onAnswered?: ((waited: readonly number[]) => void) | undefined;
}

/**
 * Online signing of this node: verifies each task by itself, spends the presignature and binds nonce and intent in one
 * commit, and lets the share leave only after it. Tasks that wait share a commit.
 */
export class SignDesk {
  private readonly waiting: WaitingTask[] = [];
  private waitingBytes = 0;
  /** By key: every epoch of it has the same children. */
  private readonly children = new Map<string, ChildKeyCache>();
  private readonly unsignedEvents = new TokenBuckets(UNSIGNED_EVENTS, () => performance.now());
  private working = false;

  constructor(private readonly parts: SignDeskParts) {}

  /**
   * Answers on mpc.partials, with a share or a refusal.
   * @throws Unavailable `busy` when too much waits here: nothing of the task is kept
   */
  take(task: SignTask): void {
    const bytes = sizeOf(task);
    if (this.waitingBytes + bytes > MOST_WAITING_BYTES) {
      throw new Unavailable('busy', 'too many sign tasks wait at this node');
    }
    this.waitingBytes += bytes;
    const { traceparent, ...asked } = task;
    const span = childSpan('node.sign', traceparent, { attributes: { 'quorate.task': task.taskId } });
    this.waiting.push({
      // What others wrote there goes no further: below is only what this node made of it.
      task: span === undefined ? asked : { ...asked, traceparent: span.traceparent },
      takenAt: performance.now(),
      span,
    });
    if (this.working) return;
    this.working = true;
    // After what is going on now, so that tasks that came together share the first commit as well.
    setImmediate(() => void this.work());
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const taken = this.waiting.splice(0, BATCH);
      const tasks = taken.map(({ task }) => task);
      this.waitingBytes -= tasks.reduce((sum, task) => sum + sizeOf(task), 0);
      try {
        await this.answer(tasks);
        const now = performance.now();
        this.parts.onAnswered?.(taken.map(({ takenAt }) => now - takenAt));
        for (const { span } of taken) span?.end();
      } catch (error) {
        // The coordinator asks again or takes another committee; what was spent stays spent.
        this.parts.logger.error({ err: error as Error, tasks: tasks.length }, 'sign tasks were not answered');
        for (const { span } of taken) span?.fail('not-answered');
      }
    }
    this.working = false;
  }

  private async answer(tasks: readonly SignTask[]): Promise<void> {
    // Before anything is decided: the database may have been away for longer than a request lives.
    await this.parts.hold.whenHeld();
    const policy = this.parts.policy.current();
    const now = new Date();
    const scheme = (keyId: string) => {
      const key = this.parts.keys.newest(keyId);
      return key && schemeOf(key.suite);
    };
    const refused: Refused[] = [];
    const signable: Signable[] = [];
    for (const task of tasks) {
      const verifying = childSpan('node.verify', task.traceparent);
      const assessment = assessTask(task, policy, now, scheme);
      verifying?.end();
      if (!assessment.ok) {
        const { refusal, requestHash, isSigned } = assessment;
        const isOffTheRecord = !isSigned && this.unsignedEvents.take('unsigned') > 0;
        const answer = { task, requestHash, correlationId: task.requestId, refusal, spent: false };
        refused.push({ ...answer, isOffTheRecord });
        continue;
      }
      const prepared = this.prepare(task, assessment.request);
      if ('refusal' in prepared) refused.push(prepared);
      else signable.push(prepared);
    }
    const spending = signable.map(({ task }) => childSpan('node.spend', task.traceparent));
    const answered = await this.store({ signable, refused, now });
    for (const span of spending) span?.end();
    this.parts.onSpent(answered.spent);
    for (const { task, refusal } of answered.refused)
      this.parts.onRefused({ requester: task.requester, ...refusal });
  }

  /** Finds presignature, key and what signs; nothing is taken yet. */
  private prepare(task: SignTask, request: AssessedRequest): Signable | Refused {
    const { keys, pool } = this.parts;
    const refuse = (code: string, reason: string): Refused => ({
      task,
      requestHash: request.requestHash,
      correlationId: request.correlationId,
      refusal: { code, reason },
      spent: false,
    });
    const batch = pool.find(task.presignatureId);
    if (batch !== undefined && batch.keyId !== request.keyId) {
      return refuse('unknown-presignature', 'the presignature belongs to another key');
    }
    // The presignature decides: while an epoch begins, those of the former one are still signed with.
    const key = batch === undefined ? keys.get(request.keyId) : keys.at(request.keyId, batch.epoch);
    const signer = key && this.signerOf(key, request.path);
    if (key === undefined || signer === undefined) {
      return refuse('unknown-key', `this node holds no share of key ${request.keyId}`);
    }
    if ('refusal' in signer) return refuse('invalid', signer.refusal);
    const address = signer.kind === 'ecdsa' ? addressOf(signer.child.publicKey) : toHex(key.publicKey);
    return { task, request, key, signer, address, presignatureId: task.presignatureId };
  }

  private signerOf(key: HeldKey, path: string): Signer | { readonly refusal: string } | undefined {
    if (!isEcdsaSuite(key.suite)) {
      const share = this.parts.keys.signingShare(key);
      return share && { kind: 'schnorr', share };
    }
    try {
      const child = this.childrenOf(key).derive(parsePath(path));
      return { kind: 'ecdsa', publicKey: key.publicKey, child };
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      return { refusal: error.message };
    }
  }

  private async store(assessed: Assessed): Promise<Answered> {
    const { store, identity } = this.parts;
    const { signable, refused, now } = assessed;
    if (refused.length === 0 && signable.every((candidate) => this.isTakenForFirst(candidate))) {
      try {
        return await store.transaction((tx) => {
          const answers = SignAnswers.toNewRequests(tx, identity);
          return Promise.resolve(
            this.answerAll(tx, assessed, { admissions: Admissions.ofNothing(), answers }),
          );
        });
      } catch (error) {
        // What was spent stays spent, and no share of it has left: what follows is refused for that.
        if (!(error instanceof Conflict) || error.code !== 'version') throw error;
      }
    }
    return store.transaction(async (tx) => {
      const identities = [...signable.map(({ request }) => request), ...refused.map(({ task }) => task)];
      const [admissions, answers] = await Promise.all([
        Admissions.load(tx, signable, now),
        SignAnswers.load(tx, identity, identities),
      ]);
      return this.answerAll(tx, assessed, { admissions, answers });
    });
  }

  /**
   * Whether nothing is stored that could keep this from being signed, unless the coordinator errs: the first attempt at a
   * request that binds no nonce and charges no window. Whatever was stored of the request before would be in the stream
   * that the answer begins: then the commit fails, and no share leaves.
   */
  private isTakenForFirst({ task, request }: Signable): boolean {
    const { transaction, cancellation, charges } = request;
    const isUnbound = transaction === undefined && cancellation === undefined && charges.length === 0;
    return isUnbound && task.attempt === 1 && this.parts.pool.find(task.presignatureId) !== undefined;
  }

  private answerAll(
    tx: StoreTransaction,
    { signable, refused: assessedAsRefused, now }: Assessed,
    { admissions, answers }: Books,
  ): Answered {
    const entries: LedgerEntry[] = [];
    const refused = [...assessedAsRefused];
    for (const candidate of signable) {
      const outcome = this.sign({ admissions, answers }, candidate);
      if (outcome === undefined) continue;
      if ('refusal' in outcome) refused.push(outcome);
      else entries.push(outcome);
    }
    const charged = admissions.chargesOf(entries.map(({ request }) => request));
    if (entries.length > 0) spend(tx, entries, charged, now);
    for (const refusal of refused) answers.refuse(refusal);
    return { spent: entries.length, refused };
  }

  private sign({ admissions, answers }: Books, candidate: Signable): LedgerEntry | Refused | undefined {
    const { task, request, signer } = candidate;
    const refuse = (refusal: Refusal, spent: boolean): Refused => ({
      task,
      requestHash: request.requestHash,
      correlationId: request.correlationId,
      refusal,
      spent,
    });
    const missing = { code: 'unknown-presignature', reason: 'this node does not have the presignature' };
    if (admissions.wasAnswered(candidate)) return undefined;
    if (this.parts.pool.find(task.presignatureId) === undefined) return refuse(missing, true);
    const refusal = lateness(request) ?? this.haltOf(request) ?? admissions.admit(candidate);
    if (refusal !== undefined) return refuse(refusal, false);
    const taken = this.parts.pool.take(task.presignatureId);
    if (taken === undefined) return refuse(missing, true);
    const share = ownShare(taken.oneShot, signer, { ...request, committee: taken.batch.committeeIndices });
    if (share === undefined) {
      return refuse({ code: 'burnt', reason: 'no signature can come from this presignature' }, true);
    }
    answers.issue(candidate, taken.batch, share);
    return { ...candidate, ownNoncePoint: share.ownNoncePoint };
  }

  /** Asked within the commit: a halt stops what waited in the batch, too. */
  private haltOf({ keyId, requester, intent }: AssessedRequest): Refusal | undefined {
    const requesters = intent === undefined ? [requester] : [requester, intent.requester];
    const halt = this.parts.halts.covering({ keyId, requesters });
    return halt === undefined ? undefined : { code: 'halted', reason: describeHalt(halt) };
  }

  private childrenOf(key: HeldKey): ChildKeyCache {
    const known = this.children.get(key.keyId);
    if (known !== undefined) return known;
    const cache = new ChildKeyCache(key.publicKey, key.chainCode);
    this.children.set(key.keyId, cache);
    return cache;
  }
}

/** Asked within the commit, too: it begins when the database answers. */
function lateness({ expiresAt }: AssessedRequest): Refusal | undefined {
  return checkExpiry(expiresAt, new Date()) === 'expired' ? expired(expiresAt) : undefined;
}

function sizeOf({ value, jws, approvals }: SignTask): number {
  return TASK_OVERHEAD_BYTES + value.length + jws.length + approvals.length;
}
