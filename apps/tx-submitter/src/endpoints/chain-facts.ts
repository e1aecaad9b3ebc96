/**
 * What counts as true of the chain although one endpoint alone could be behind, forked or wrong: that something is not
 * there, that a nonce is used, that a call fails, what is final.
 */
import { type Call, type CallFailure, type JsonRpcEndpoint, type Simulation } from '@quorate/evm';
import { Unavailable } from '@quorate/platform';

import { type ChainEndpoint } from './chain-endpoint';
import { type BlockId } from './endpoint-events';
import { type EndpointSet } from './endpoint-set';

/** When a block is final: by the node's tag, or so many blocks below the head where there is no such tag. */
export interface FinalityRule {
  tag: 'finalized' | 'safe' | 'none';
  depth: number;
}

export class ChainFacts {
  /** The last block that was final. */
  private final: BlockId | undefined;
  /** The hash that took its place, when that was told. */
  private regressionTold: string | undefined;

  /** @param quorum endpoints that must say the same. */
  constructor(
    private readonly endpoints: EndpointSet,
    private readonly quorum: number,
    private readonly rule: FinalityRule,
  ) {}

  /**
   * Whether a transaction is neither mined nor pooled. `present` when any endpoint has it; `absent` when a quorum of
   * endpoints whose heads are at least at `sinceHeight` has neither it nor its receipt; otherwise `unknown`.
   */
  async absent(hash: string, sinceHeight: number): Promise<'absent' | 'present' | 'unknown'> {
    const witnesses = new Set(this.endpoints.witnesses(sinceHeight));
    const answers = await askAll(this.endpoints.members(), async (endpoint) => {
      const [known, receipt] = await Promise.all([
        endpoint.read((rpc) => rpc.knowsTransaction(hash)),
        endpoint.read((rpc) => rpc.receipt(hash)),
      ]);
      return known || receipt !== undefined;
    });
    if (answers.some(({ answer }) => answer)) return 'present';
    return answers.filter(({ endpoint }) => witnesses.has(endpoint)).length >= this.quorum
      ? 'absent'
      : 'unknown';
  }

  /**
   * Whether a mined transaction of `address` has this nonce: `used` when a quorum of endpoints says so, `unused` when a
   * quorum says that none has and nobody else says otherwise.
   */
  async nonceUsed(
    address: string,
    nonce: bigint,
    tag: 'latest' | 'finalized',
  ): Promise<'used' | 'unused' | 'unknown'> {
    const at = tag === 'latest' ? tag : (await this.finality())?.number;
    if (at === undefined) return 'unknown';
    const witnesses = this.endpoints.witnesses(at === 'latest' ? 0 : at);
    const answers = await askAll(witnesses, async (endpoint) => {
      return BigInt(await endpoint.read((rpc) => rpc.transactionCount(address, at))) > nonce;
    });
    const used = answers.filter(({ answer }) => answer).length;
    if (used >= this.quorum) return 'used';
    return used === 0 && answers.length >= this.quorum ? 'unused' : 'unknown';
  }

  /**
   * What would become of a call now. It fails when a quorum of endpoints says so, and succeeds when one does before that;
   * `unknown` when neither is said, with why.
   */
  async simulate(call: Call): Promise<Simulation | { kind: 'unknown'; reason: string }> {
    const failures: CallFailure[] = [];
    let reason = this.endpoints.nobody().message;
    for (const endpoint of this.endpoints.members()) {
      try {
        const answer = await endpoint.read((rpc) => tryOut(rpc, call));
        if (answer.kind === 'succeeds') return answer;
        reason = `${answer.reason}, as ${endpoint.name} alone says`;
        if (endpoint.health.trusted) failures.push(answer);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        reason = error.message;
      }
      const [first] = failures;
      if (first !== undefined && failures.length >= this.quorum) return first;
    }
    return { kind: 'unknown', reason };
  }

  /**
   * The highest block that a quorum of endpoints calls final; undefined while it cannot be told. It never goes back: when
   * the chain shows another block at a height that was final, the answer is undefined and an event says so.
   */
  async finality(): Promise<BlockId | undefined> {
    const height = await this.finalHeight();
    if (height === undefined) return undefined;
    const block = await this.agreedBlock(height);
    if (block === undefined || (await this.regressed(block))) return undefined;
    if (this.final === undefined || block.number > this.final.number) this.final = block;
    return this.final;
  }

  private async finalHeight(): Promise<number | undefined> {
    const { tag, depth } = this.rule;
    if (tag !== 'none') {
      const heights = await askAll(this.endpoints.witnesses(0), (endpoint) => {
        return endpoint.read((rpc) => rpc.block(tag)).catch(refusedAsNone);
      });
      const tagged = heights.flatMap(({ answer }) => (answer === undefined ? [] : [answer.number]));
      if (tagged.length > 0) return tagged.sort((a, b) => b - a)[this.quorum - 1];
      if (heights.length === 0) return undefined;
    }
    const head = this.endpoints.head?.number;
    return head === undefined || head < depth ? undefined : head - depth;
  }

  /** The block at a height, when a quorum shows the same one and nobody another. */
  private async agreedBlock(height: number): Promise<BlockId | undefined> {
    const blocks = await askAll(this.endpoints.witnesses(height), (endpoint) => {
      return endpoint.read((rpc) => rpc.block(height));
    });
    const shown = blocks.flatMap(({ answer }) => answer ?? []);
    const [first] = shown;
    if (first === undefined || shown.length < this.quorum) return undefined;
    if (shown.some(({ hash }) => hash !== first.hash)) return undefined;
    return { number: first.number, hash: first.hash };
  }

  private async regressed(block: BlockId): Promise<boolean> {
    const { final } = this;
    if (final === undefined) return false;
    const now = block.number === final.number ? block : await this.agreedBlock(final.number);
    if (now === undefined) return true; // nobody can show it just now
    if (now.hash === final.hash) return false;
    if (this.regressionTold !== now.hash)
      this.endpoints.emit({ kind: 'finality-regressed', was: final, now });
    this.regressionTold = now.hash;
    return true;
  }
}

/** On the latest block; when it fails there, with what the pool holds, which may be what it builds on. */
async function tryOut(rpc: JsonRpcEndpoint, call: Call): Promise<Simulation> {
  const latest = await rpc.simulate(call);
  if (latest.kind === 'succeeds') return latest;
  // Some nodes have no such state.
  const pending = await rpc.simulate(call, 'pending').catch(refusedAsNone);
  return pending?.kind === 'succeeds' ? pending : latest;
}

/** The answers of the endpoints that give one. */
async function askAll<T>(
  endpoints: readonly ChainEndpoint[],
  ask: (endpoint: ChainEndpoint) => Promise<T>,
): Promise<{ endpoint: ChainEndpoint; answer: T }[]> {
  const settled = await Promise.allSettled(
    endpoints.map(async (endpoint) => ({ endpoint, answer: await ask(endpoint) })),
  );
  return settled.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value];
    if (result.reason instanceof Unavailable) return [];
    throw result.reason;
  });
}

/** A node that does not know the tag says so in an error. */
function refusedAsNone(error: unknown): undefined {
  if (error instanceof Unavailable && error.code === 'rpc-refused') return undefined;
  throw error;
}
