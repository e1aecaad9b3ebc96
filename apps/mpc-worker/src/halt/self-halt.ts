import { randomBytes, randomUUID } from 'node:crypto';
import { type DurableHalts } from '@quorate/halts';
import { type Logger } from '@quorate/platform';
import { type HaltStateInput, toHex } from '@quorate/protocol';
import { type NodeIdentity } from '../identity/node-identity';

const MINUTE_MS = 60_000;
/** Requesters that are counted at a time: names of refused tasks may be invented. */
const MOST_REQUESTERS = 1_000;
/** What speaks of an attack. A refusal because of a halt or of a spent presignature does not. */
const SUSPICIOUS = new Set(['policy', 'unauthorized', 'invalid']);

/** When the node halts by itself. */
export interface SelfHaltRules {
  /** Refusals of one requester within a minute; 0: never. */
  readonly refusalsPerMinute: number;
  /** Policy rules of which one refusal is enough, such as `value-window`. */
  readonly rules: readonly string[];
  /** What is halted then: the requester, or everything. */
  readonly scope: 'requester' | 'all';
}

export interface CountedRefusal {
  readonly requester: string;
  readonly code: string;
  readonly rule?: string;
}

/** Watches this node's own refusals and halts the node by itself: for itself only, and resumed by operators like any halt. */
export class SelfHalt {
  /** Times of each requester's last refusals, the requester refused longest ago first. */
  private readonly times = new Map<string, number[]>();

  constructor(
    private readonly rules: SelfHaltRules,
    private readonly identity: NodeIdentity,
    private readonly halts: Pick<DurableHalts, 'covering' | 'take'>,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  refused(refusal: CountedRefusal): void {
    if (!SUSPICIOUS.has(refusal.code)) return;
    const reason = this.reasonOf(refusal);
    if (reason === undefined) return;
    const { requester } = refusal;
    this.times.delete(requester);
    if (this.halts.covering({ keyId: '', requesters: [requester] }) !== undefined) return;
    this.halt(this.rules.scope === 'all' ? 'all' : `requester:${requester}`, reason);
  }

  private reasonOf({ requester, rule }: CountedRefusal): string | undefined {
    if (rule !== undefined && this.rules.rules.includes(rule))
      return `a request of ${requester} broke rule ${rule}`;
    const { refusalsPerMinute } = this.rules;
    if (refusalsPerMinute === 0 || this.count(requester) < refusalsPerMinute) return undefined;
    return `${refusalsPerMinute} requests of ${requester} were refused within a minute`;
  }

  /** Refusals of the requester within the last minute, this one included. */
  private count(requester: string): number {
    const now = this.now();
    const times = (this.times.get(requester) ?? []).filter((time) => time > now - MINUTE_MS);
    times.push(now);
    this.times.delete(requester);
    this.times.set(requester, times);
    const [oldest] = this.times.keys();
    if (this.times.size > MOST_REQUESTERS && oldest !== undefined) this.times.delete(oldest);
    return times.length;
  }

  private halt(scope: string, reason: string): void {
    const { identity } = this;
    const halt = { haltId: toHex(randomBytes(32)), scope, reason, by: identity.nodeId };
    const state: HaltStateInput = {
      type: 'quorate.state.halt.v1',
      id: randomUUID(),
      ...halt,
      at: new Date(this.now()).toISOString(),
    };
    const topic = identity.topics.state(identity.nodeId);
    const record = identity.record(topic, 'state', `halt:${halt.haltId}`, state);
    this.logger.error({ scope, reason }, 'this node halts by itself');
    this.halts
      .take({ kind: 'halt', ...halt }, { publish: record })
      .catch((error: Error) => this.logger.error({ err: error }, 'the halt holds, but only until a restart'));
  }
}
