/** The endpoints of one chain together: which chain they agree on, and who of them can be asked. */
import { type Block, JsonRpcEndpoint, type RpcErrorTaxonomy } from '@quorate/evm';
import { Unavailable } from '@quorate/platform';

import { ChainEndpoint } from './chain-endpoint';
import { type ChainIdentity } from './chain-identity';
import { type EndpointEvent, type EndpointListener } from './endpoint-events';
import { type EndpointState } from './endpoint-health';
import { type EndpointReading } from './endpoint-metrics';
import { type SendTarget } from './fan-out';
import { agree, type Agreement, compare, type Tip } from './head-agreement';
import { RelayEndpoint } from './relay-endpoint';

/**
 * A head is stuck when it has not risen for so long, so far (blocks) behind others, until it has caught up. So long is the
 * time in which it usually rises so many times, within these limits (milliseconds).
 */
const stuckAfterPauses = 4;
const stuckAfterMs = 15_000;
const longestStuckMs = 60_000;
const stuckBlocks = 3;

export interface EndpointSetParts {
  chainId: bigint;
  /** Endpoints that are read from and sent to. */
  urls: string[];
  /** Endpoints that are sent to only. */
  sendUrls: string[];
  /** Endpoints that must have reached a head before it is followed. */
  quorum: number;
  identity: ChainIdentity;
  taxonomy: RpcErrorTaxonomy;
  now: () => number;
}

export class EndpointSet {
  private readonly readers: Map<string, ChainEndpoint>;
  private readonly relays: RelayEndpoint[];
  private readonly listeners: EndpointListener[] = [];
  private readonly states = new Map<string, EndpointState>();
  private readonly seen = new Map<string, string>();
  /** The height that an endpoint was last asked for, to compare it with another. */
  private readonly asked = new Map<string, number>();
  /** Endpoints whose heads are stuck. */
  private readonly stuck = new Set<string>();
  private agreement: Agreement = { members: [], apart: [], disputed: false };
  /** The head that is followed, and when it last rose at the endpoint that showed it. */
  private followed: { head: Block; advancedAt: number } | undefined;

  constructor(private readonly parts: EndpointSetParts) {
    const { chainId, urls, sendUrls, identity, taxonomy, now } = parts;
    const names = uniqueNames([...urls, ...sendUrls]);
    const rpcs = [...urls, ...sendUrls].map((url, i) => {
      return new JsonRpcEndpoint(url, { name: names[i] ?? 'endpoint', taxonomy });
    });
    const readers = rpcs.slice(0, urls.length).map((rpc) => {
      return new ChainEndpoint({ rpc, identity, now, onChange: (endpoint) => this.changed(endpoint) });
    });
    this.readers = new Map(readers.map((endpoint) => [endpoint.name, endpoint]));
    this.relays = rpcs.slice(urls.length).map((rpc) => {
      return new RelayEndpoint({ rpc, chainId, now, onChange: (relay) => this.tell(relay) });
    });
  }

  onEvent(listener: EndpointListener): void {
    this.listeners.push(listener);
  }

  /** Begins to follow the heads; resolves when every endpoint has answered, or failed, once. */
  async start(): Promise<void> {
    await Promise.all([...this.readers.values(), ...this.relays].map((endpoint) => endpoint.start()));
  }

  stop(): void {
    for (const endpoint of [...this.readers.values(), ...this.relays]) endpoint.stop();
  }

  /**
   * The highest block that a quorum of the endpoints that have a say has reached: one alone that is far ahead may have made
   * it up. Undefined while no endpoint answers.
   */
  get head(): Block | undefined {
    return this.members().length === 0 ? undefined : this.followed?.head;
  }

  /** When the followed head last rose, in milliseconds since 1970. */
  get headAdvancedAt(): number | undefined {
    return this.followed?.advancedAt;
  }

  /** Whether endpoints show different chains, and none more than another. */
  get disputed(): boolean {
    return this.agreement.disputed;
  }

  /** Endpoints on the followed chain, in the order in which they are asked. */
  members(): ChainEndpoint[] {
    const endpoints = this.agreement.members.flatMap(({ endpoint }) => this.readers.get(endpoint) ?? []);
    const answering = endpoints.filter(({ health }) => health.answers);
    return [
      ...answering.filter(({ health }) => health.trusted),
      ...answering.filter(({ health }) => !health.trusted),
    ];
  }

  /** Endpoints of the followed chain that have a say in what a quorum says, highest head first; those that fail just now, too. */
  voters(): ChainEndpoint[] {
    const endpoints = this.agreement.members.flatMap(({ endpoint }) => this.readers.get(endpoint) ?? []);
    const voters = endpoints.filter(({ health }) => health.votes);
    return voters.length > 0 ? voters : this.members();
  }

  /** Endpoints whose word counts for what is not there: trusted, on the followed chain, their heads at least this high. */
  witnesses(sinceHeight: number): ChainEndpoint[] {
    return this.members().filter(
      ({ health, track }) => health.trusted && (track.head?.number ?? -1) >= sinceHeight,
    );
  }

  /** Endpoints that a transaction is sent to; those that are away only when all are. */
  targets(): SendTarget[] {
    const ours = [...this.readers.values()].filter(({ state }) => state !== 'wrong-chain');
    const relays = this.relays.filter(({ health, state }) => {
      return state === 'healthy' || state === 'suspect' || health.retryAt <= this.parts.now();
    });
    const present = ours.filter(({ state }) => state !== 'down');
    return [...(present.length > 0 ? present : ours), ...relays];
  }

