/**
 * The rule of halt and resume (docs/halt.md), the same at every node and coordinator. A halt has an id; a resume names
 * the ids that it ends; an id that was ended never halts again. So the state is two growing sets, and whoever has seen
 * the same records is in the same state: in whatever order they came, however often, over whichever path. Only a command
 * that names no halts itself ends what it was first used for, and is spent then.
 */
import { type HaltFacts, type ResumeFacts } from '@quorate/protocol';

export type Halt = HaltFacts;

export type HaltChange =
  ({ readonly kind: 'halt' } & HaltFacts) | ({ readonly kind: 'resume' } & ResumeFacts);

/** What somebody is about to do, and in whose name. */
export interface HaltSubject {
  readonly keyId: string;
  /** The requester, and the requester of the intent inside; none for what serves nobody yet, such as presigning. */
  readonly requesters: readonly string[];
}

/** What is halted, as far as its owner has heard. */
export class HaltRegister {
  /** By scope, then by id. */
  private readonly halted = new Map<string, Map<string, Halt>>();
  private readonly ended = new Set<string>();
  /** By one-time command what it was used for. */
  private readonly oneTime = new Map<string, ReadonlySet<string>>();

  constructor(changes: Iterable<HaltChange> = []) {
    for (const change of changes) this.apply(change);
  }

  /** Whether the register would know more with it. */
  isNews(change: HaltChange): boolean {
    const { scope } = change;
    if (change.kind === 'resume') {
      // Spent even where it finds nothing to end: it must not end anything later.
      if (change.oneTime !== undefined) return !this.oneTime.has(change.oneTime);
      return change.halts.some((haltId) => !this.ended.has(nameOf(scope, haltId)));
    }
    const { haltId } = change;
    return !this.ended.has(nameOf(scope, haltId)) && this.halted.get(scope)?.has(haltId) !== true;
  }

  /** Whether it is a one-time command that was used to end other halts. */
  isSpent(change: HaltChange): boolean {
    if (change.kind === 'halt' || change.oneTime === undefined) return false;
    const ended = this.oneTime.get(change.oneTime);
    return ended !== undefined && change.halts.some((haltId) => !ended.has(haltId));
  }

  /** @returns whether the register knows more than before */
  apply(change: HaltChange): boolean {
    if (!this.isNews(change)) return false;
    if (change.kind === 'halt') this.halt(change);
    else this.resume(change);
    return true;
  }

  isClear(): boolean {
    return this.halted.size === 0;
  }

  /** Every halt that is in force. */
  active(): Halt[] {
    return [...this.halted.values()].flatMap((ofScope) => [...ofScope.values()]);
  }

  /** A halt that forbids it; undefined when there is none. */
  covering({ keyId, requesters }: HaltSubject): Halt | undefined {
    if (this.isClear()) return undefined;
    const scopes = ['all', `key:${keyId}`, ...requesters.map((requester) => `requester:${requester}`)];
    for (const scope of scopes) {
      const [halt] = this.halted.get(scope)?.values() ?? [];
      if (halt !== undefined) return halt;
    }
    return undefined;
  }

  private halt({ haltId, scope, reason, by }: Halt): void {
    const ofScope = this.halted.get(scope) ?? new Map<string, Halt>();
    this.halted.set(scope, ofScope.set(haltId, { haltId, scope, reason, by }));
  }

  private resume({ scope, halts, oneTime }: ResumeFacts): void {
    if (oneTime !== undefined) this.oneTime.set(oneTime, new Set(halts));
    const ofScope = this.halted.get(scope);
    for (const haltId of halts) {
      this.ended.add(nameOf(scope, haltId));
      ofScope?.delete(haltId);
    }
    if (ofScope?.size === 0) this.halted.delete(scope);
  }
}

/** A halt is its id in its scope: an id that somebody used for another scope says nothing about this one. */
function nameOf(scope: string, haltId: string): string {
  return `${haltId} ${scope}`;
}
