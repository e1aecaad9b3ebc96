/** One JSON-RPC endpoint of a chain: asked for its head again and again, judged by how it answers. */
import { type Block, type JsonRpcEndpoint, type SendVerdict } from '@quorate/evm';
import { asQuorateError } from '@quorate/platform';

import { type ChainIdentity } from './chain-identity';
import { EndpointHealth, type EndpointState } from './endpoint-health';
import { type SendTarget } from './fan-out';
import { type Tip } from './head-agreement';
import { HeadTrack } from './head-track';

/** Milliseconds between looks at the head: a quarter of the chain's pace, within these. */
const fastestPollMs = 250;
const slowestPollMs = 2_000;

export interface ChainEndpointParts {
  rpc: JsonRpcEndpoint;
  identity: ChainIdentity;
  now: () => number;
  /** Called after everything that may have changed its head or its state. */
  onChange: (endpoint: ChainEndpoint) => void;
}

export class ChainEndpoint implements SendTarget {
  readonly health = new EndpointHealth();
  readonly track = new HeadTrack();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly parts: ChainEndpointParts) {}

  get name(): string {
    return this.parts.rpc.name;
  }

  get state(): EndpointState {
    return this.health.state;
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

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.parts.rpc.close();
  }

  /**
   * Asks it something; how it answers counts for its health.
   *
   * @throws Unavailable `rpc` when it does not answer properly, `rpc-refused` when it says that it will not.
   */
  async read<T>(ask: (rpc: JsonRpcEndpoint) => Promise<T>): Promise<T> {
    try {
      const answer = await ask(this.parts.rpc);
      this.health.readSucceeded();
      return answer;
    } catch (error) {
      const { code, message } = asQuorateError(error);
      if (code === 'rpc') this.health.readFailed(message, this.parts.now());
      if (code === 'rpc-refused') this.health.readSucceeded();
      throw error;
    } finally {
      this.parts.onChange(this);
    }
  }

  async send(raw: string, hash: string): Promise<SendVerdict> {
    const verdict = await this.parts.rpc.send(raw, hash);
    if (verdict.kind === 'ambiguous' && verdict.endpointFailed)
      this.health.sendFailed(verdict.message, this.parts.now());
    else this.health.sendSucceeded();
    this.parts.onChange(this);
    return verdict;
  }

  /** Learns the hash of a block far below its head, to compare it with another endpoint's. */
  async learn(number: number): Promise<void> {
    const block = await this.read((rpc) => rpc.block(number)).catch(() => undefined);
    if (block !== undefined) this.track.learn(block);
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
    else if (verdict.kind === 'other') this.health.misidentified(verdict.reason, this.parts.now());
    else this.health.unidentified(verdict.reason);
    this.parts.onChange(this);
    return verdict.kind === 'ours';
  }

  private noteHead(head: Block): void {
    this.track.note(head, this.parts.now());
    this.parts.onChange(this);
  }

  private schedule(): void {
    if (this.stopped) return;
    const pace = Math.min(slowestPollMs, Math.max(fastestPollMs, (this.track.blockMs ?? 0) / 4));
    const pause = Math.max(pace, this.health.retryAt - this.parts.now());
    this.timer = setTimeout(() => void this.look().finally(() => this.schedule()), pause);
  }
}