  /**
   * Asks the endpoints of the followed chain one after the other, highest head first, until one answers.
   *
   * @throws Unavailable when none does.
   */
  async read<T>(ask: (rpc: JsonRpcEndpoint) => Promise<T>): Promise<T> {
    let failure: unknown = this.nobody();
    for (const endpoint of this.members()) {
      try {
        return await endpoint.read(ask);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Why no endpoint can be asked. */
  nobody(): Unavailable {
    const reasons = [...this.readers.values()].map(
      ({ name, state, health }) => `${name} is ${state}${health.reason === '' ? '' : ` (${health.reason})`}`,
    );
    return new Unavailable('rpc', `No endpoint of RPC_URLS can be asked: ${reasons.join('; ')}.`);
  }

  /** Whether every endpoint that said which chain it serves, serves another. */
  get allElsewhere(): boolean {
    return [...this.readers.values()].every(({ state }) => state === 'wrong-chain');
  }

  readings(): EndpointReading[] {
    const height = this.head?.number;
    const readers = [...this.readers.values()].map(({ name, state, track }) => {
      const own = track.head?.number;
      return { name, state, lag: height === undefined || own === undefined ? undefined : height - own };
    });
    return [...readers, ...this.relays.map(({ name, state }) => ({ name, state, lag: undefined }))];
  }

  emit(event: EndpointEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private changed(endpoint: ChainEndpoint): void {
    const { health, track, name } = endpoint;
    const now = `${endpoint.state} ${health.answers} ${track.head?.hash} ${track.known}`;
    if (this.seen.get(name) === now) return;
    this.seen.set(name, now);
    this.settle();
  }

  private settle(): void {
    const tips = [...this.readers.values()].flatMap((endpoint) => {
      return endpoint.health.serves && endpoint.tip !== undefined ? [endpoint.tip] : [];
    });
    const before = this.agreement;
    this.agreement = agree(tips, this.followed?.head);
    const [leader] = this.agreement.members;
    const abreast = this.abreast();
    for (const endpoint of this.readers.values()) {
      endpoint.health.judgeHead(this.doubtsAbout(endpoint, leader, abreast));
      this.tell(endpoint);
    }
    this.follow();
    if (leader !== undefined) this.compareFarTips(leader);
    if (this.agreement.disputed && !before.disputed) {
      const heads = tips.map(({ endpoint, number, hash }) => ({ endpoint, number, hash }));
      this.emit({ kind: 'disagreement', heads });
    }
    if (before.disputed && !this.agreement.disputed) this.emit({ kind: 'agreement' });
  }

  /** Takes over the highest head that a quorum has reached; a few blocks below the followed one it is only late. */
  private follow(): void {
    const voters = this.voters();
    const track = voters[Math.min(this.parts.quorum, voters.length) - 1]?.track;
    if (track?.head === undefined) return;
    if (this.followed !== undefined && this.isLate(track.head, this.followed.head, voters)) return;
    this.followed = { head: track.head, advancedAt: track.advancedAt };
  }

  private isLate(head: Block, { number, hash }: Block, voters: readonly ChainEndpoint[]): boolean {
    const lag = number - head.number;
    return lag > 0 && lag < stuckBlocks && voters.some(({ track }) => track.hashAt(number) === hash);
  }

  /** The height that others are measured against: of more than two, the highest cannot make all others late. */
  private abreast(): number | undefined {
    const voters = this.voters();
    return voters[voters.length > 2 ? 1 : 0]?.track.head?.number;
  }

  private doubtsAbout(
    { name, track }: ChainEndpoint,
    leader: Tip | undefined,
    abreast = 0,
  ): string | undefined {
    const { head, fellFrom, advancedAt } = track;
    if (head === undefined) return 'it has shown no head yet';
    if (leader === undefined) return undefined;
    if (fellFrom !== undefined) return `its head went back from ${fellFrom} to ${head.number}`;
    const apart = this.agreement.apart.find(({ endpoint }) => endpoint === name);
    if (apart !== undefined) {
      return compare(leader, apart) === 'other'
        ? `it shows another chain than ${leader.endpoint}: block ${head.number} is ${head.hash}`
        : `its head ${head.number} is far from ${leader.number} of ${leader.endpoint}, and not compared yet`;
    }
    const lag = abreast - head.number;
    if (lag < stuckBlocks) {
      this.stuck.delete(name);
      return undefined;
    }
    const patience = Math.min(
      longestStuckMs,
      Math.max(stuckAfterMs, stuckAfterPauses * (track.blockMs ?? 0)),
    );
    if (!this.stuck.has(name) && this.parts.now() - advancedAt < patience) return undefined;
    this.stuck.add(name);
    return `its head is stuck at ${head.number}, ${lag} blocks behind`;
  }

  /** Heads far from each other share no block that both have told: the higher endpoint is asked for the lower's. */
  private compareFarTips(leader: Tip): void {
    for (const tip of this.agreement.apart) {
      if (compare(leader, tip) !== 'unknown') continue;
      const [high, low] = leader.number > tip.number ? [leader, tip] : [tip, leader];
      if (this.asked.get(high.endpoint) === low.number) continue;
      this.asked.set(high.endpoint, low.number);
      void this.readers.get(high.endpoint)?.learn(low.number);
    }
  }

  private tell({ name, state, health }: ChainEndpoint | RelayEndpoint): void {
    const from = this.states.get(name) ?? 'suspect';
    if (from === state) return;
    this.states.set(name, state);
    this.emit({ kind: 'state', endpoint: name, from, to: state, reason: health.reason });
  }
}

/** Host and port of each URL; with a number when several are the same. */
function uniqueNames(urls: readonly string[]): string[] {
  const hosts = urls.map((url) => new URL(url).host);
  return hosts.map((host, i) => {
    const before = hosts.slice(0, i).filter((other) => other === host).length;
    return before === 0 ? host : `${host}#${before + 1}`;
  });
}
