/** How long answers take, and who owes one. Memory only: another coordinator, or a later life, starts to listen anew. */

/** A node is given at least this long: the shares of one attempt wait that long for each other before they are combined. */
const LEAST_PATIENCE_MS = 250;
const MOST_PATIENCE_MS = 1_000;
/** Patience is this many times what 99 of 100 answers take. */
const TIMES_USUAL = 3;
const SAMPLES = 256;
const RECKON_EVERY = 16;

/**
 * Listens to the nodes' answers. A node is quiet when it owes an answer and has said nothing at all for longer than
 * answers usually take, while others were heard: then it is dead, stopped or cut off. A node that is merely busy goes on
 * answering what it was asked before, and a coordinator that hears nobody has itself, or the broker, to blame.
 */
export class Pulse {
  /** When each attempt was given out. */
  private readonly askedAt = new Map<string, number>();
  /** By node the attempts that wait for it, the oldest first. */
  private readonly owed = new Map<string, Set<string>>();
  private readonly heardAt = new Map<string, number>();
  /** By attempt when each node answered it. */
  private readonly answeredAt = new Map<string, Map<string, number>>();
  private readonly answerTimes: number[] = [];
  private answers = 0;
  private patience = MOST_PATIENCE_MS;

  constructor(private readonly now: () => number) {}

  /** An attempt was given to these nodes. */
  asked(attempt: string, nodes: readonly string[]): void {
    this.askedAt.set(attempt, this.now());
    this.answeredAt.set(attempt, new Map());
    for (const node of nodes) this.owed.set(node, (this.owed.get(node) ?? new Set()).add(attempt));
  }

  /**
   * The node said something about this attempt.
   * @returns whether this was the answer that was waited for here
   */
  heard(node: string, attempt: string): boolean {
    const now = this.now();
    this.heardAt.set(node, now);
    if (this.owed.get(node)?.delete(attempt) !== true) return false;
    this.answeredAt.get(attempt)?.set(node, now);
    this.learn(now - (this.askedAt.get(attempt) ?? now));
    return true;
  }

  /** Nobody waits for this attempt any more. */
  forget(attempt: string): void {
    this.askedAt.delete(attempt);
    this.answeredAt.delete(attempt);
    for (const attempts of this.owed.values()) attempts.delete(attempt);
  }

  /** How long an answer is waited for before others are asked, in ms: adapts to the answers of late. */
  patienceMs(): number {
    return this.patience;
  }

  /** How long the attempt is under way, in ms; undefined when this coordinator did not give it out. */
  ageOf(attempt: string): number | undefined {
    const askedAt = this.askedAt.get(attempt);
    return askedAt === undefined ? undefined : this.now() - askedAt;
  }

  /**
   * How long ago the node's answer to an attempt of this coordinator was heard, in ms, whether it is stored yet or not;
   * undefined when it was not.
   */
  sinceAnswer(node: string, attempt: string): number | undefined {
    const answeredAt = this.answeredAt.get(attempt)?.get(node);
    return answeredAt === undefined ? undefined : this.now() - answeredAt;
  }

  /** For how long the node says nothing though it owes an answer, in ms; undefined while that means nothing. */
  silenceOf(node: string): number | undefined {
    const [oldest] = this.owed.get(node) ?? [];
    const askedAt = oldest === undefined ? undefined : this.askedAt.get(oldest);
    if (askedAt === undefined) return undefined;
    const since = Math.max(askedAt, this.heardAt.get(node) ?? 0);
    const isAnyoneHeard = [...this.heardAt].some(([other, at]) => other !== node && at > since);
    const silence = this.now() - since;
    return isAnyoneHeard && silence >= this.patience ? silence : undefined;
  }

  /** How many answers the node owes. */
  owedBy(node: string): number {
    return this.owed.get(node)?.size ?? 0;
  }

  private learn(answerMs: number): void {
    this.answerTimes[this.answers++ % SAMPLES] = answerMs;
    if (this.answers % RECKON_EVERY !== 0) return;
    const sorted = [...this.answerTimes].sort((a, b) => a - b);
    const usual = sorted[Math.floor(sorted.length * 0.99)] ?? MOST_PATIENCE_MS;
    this.patience = Math.min(MOST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, TIMES_USUAL * usual));
  }
}
