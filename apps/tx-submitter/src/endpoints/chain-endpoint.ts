/** One JSON-RPC endpoint of a chain: asked for its head again and again, judged by how it answers. */
import { type Block, type JsonRpcEndpoint } from '@quorate/evm';
import { asQuorateError } from '@quorate/platform';

import { type ChainIdentity } from './chain-identity';
import { EndpointHealth } from './endpoint-health';
import { type Tip } from './head-agreement';
import { HeadTrack } from './head-track';
import { SendEndpoint } from './send-endpoint';

/** Milliseconds between looks at the head: a quarter of the chain's pace, within these. */
const fastestPollMs = 250;
const slowestPollMs = 2_000;

export interface ChainEndpointParts {
  rpc: JsonRpcEndpoint;
  identity: ChainIdentity;
  now: () => number;
  onChange: (endpoint: ChainEndpoint) => void;
}

export class ChainEndpoint extends SendEndpoint {
  readonly health = new EndpointHealth();
  readonly track = new HeadTrack();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly parts: ChainEndpointParts) {
    super(parts.rpc, parts.now);
  }

  /** Its head, when it has shown one. */
  get tip(): Tip | undefined {
    const { track } = this;
    if (track.head === undefined) return undefined;
    const { number, hash } = track.head;
    const hashAt = (height: number) => track.hashAt(height);
    return { endpoint: this.name, number, hash, heights: track.heights, hashAt };
  }

  /** Looks at the head until `stop`; resolves after the first look. */
  async start(): Promise<void> {
    await this.look();
    this.schedule();
  }

  override stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    super.stop();
  }

  /**
   * Asks it something; how it answers counts for its health.
   *
   * @throws Unavailable `rpc` when it does not answer properly, `rpc-refused` when it says that it will not.
   */
  async read<T>(ask: (rpc: JsonRpcEndpoint) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(this.rpc);
      this.health.readSucceeded();
      return answer;
    } catch (error) {
      const { code, message } = asQuorateError(error);
      if (code === 'rpc') this.health.readFailed(message, this.now());
      if (code === 'rpc-refused') this.health.readSucceeded();
      throw error;
    } finally {
      this.changed();
    }
  }

  /** Learns the hash of a block far below its head, to compare it with another endpoint's. */
  async learn(number: number): Promise<void> {
    const block = await this.read((rpc) => rpc.block(number)).catch(() => undefined);
    if (block !== undefined) this.track.learn(block);
    this.changed();
  }

  protected changed(): void {
    this.parts.onChange(this);
  }

  private async look(): Promise<void> {
    try {
      if (this.health.needsIdentity && !(await this.isOurs())) return;
      const head = await this.read((rpc) => rpc.block('latest'));
      if (head !== undefined) this.noteHead(head);
    } catch (error) {
      // It, or the memory of the chain, is away: it is asked again.
      const { kind, message } = asQuorateError(error);
      if (kind !== 'unavailable') throw error;
      if (this.health.needsIdentity && this.state !== 'wrong-chain') this.health.unidentified(message);
    }
  }

  private async isOurs(): Promise<boolean> {
    const verdict = await this.read((rpc) => this.parts.identity.verify(rpc));
    if (verdict.kind === 'ours') this.health.identified();
    else if (verdict.kind === 'other') this.health.misidentified(verdict.reason, this.now());
    else this.health.unidentified(verdict.reason);
    this.changed();
    return verdict.kind === 'ours';
  }

  private noteHead(head: Block): void {
    this.track.note(head, this.now());
    this.changed();
  }

  private schedule(): void {
    if (this.stopped) return;
    const pace = Math.min(slowestPollMs, Math.max(fastestPollMs, (this.track.blockMs ?? 0) / 4));
    const pause = Math.max(pace, this.health.retryAt - this.now());
    this.timer = setTimeout(() => void this.look().finally(() => this.schedule()), pause);
  }
}
