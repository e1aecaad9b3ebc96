/**
 * What counts as true of the chain although one endpoint alone could be behind, forked or wrong: what became of a
 * transaction, that something is not there, that a nonce is used, that a call fails.
 */
import {
  type Call,
  type CallFailure,
  type JsonRpcEndpoint,
  type MinedTransaction,
  type Receipt,
  type Simulation,
} from '@quorate/evm';
import { Unavailable } from '@quorate/platform';

import { type BlockId } from './endpoint-events';
import { type EndpointSet } from './endpoint-set';
import { type Finality } from './finality';
import { askAll, askVoters, refusedAsNone } from './quorum-reads';

export class ChainFacts {
  /** @param quorum endpoints that must say the same. */
  constructor(
    private readonly endpoints: EndpointSet,
    private readonly quorum: number,
    private readonly finality: Finality,
    /** Told when endpoints have different receipts of a transaction. */
    private readonly onContradiction: (hash: string) => void,
  ) {}

  /**
   * The receipts of some transactions of a block that a quorum of endpoints has alike: only those.
   *
   * @throws Unavailable when no endpoint answers.
   */
  async receiptsIn(block: BlockId, hashes: readonly string[]): Promise<Receipt[]> {
    const agreed = new Map<string, Receipt>();
    await askVoters(
      this.endpoints.voters(),
      this.quorum,
      async (rpc) => byHash(await rpc.receiptsIn(block, hashes)),
      (answers, required) => {
        for (const hash of hashes) {
          const receipts = answers.flatMap((answer) => answer.get(hash) ?? []);
          const receipt = this.majority(receipts, required);
          if (receipt !== undefined) agreed.set(hash, receipt);
        }
        return agreed.size === hashes.length;
      },
    );
    return [...agreed.values()];
  }

  /**
   * The receipt of a transaction that a quorum of endpoints has alike; `absent` when a quorum that has reached the followed
   * head has none; otherwise `unknown`.
   *
   * @throws Unavailable when no endpoint answers.
   */
  async receipt(hash: string): Promise<Receipt | 'absent' | 'unknown'> {
    const height = this.endpoints.head?.number ?? 0;
    let fact: Receipt | 'absent' | undefined;
    await askVoters(
      this.endpoints.voters(),
      this.quorum,
      async (rpc, { track }) => {
        const isThere = (track.head?.number ?? -1) >= height;
        return (await rpc.receipt(hash)) ?? (isThere ? 'absent' : 'unknown');
      },
      (answers, required) => {
        const receipts = answers.filter((answer) => typeof answer !== 'string');
        const absent = answers.filter((answer) => answer === 'absent').length;
        fact = this.majority(receipts, required) ?? (absent >= required ? 'absent' : undefined);
        return fact !== undefined;
      },
    );
    return fact ?? 'unknown';
  }

  /** The receipt that a quorum gives, in what counts for an intent: where the transaction is, and whether it failed. */
  private majority(receipts: readonly Receipt[], required: number): Receipt | undefined {
    const isSame = (a: Receipt, b: Receipt) =>
      a.blockHash === b.blockHash && a.blockNumber === b.blockNumber && a.status === b.status;
    const [first] = receipts;
    if (first !== undefined && receipts.some((one) => !isSame(one, first)))
      this.onContradiction(first.transactionHash);
    return receipts.find((one) => receipts.filter((other) => isSame(one, other)).length >= required);
  }

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
    const at = tag === 'latest' ? tag : (await this.finality.latest())?.number;
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
   * What endpoints show as the transaction of `address` with this nonce, which is used at a final height: what one shows
   * alone, too, so that it has to prove itself. None when no endpoint has the history.
   */
  async spenders(address: string, nonce: bigint): Promise<MinedTransaction[]> {
    const height = (await this.finality.latest())?.number;
    if (height === undefined) return [];
    const found = await askAll(this.endpoints.members(), (endpoint) => {
      return endpoint.read((rpc) => spenderUpTo(rpc, address, nonce, height)).catch(refusedAsNone);
    });
    return found.flatMap(({ answer }) => answer ?? []);
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
}

function byHash(receipts: readonly Receipt[]): Map<string, Receipt> {
  return new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]));
}

/** The transaction that used a nonce, at most at this height, as one node says. */
async function spenderUpTo(
  rpc: JsonRpcEndpoint,
  address: string,
  nonce: bigint,
  height: number,
): Promise<MinedTransaction | undefined> {
  const isUsedAt = async (at: number) => BigInt(await rpc.transactionCount(address, at)) > nonce;
  let [unused, used] = [height, height];
  // Not far below as a rule, and nodes have less history the farther it is.
  for (let step = 1; unused > 0 && (await isUsedAt(unused)); step *= 2)
    [unused, used] = [Math.max(0, unused - step), unused];
  while (used - unused > 1) {
    const middle = Math.floor((unused + used) / 2);
    if (await isUsedAt(middle)) used = middle;
    else unused = middle;
  }
  return rpc.minedBy(address, nonce, used);
}

/** On the latest block; when it fails there, with what the pool holds, which may be what it builds on. */
async function tryOut(rpc: JsonRpcEndpoint, call: Call): Promise<Simulation> {
  const latest = await rpc.simulate(call);
  if (latest.kind === 'succeeds') return latest;
  // Some nodes have no such state.
  const pending = await rpc.simulate(call, 'pending').catch(refusedAsNone);
  return pending?.kind === 'succeeds' ? pending : latest;
}
