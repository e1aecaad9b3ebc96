import { type ServerUnaryCall, status } from '@grpc/grpc-js';
import { setTimeout as pause } from 'node:timers/promises';
import { type EventStore } from '@quorate/event-store';
import { type EpochChange } from '../key-registry/epoch-change';
import { type KeyCreation } from '../key-registry/key-creation';
import { type KeyRegistry } from '../key-registry/key-registry';
import { type KeyRetirement } from '../key-registry/key-retirement';
import { type OrderDesk } from '../key-registry/order-desk';
import { type PairRekey } from '../key-registry/pair-rekey';
import { type Confirmation, refusalsIn } from '../node-session/node-confirmations';
import { type NodeReports } from '../node-session/node-reports';
import { type Clock } from '../ports/clock.port';
import { type KeyLife, type KeyLives } from '../ports/key-lives.port';
import { isEnded, type KeyOrder } from '../ports/key-orders.port';
import { ControlError } from './control-error';
import {
  type CreateKeyRequest,
  type KeyChecks,
  type ReshareKeyRequest,
  type RetireKeyRequest,
  type UnbanPairRequest,
} from './key-checks';
import { type KeyMessage, type KeyMessages } from './key-message';

const LOOK_EVERY_MS = 100;
/** A usable key whose nodes have not published it by then is returned all the same. */
const PUBLICATION_MS = 10_000;
/** Nodes that have not confirmed the end of a key by then are named in the answer. */
const RETIREMENT_MS = 5_000;
/** How long a finished re-key may take to show in the nodes' heartbeats. */
const HEARTBEAT_MS = 10_000;
/** The nodes refuse a refresh without operators this soon after another one. */
const REFRESH_PAUSE_MS = 10 * 60_000;

type Call<Q, A = KeyMessage> = ServerUnaryCall<Q, A>;

/** The calls about keys. Each returns when what it asks for is done, or has failed; the same command joins the first. */
export class KeyCalls {
  constructor(
    private readonly store: EventStore,
    private readonly checks: KeyChecks,
    private readonly messages: KeyMessages,
    private readonly keys: KeyRegistry,
    private readonly lives: KeyLives,
    private readonly desk: OrderDesk,
    private readonly creation: KeyCreation,
    private readonly change: EpochChange,
    private readonly retirement: KeyRetirement,
    private readonly rekey: PairRekey,
    private readonly reports: NodeReports,
    private readonly clock: Clock,
  ) {}

  async create(call: Call<CreateKeyRequest>): Promise<KeyMessage> {
    const wanted = this.checks.creationOf(call.request);
    const known = await this.knownOrder(wanted);
    if (known === undefined) this.checks.checkOnline(wanted.participants);
    const order = await this.ended(call, known ?? (await this.creation.order(wanted)));
    if (order.status === 'failed' || order.facts === null) {
      throw new ControlError(status.ABORTED, `no key was made: ${order.failure ?? 'unknown reason'}`);
    }
    return this.published(order.facts.keyId);
  }

  async refresh(call: Call<{ keyId: string }>): Promise<KeyMessage> {
    await this.keys.refresh();
    const { keyId } = this.checks.keyInUse(call.request.keyId);
    const life = await this.lifeOf(keyId);
    const known = await this.desk.openChange(keyId);
    if (known?.kind === 'reshare') throw busy(keyId);
    if (known === undefined) {
      this.checkRefreshRate(life.refreshedAt);
      this.checks.checkOnline(life.certified.participants);
    }
    const order = known ?? (await this.change.order(this.change.refreshOf(life.certified)));
    return this.changed(call, keyId, order);
  }

  async reshare(call: Call<ReshareKeyRequest>): Promise<KeyMessage> {
    await this.keys.refresh();
    const wanted = this.checks.reshareOf(call.request);
    const keyId = call.request.keyId;
    const known = await this.knownOrder(wanted);
    if (known === undefined) {
      this.checks.checkEpoch(wanted.epoch, (await this.lifeOf(keyId)).certified.epoch);
      this.checks.checkOnline(wanted.participants);
      this.checks.checkDealers(keyId);
    }
    return this.changed(call, keyId, known ?? (await this.change.order(wanted)));
  }

  /**
   * The nodes first: a key that they do not end goes on here, too. Returns when every node that is there has confirmed, or
   * names those that have not.
   */
  async retire({ request }: Call<RetireKeyRequest>): Promise<KeyMessage> {
    await this.keys.refresh();
    const { keyId } = request;
    const { certified, retirement: earlier } = await this.lifeOf(keyId);
    const retirement = this.checks.retirementOf(request, certified.epoch);
    if (earlier === null) checkConfirmed(await this.retirement.ask(certified.participants, retirement));
    await this.retirement.retire(keyId, retirement);
    await this.waitFor(RETIREMENT_MS, () => this.keys.unconfirmedRetirements(keyId).length === 0);
    return this.get(keyId);
  }

