/** How well an endpoint answers, and what follows for its use. Pure but for the times that are given to it. */

/**
 * `healthy`: used first. `suspect`: used when no other answers. `down`: left alone for a while. `wrong-chain`: never used.
 */
export type EndpointState = 'healthy' | 'suspect' | 'down' | 'wrong-chain';

/** Failures in a row after which an endpoint is left alone. */
const failuresUntilDown = 3;
/** Calls that fail together count as one failure, in milliseconds. */
const burstMs = 250;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

/** Failures in a row of one kind of call. */
class Failures {
  count = 0;
  private lastAt = -Infinity;

  add(now: number): void {
    if (now - this.lastAt < burstMs) return;
    this.lastAt = now;
    this.count += 1;
  }

  /** When to try again; in the past while there are few. */
  get retryAt(): number {
    const beyond = this.count - failuresUntilDown;
    return beyond < 0 ? this.lastAt : this.lastAt + Math.min(longestPauseMs, firstPauseMs * 2 ** beyond);
  }
}

export class EndpointHealth {
  private reads = new Failures();
  private sends = new Failures();
  private identity: 'unknown' | 'right' | 'wrong' = 'unknown';
  private doubts = 'not asked yet';
  /** What is odd about its head; undefined when nothing is. */
  private headDoubts: string | undefined;

  /** @param sendsOnly of an endpoint that is never read from: its sends alone tell whether it is there. */
  constructor(private readonly sendsOnly = false) {}

  get state(): EndpointState {
    if (this.identity === 'wrong') return 'wrong-chain';
    if (this.deciding.count >= failuresUntilDown) return 'down';
    const doubtful = this.identity === 'unknown' || this.reads.count > 0 || this.headDoubts !== undefined;
    return doubtful || this.sends.count > 0 ? 'suspect' : 'healthy';
  }

  /** Why it is in its state; empty when it is healthy. */
  get reason(): string {
    if (this.state === 'healthy') return '';
    return this.answers ? (this.headDoubts ?? this.doubts) : this.doubts;
  }

  /** Whether it is to be asked which chain it serves: at the start, and after it was away. */
  get needsIdentity(): boolean {
    return this.identity !== 'right';
  }

  /** Whether what it says of the chain can be believed: it answers, serves our chain, and its head behaves. */
  get trusted(): boolean {
    return this.identity === 'right' && this.reads.count === 0 && this.headDoubts === undefined;
  }

  /** Whether it serves our chain: also while it fails, until it is given up. */
  get serves(): boolean {
    return this.identity === 'right';
  }

  /** Whether it has a say in what a quorum says: it serves our chain, and its head behaves. */
  get votes(): boolean {
    return this.serves && this.headDoubts === undefined;
  }

  /** Whether it answers and serves our chain. */
  get answers(): boolean {
    return this.identity === 'right' && this.reads.count === 0;
  }

  /** When it may be asked again, in milliseconds since 1970. */
  get retryAt(): number {
    return this.deciding.retryAt;
  }

  identified(): void {
    this.identity = 'right';
  }

  /** It serves another chain; asked again now and then, for that can be mended. */
  misidentified(reason: string, now: number): void {
    this.identity = 'wrong';
    this.doubts = reason;
    this.deciding.add(now);
  }

  /** It could not be found out which chain it serves. */
  unidentified(reason: string): void {
    this.identity = 'unknown';
    this.doubts = reason;
  }

  /** A read was answered properly, whatever it said. */
  readSucceeded(): void {
    this.reads = new Failures();
  }

  readFailed(reason: string, now: number): void {
    this.reads.add(now);
    this.failed(reason);
  }

  /** A transaction got an answer, whatever it said: refusals are the transaction's affair. */
  sendSucceeded(): void {
    this.sends = new Failures();
  }

  sendFailed(reason: string, now: number): void {
    this.sends.add(now);
    this.failed(reason);
  }

  /** @param doubts what is odd about its head now; undefined when nothing is. */
  judgeHead(doubts: string | undefined): void {
    this.headDoubts = doubts;
  }

  private get deciding(): Failures {
    return this.sendsOnly ? this.sends : this.reads;
  }

  private failed(reason: string): void {
    if (this.identity !== 'wrong') this.doubts = reason;
    // Behind the same name there may be another node when it comes back.
    if (this.identity === 'right' && this.deciding.count >= failuresUntilDown) this.identity = 'unknown';
  }
}