  async unban(call: Call<UnbanPairRequest, object>): Promise<object> {
    await this.keys.refresh();
    const wanted = this.checks.unbanOf(call.request);
    const known = await this.knownOrder(wanted);
    if (known === undefined) {
      this.checks.checkEpoch(wanted.epoch, (await this.lifeOf(call.request.keyId)).certified.epoch);
      this.checks.checkOnline(wanted.participants);
    }
    const order = await this.ended(call, known ?? (await this.rekey.order(wanted)));
    if (order.status === 'failed') {
      throw new ControlError(status.ABORTED, `the pair was not re-keyed: ${order.failure ?? ''}`);
    }
    await this.waitFor(
      HEARTBEAT_MS,
      () => !this.reports.hasDeadPair(call.request.keyId, wanted.participants),
    );
    return {};
  }

  /** @throws ControlError NOT_FOUND */
  async get(keyId: string): Promise<KeyMessage> {
    await this.keys.refresh();
    const key = this.keys.known(keyId);
    if (key === undefined) throw new ControlError(status.NOT_FOUND, `there is no key ${keyId}`);
    return this.messages.of(key);
  }

  async list(): Promise<{ keys: KeyMessage[] }> {
    await this.keys.refresh();
    return { keys: await Promise.all(this.keys.everyKey().map((key) => this.messages.of(key))) };
  }

  private async lifeOf(keyId: string): Promise<KeyLife> {
    const life = await this.store.transaction((tx) => this.lives.find(tx, keyId), { durable: false });
    if (life === undefined) throw new ControlError(status.NOT_FOUND, `there is no key ${keyId}`);
    return life;
  }

  private async changed<Q>(call: Call<Q>, keyId: string, started: KeyOrder | undefined): Promise<KeyMessage> {
    if (started === undefined) throw busy(keyId);
    const order = await this.ended(call, started);
    if (order.status === 'failed') {
      const reason = order.failure ?? 'unknown reason';
      throw new ControlError(status.ABORTED, `the key keeps its shares of epoch ${order.epoch}: ${reason}`);
    }
    return this.published(keyId);
  }

  private async knownOrder(wanted: KeyOrder): Promise<KeyOrder | undefined> {
    const known = await this.desk.find(wanted.nonce);
    if (known !== undefined && !known.command.equals(wanted.command)) {
      throw new ControlError(status.ALREADY_EXISTS, 'another command has used this nonce');
    }
    return known;
  }

  private async ended<Q, A>(call: Call<Q, A>, started: KeyOrder): Promise<KeyOrder> {
    let order = started;
    while (!isEnded(order)) {
      await pause(LOOK_EVERY_MS);
      if (call.cancelled)
        throw new ControlError(status.CANCELLED, 'the call was cancelled; the work goes on');
      order = (await this.desk.find(order.nonce)) ?? order;
    }
    return order;
  }

  private async published(keyId: string): Promise<KeyMessage> {
    await this.keys.refresh();
    await this.waitFor(PUBLICATION_MS, () => this.keys.isPublished(keyId));
    const key = this.keys.usable(keyId);
    if (key === undefined) {
      throw new ControlError(status.INTERNAL, `the key ${keyId} cannot be used: see the coordinator's log`);
    }
    return this.messages.of(key);
  }

  private async waitFor(limitMs: number, condition: () => boolean): Promise<void> {
    for (let waited = 0; !condition() && waited < limitMs; waited += LOOK_EVERY_MS) {
      await pause(LOOK_EVERY_MS);
    }
  }

  private checkRefreshRate(refreshedAt: Date | null): void {
    const next = (refreshedAt?.getTime() ?? 0) + REFRESH_PAUSE_MS;
    if (next <= this.clock.now().getTime()) return;
    throw new ControlError(
      status.FAILED_PRECONDITION,
      `the key was refreshed a moment ago; the nodes allow the next refresh at ${new Date(next).toISOString()}`,
    );
  }
}

/** @throws ControlError unless more nodes have ended the key than refuse to */
function checkConfirmed(confirmations: readonly Confirmation[]): void {
  const of = (wanted: Confirmation['state']) => confirmations.filter(({ state }) => state === wanted);
  const [confirmed, refused] = [of('confirmed'), of('refused')];
  if (confirmed.length > refused.length) return;
  if (refused.length === 0) {
    const away = confirmations.map(({ nodeId }) => nodeId).join(', ');
    throw new ControlError(
      status.UNAVAILABLE,
      `no node of the key answers (${away}): repeat the same command`,
    );
  }
  const said = refusalsIn(confirmations);
  const ended = confirmed.map(({ nodeId }) => nodeId).join(', ');
  throw new ControlError(
    status.PERMISSION_DENIED,
    `the key is not retired: ${said}${ended && `; it has ended at ${ended}`}`,
  );
}

function busy(keyId: string): ControlError {
  return new ControlError(
    status.FAILED_PRECONDITION,
    `new shares of ${keyId} are under way; wait until they are in use: quorate keys show ${keyId}`,
  );
}
