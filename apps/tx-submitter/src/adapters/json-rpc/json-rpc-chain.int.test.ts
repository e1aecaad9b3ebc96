import { attachSignature, encodeUnsignedTransaction, RpcErrorTaxonomy } from '@quorate/evm';
import { createLogger, Metrics } from '@quorate/platform';
import { parseEther, Transaction, Wallet } from 'ethers';

import { Random } from '../../../../../test/chaos/random';
import { Anvil, type AnvilOptions } from '../../../../../test/rpc-proxy/anvil';
import {
  chainIdIs,
  down,
  fails,
  headBack,
  headStuck,
  nonceOff,
  nothingThere,
  rateLimited,
  silent,
  unsupported,
} from '../../../../../test/rpc-proxy/read-faults';
import { RpcProxy } from '../../../../../test/rpc-proxy/rpc-proxy';
import * as sendFaults from '../../../../../test/rpc-proxy/send-faults';
import { type BlockId, type EndpointEvent } from '../../endpoints/endpoint-events';
import { type ChainMemory } from '../../ports/chain-memory.port';
import { errorData, gateCode } from '../../testing/contracts';
import { until } from '../../../../../test/integration/until';
import { JsonRpcChain } from './json-rpc-chain';

jest.setTimeout(60_000);

/** The first account that anvil gives money to. */
const wallet = new Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');

class TestMemory implements ChainMemory {
  private final: BlockId | undefined;

  constructor(private remembered?: string) {}

  async genesisHash(): Promise<string | undefined> {
    return this.remembered;
  }

  async rememberGenesis(_: string, hash: string): Promise<string> {
    this.remembered ??= hash;
    return this.remembered;
  }

  async finalBlock(): Promise<BlockId | undefined> {
    return this.final;
  }

  async rememberFinal(_: string, block: BlockId): Promise<void> {
    this.final = block;
  }

  async forgetFinal(): Promise<void> {
    this.final = undefined;
  }
}

describe('a chain through several endpoints', () => {
  const anvils: Anvil[] = [];
  const proxies: RpcProxy[] = [];
  let anvil: Anvil;
  let chain: JsonRpcChain | undefined;
  let events: EndpointEvent[];
  let metrics: Metrics;
  /** Milliseconds that the chain's clock is ahead. */
  let ahead: number;

  beforeEach(async () => {
    ahead = 0;
    anvil = await startAnvil();
    await anvil.mine(10);
  });
  afterEach(async () => {
    chain?.close();
    chain = undefined;
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
    await Promise.all(anvils.splice(0).map((one) => one.stop()));
  });

  async function startAnvil(options?: AnvilOptions): Promise<Anvil> {
    const started = await Anvil.start(options);
    anvils.push(started);
    return started;
  }

  async function startProxy(target = anvil): Promise<RpcProxy> {
    const proxy = await RpcProxy.start(target.url, new Random(1));
    proxies.push(proxy);
    return proxy;
  }

  function follow(
    urls: string[],
    options: { sendUrls?: string[]; memory?: ChainMemory; tag?: 'finalized' | 'none'; depth?: number } = {},
  ): JsonRpcChain {
    const { sendUrls = [], memory = new TestMemory(), tag = 'finalized', depth = 4 } = options;
    metrics = new Metrics('test');
    chain = new JsonRpcChain({
      ...{ chainId: 31337n, urls, sendUrls, memory, metrics, now: () => Date.now() + ahead },
      finality: { tag, depth },
      taxonomy: new RpcErrorTaxonomy(),
      logger: createLogger('test', 'silent'),
    });
    events = [];
    chain.onEvent((event) => events.push(event));
    return chain;
  }

  const stateOf = (proxy: RpcProxy) => {
    const host = new URL(proxy.url).host;
    const states = events.flatMap((event) =>
      event.kind === 'state' && event.endpoint === host ? [event] : [],
    );
    return states.at(-1);
  };

  async function transfer(nonce: number): Promise<{ raw: string; hash: string }> {
    const raw = await wallet.signTransaction({
      ...{ type: 2, chainId: 31337, nonce, to: wallet.address, value: parseEther('1') },
      ...{ gasLimit: 21_000, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n },
    });
    return { raw, hash: Transaction.from(raw).hash ?? '' };
  }

  const isAhead = async ({ url }: RpcProxy, blocks: number) => {
    const lag = `endpoint_head_lag_blocks{endpoint="${new URL(url).host}",service="test"} -${blocks}`;
    return (await metrics.registry.metrics()).includes(lag);
  };
  const height = async (followed: JsonRpcChain) => (await followed.block('latest'))?.number;

  it('reads on through another endpoint when one breaks, and comes back to it', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    a.on('every', down);
    expect(await followed.balance(wallet.address)).toBe(parseEther('10000'));
    await until(() => stateOf(a)?.to === 'down');
    await anvil.mine();
    await until(async () => (await height(followed)) === 11);
    const before = a.calls.length;
    a.heal();
    await until(() => stateOf(a)?.to === 'healthy');
    const methods = a.calls.slice(before).map(({ method, params }) => [method, params[0]]);
    expect(methods).toEqual(
      expect.arrayContaining([
        ['eth_chainId', undefined],
        ['eth_getBlockByNumber', '0x0'],
      ]),
    );
  });

  it('throws while nobody answers, and goes on when somebody does', async () => {
    const proxy = await startProxy();
    const followed = follow([proxy.url]);
    proxy.on('every', down);
    await expect(followed.check()).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.heal();
    await until(() => followed.head() !== undefined);
    proxy.on('every', down);
    await until(() => followed.head() === undefined);
    await expect(followed.block('latest')).rejects.toThrow(new URL(proxy.url).host);
  });

  it('never uses an endpoint of another chain, nor one whose first block is another', async () => {
    const [good, otherId] = [await startProxy(), await startProxy()];
    const otherGenesis = await startProxy(await startAnvil({ genesisTime: 1_600_000_000 }));
    otherId.on('eth_chainId', chainIdIs(1));
    const second = await startProxy();
    const followed = follow([otherId.url, otherGenesis.url, good.url, second.url]);
    await followed.check();
    await until(() => stateOf(otherId)?.to === 'wrong-chain' && stateOf(otherGenesis)?.to === 'wrong-chain');
    expect(stateOf(otherId)?.reason).toBe('it serves chain 1, not 31337');
    const { raw, hash } = await transfer(0);
    const { answers } = await followed.broadcast(raw, hash, false).all;
    expect(answers).toHaveLength(2);
    expect([...otherId.sent, ...otherGenesis.sent]).toEqual([]);
    otherId.heal();
    await until(() => stateOf(otherId)?.to === 'healthy');
  });

  it('does not take a chain that was begun anew for its own', async () => {
    const genesis = (await anvil.call('eth_getBlockByNumber', '0x0', false)) as { hash: string };
    const proxy = await startProxy();
    const followed = follow([proxy.url], { memory: new TestMemory(genesis.hash) });
    await followed.check();
    const anew = await startAnvil({ genesisTime: 1_800_000_000 });
    proxy.on('every', down);
    await until(() => stateOf(proxy)?.to === 'down');
    proxy.turnTo(anew.url);
    proxy.heal();
    await until(() => stateOf(proxy)?.to === 'wrong-chain');
    await expect(followed.block('latest')).rejects.toThrow(genesis.hash);
    expect(followed.suspicion()).toContain(genesis.hash);
    proxy.turnTo(anvil.url);
    await until(() => stateOf(proxy)?.to === 'healthy');
    expect(followed.suspicion()).toBeUndefined();
  });

  it('stops at the start when every endpoint serves another chain id', async () => {
    const followed = follow([(await startAnvil({ chainId: '5' })).url]);
    await expect(followed.check()).rejects.toMatchObject({ kind: 'fatal', code: 'chain-id' });
  });

  it('follows the chain of most, and says so when two disagree', async () => {
    const fork = await startAnvil();
    await fork.mine(9);
    await fork.mine(4, 7);
    const [a, b, c] = [await startProxy(), await startProxy(), await startProxy(fork)];
    const followed = follow([c.url, a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    expect(await metrics.registry.metrics()).toContain(
      `endpoint_state{endpoint="${new URL(c.url).host}",state="suspect",service="test"} 1`,
    );
    await until(() => followed.head()?.disputed === false);
    expect(followed.head()).toMatchObject({ number: 10 });
    b.on('every', down);
    await until(() => followed.head()?.disputed === true);
    expect(followed.head()).toMatchObject({ number: 10 });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'disagreement' }));
    expect(await followed.absent(`0x${'01'.repeat(32)}`, 0)).toBe('unknown');
    b.heal();
    await until(() => followed.head()?.disputed === false);
  });

  it('doubts a head that stands still while others go on', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    a.on('every', headStuck());
    await until(() => a.calls.some(({ fault }) => fault === 'head stuck'));
    await anvil.mine(5);
    await until(() => isAhead(b, 5));
    // Perhaps it is the other one that is wrong.
    expect(await height(followed)).toBe(10);
    expect(stateOf(a)?.to).toBe('healthy');
    ahead = 20_000;
    await anvil.mine();
    await until(() => stateOf(a)?.reason === 'its head is stuck at 10, 6 blocks behind');
    expect(await height(followed)).toBe(16);
    a.heal();
    await until(() => stateOf(a)?.to === 'healthy');
  });

  it('doubts a head that goes back', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    a.on('every', headBack(3));
    await until(() => stateOf(a)?.reason === 'its head went back from 10 to 7');
    expect(await height(followed)).toBe(10);
    a.heal();
    await until(() => stateOf(a)?.to === 'healthy');
  });

  it('knows what is absent only by two endpoints that have seen enough', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    const nothing = `0x${'01'.repeat(32)}`;
    expect(await followed.absent(nothing, 10)).toBe('absent');
    expect(await followed.absent(nothing, 11)).toBe('unknown');
    const { raw, hash } = await transfer(0);
    await followed.broadcast(raw, hash, false).all;
    for (const method of ['eth_getTransactionByHash', 'eth_getTransactionReceipt'])
      a.on(method, nothingThere);
    expect(await followed.absent(hash, 10)).toBe('present');
    const heal = b.on('eth_getTransactionByHash', silent, { times: 1 });
    expect(await followed.absent(nothing, 10)).toBe('unknown');
    heal();
    a.on('every', headStuck());
    // Where it is at the first call.
    await until(() => a.calls.some(({ fault }) => fault === 'head stuck'));
    await until(() => stateOf(b)?.to === 'healthy');
    await anvil.mine();
    await until(() => isAhead(b, 1));
    expect(await followed.absent(nothing, 11)).toBe('unknown');
    expect(await followed.absent(nothing, 10)).toBe('absent');
  });

  it('believes that a call fails when two endpoints say so, also with what their pools hold', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    const gate = `0x${'9a'.repeat(20)}`;
    await anvil.call('anvil_setCode', gate, gateCode(errorData('closed')));
    const simulate = (gas?: bigint) =>
      followed.simulate({ from: wallet.address, to: gate, value: 0n, data: '0x', gas });
    for (const gas of [undefined, 100_000n])
      expect(await simulate(gas)).toEqual({ kind: 'reverts', reason: 'execution reverted: closed' });
    for (const fault of [silent, rateLimited, unsupported]) {
      const heal = b.on('eth_call', fault);
      expect(await simulate(100_000n)).toMatchObject({ kind: 'unknown' });
      heal();
      await until(() => stateOf(b)?.to === 'healthy');
    }
    const refuse = fails('execution reverted: a lie');
    a.on('eth_call', refuse);
    b.on('eth_call', nothingThere);
    expect(await simulate(100_000n)).toMatchObject({ kind: 'unknown' });
    for (const proxy of [a, b]) proxy.heal();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    const opening = await wallet.signTransaction({
      ...{ type: 2, chainId: 31337, nonce: 0, to: gate, data: '0x01', gasLimit: 100_000 },
      ...{ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n },
    });
    await followed.broadcast(opening, Transaction.from(opening).hash ?? '', false).all;
    expect(await simulate(100_000n)).toEqual({ kind: 'succeeds', gas: 100_000n });
    await anvil.mine();
    a.on('eth_call', refuse);
    expect(await simulate(100_000n)).toEqual({ kind: 'succeeds', gas: 100_000n });
  });

  it('asks for receipts one by one where they cannot be had by block, and remembers that', async () => {
    const proxy = await startProxy();
    const followed = follow([proxy.url]);
    await followed.check();
    const sent = [await transfer(0), await transfer(1), await transfer(2)];
    for (const { raw, hash } of sent) await followed.broadcast(raw, hash, false).all;
    await anvil.mine();
    const { hash } = (await anvil.call('eth_getBlockByNumber', '0xb', false)) as { hash: string };
    const mined = { number: 11, hash };
    const hashes = sent.map(({ hash }) => hash).slice(1);
    const expected = hashes.map((transactionHash) => expect.objectContaining({ transactionHash }) as unknown);
    const asked = () => {
      const methods = proxy.calls.splice(0).map(({ method }) => method);
      return methods.filter((method) => method.endsWith('Receipts') || method.endsWith('Receipt'));
    };
    asked();
    expect(await followed.receiptsIn(mined, hashes)).toEqual(expected);
    expect(asked()).toEqual(['eth_getBlockReceipts']);
    const heal = proxy.on('eth_getBlockReceipts', rateLimited);
    await expect(followed.receiptsIn(mined, hashes)).rejects.toMatchObject({ kind: 'unavailable' });
    heal();
    await until(() => stateOf(proxy)?.to === 'healthy');
    proxy.on('eth_getBlockReceipts', unsupported);
    asked();
    for (let n = 0; n < 2; n += 1) expect(await followed.receiptsIn(mined, hashes)).toEqual(expected);
    const [first, ...others] = asked();
    expect(first).toBe('eth_getBlockReceipts');
    expect(others).toEqual(Array.from({ length: 4 }, () => 'eth_getTransactionReceipt'));
    const elsewhere = [
      { ...mined, hash: `0x${'01'.repeat(32)}` },
      { ...mined, number: 12 },
    ];
    for (const block of elsewhere) expect(await followed.receiptsIn(block, hashes)).toEqual([]);
    proxy.on('eth_getTransactionReceipt', nothingThere);
    expect(await followed.receiptsIn(mined, hashes)).toEqual([]);
  });

  it('believes that a nonce is used when two endpoints say so', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    const nonceUsed = (tag: 'latest' | 'finalized') => followed.nonceUsed(wallet.address, 0n, tag);
    expect(await nonceUsed('latest')).toBe('unused');
    a.on('eth_getTransactionCount', nonceOff(1));
    expect(await nonceUsed('latest')).toBe('unknown');
    expect(await followed.transactionCount(wallet.address)).toEqual({ agreed: 0, highest: 1 });
    a.heal();
    const { raw, hash } = await transfer(0);
    await followed.broadcast(raw, hash, false).all;
    await anvil.mine();
    expect(await nonceUsed('latest')).toBe('used');
    expect(await nonceUsed('finalized')).toBe('unused');
    b.on('eth_getTransactionCount', nonceOff(-1));
    expect(await nonceUsed('latest')).toBe('unknown');
    expect(await followed.transactionCount(wallet.address)).toEqual({ agreed: 0, highest: 1 });
    b.heal();
    expect(await followed.transactionCount(wallet.address)).toEqual({ agreed: 1, highest: 1 });
    await anvil.mine(4);
    await until(async () => (await nonceUsed('finalized')) === 'used');
  });

  it('calls final what two endpoints call final, or what lies deep enough where nobody does', async () => {
    const [a, b] = [await startProxy(), await startProxy()];
    const tagged = follow([a.url, b.url]);
    await tagged.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    expect(await tagged.finality()).toMatchObject({ number: 6 });
    a.on('eth_getBlockByNumber', headBack(2));
    expect((await tagged.finality())?.number).toBe(6);
    tagged.close();
    a.heal();
    const deep = follow([a.url, b.url], { tag: 'none', depth: 3 });
    await deep.check();
    await until(() => stateOf(a)?.to === 'healthy' && stateOf(b)?.to === 'healthy');
    expect(await deep.finality()).toMatchObject({ number: 7 });
  });

  describe('that does not have a block any more that was final', () => {
    const suspicions = () => events.filter(({ kind }) => kind === 'suspect' || kind === 'trusted');
    let memory: TestMemory;
    let followed: JsonRpcChain;
    let proxy: RpcProxy;

    beforeEach(async () => {
      memory = new TestMemory();
      proxy = await startProxy();
      followed = follow([proxy.url], { memory, tag: 'none', depth: 2 });
      await followed.check();
      expect(await followed.finality()).toMatchObject({ number: 8 });
      expect(followed.suspicion()).toBeUndefined();
    });

    const again = async (): Promise<JsonRpcChain> => {
      followed.close();
      const next = follow([proxy.url], { memory, tag: 'none', depth: 2 });
      await next.check();
      return next;
    };
    const reorganise = async () => {
      await anvil.call('anvil_reorg', 5, []);
      await anvil.mine();
      await until(async () => (await height(followed)) === 11);
    };

    it('is in doubt, also after a restart, until an operator takes it as it is', async () => {
      await reorganise();
      expect(await followed.finality()).toBeUndefined();
      expect(await followed.finality()).toBeUndefined();
      expect(suspicions()).toMatchObject([{ kind: 'suspect', cause: 'finality' }]);
      const next = await again();
      expect(await next.finality()).toBeUndefined();
      expect(next.suspicion()).toMatch(/^block 8 was final as 0x[0-9a-f]{64}, and is 0x[0-9a-f]{64} now$/);
      await next.trustAgain();
      expect(next.suspicion()).toBeUndefined();
      expect(await next.finality()).toMatchObject({ number: 9 });
      expect(suspicions()).toMatchObject([{ kind: 'suspect' }, { kind: 'trusted', by: 'operator' }]);
    });

    it('is not in doubt again over what was asked before an operator took it as it is', async () => {
      await reorganise();
      expect(await followed.finality()).toBeUndefined();
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const calls = proxy.calls.length;
      proxy.on('eth_getBlockByNumber', {
        name: 'held back',
        apply: (_call, forward) => released.then(() => forward()),
      });
      const asked = followed.finality();
      await until(() => proxy.calls.slice(calls).some(({ params: [block] }) => block === '0x8'));
      const trusted = followed.trustAgain();
      await new Promise((resolve) => setImmediate(resolve));
      release();
      expect(await asked).toBeUndefined();
      await trusted;
      expect(followed.suspicion()).toBeUndefined();
      expect(suspicions()).toMatchObject([{ kind: 'suspect' }, { kind: 'trusted', by: 'operator' }]);
    });

    it('is trusted by this process, too, when an operator told another one', async () => {
      await reorganise();
      expect(await followed.finality()).toBeUndefined();
      await memory.forgetFinal();
      expect(await followed.finality()).toMatchObject({ number: 9 });
      expect(followed.suspicion()).toBeUndefined();
    });

    it('is trusted when it has that block again', async () => {
      const elsewhere = await startAnvil();
      await elsewhere.mine(4);
      await elsewhere.mine(7, 5);
      proxy.turnTo(elsewhere.url);
      await until(async () => (await height(followed)) === 11);
      expect(await followed.finality()).toBeUndefined();
      expect(followed.suspicion()).toBeDefined();
      proxy.turnTo(anvil.url);
      await anvil.mine(3);
      await until(async () => (await height(followed)) === 13);
      expect(await followed.finality()).toMatchObject({ number: 11 });
      expect(suspicions()).toMatchObject([{ kind: 'suspect' }, { kind: 'trusted', by: 'chain' }]);
    });

    it('is in doubt when all heads stay below it', async () => {
      const behind = await startAnvil();
      await behind.mine(4);
      proxy.turnTo(behind.url);
      const next = await again();
      expect(await next.finality()).toBeUndefined();
      expect(next.suspicion()).toBeUndefined();
      ahead = 30_000;
      expect(await next.finality()).toBeUndefined();
      expect(next.suspicion()).toBe('block 8 was final, and all heads are below it now');
      await behind.mine(6);
      await until(async () => (await next.finality())?.number === 8);
      expect(next.suspicion()).toBeUndefined();
    });
  });

  it('is done with a send when the first endpoint has it, and sends to relays, too', async () => {
    const [a, b, relay] = [await startProxy(), await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url], { sendUrls: [relay.url] });
    await followed.check();
    relay.on('eth_chainId', unsupported);
    a.failSends(sendFaults.dropHang);
    b.failSends(sendFaults.reject('intrinsic gas too low'));
    const { raw, hash } = await transfer(0);
    const { first, all } = followed.broadcast(raw, hash, false);
    expect(await first).toEqual({ kind: 'pooled' });
    expect(a.calls.at(-1)?.answer?.kind === 'hang' || a.sent.length === 0).toBe(true);
    const { answers, verdict } = await all;
    expect(verdict).toEqual({ kind: 'pooled' });
    expect(answers.map((answer) => answer.verdict.kind)).toEqual(['ambiguous', 'rejected', 'accepted']);
    expect(relay.calls.map(({ method }) => method)).not.toContain('eth_getBlockByNumber');
    const text = await metrics.registry.metrics();
    const host = (proxy: RpcProxy) => new URL(proxy.url).host;
    expect(text).toContain(
      `broadcast_result_total{endpoint="${host(b)}",class="intrinsic-gas",service="test"} 1`,
    );
    expect(text).toContain('contradictory_verdict_total{service="test"} 1');
    expect(text).toContain(`endpoint_state{endpoint="${host(relay)}",state="healthy",service="test"} 1`);
    expect(text).toContain(`endpoint_head_lag_blocks{endpoint="${host(a)}",service="test"} 0`);
  });

  it.each(sendFaults.acceptedSilently)('does not know what became of a send after $name', async (fault) => {
    const [a, b] = [await startProxy(), await startProxy()];
    const followed = follow([a.url, b.url]);
    await followed.check();
    a.failSends(fault);
    b.failSends(sendFaults.reject('transaction underpriced'));
    const { raw, hash } = await transfer(0);
    expect((await followed.broadcast(raw, hash, false).all).verdict).toEqual({ kind: 'maybe-sent' });
    for (const proxy of [a, b]) {
      proxy.heal();
      proxy.failSends(sendFaults.reject('transaction underpriced'));
    }
    await until(() => stateOf(a)?.to !== 'down');
    const again = await followed.broadcast(raw, hash, false).all;
    expect(again.verdict).toMatchObject({ kind: 'rejected', reason: 'underpriced' });
  });

  it('prices by gas price on a chain without a base fee, whose nodes take transactions of type 0', async () => {
    const berlin = await startAnvil({ hardfork: 'berlin' });
    await berlin.mine();
    const followed = follow([berlin.url]);
    await followed.check();
    const head = await followed.block('latest');
    const market = head && (await followed.feeMarket(head));
    if (market?.kind !== 'gas-price') throw new Error(`the market is ${JSON.stringify(market?.kind)}`);
    expect(market.gasPrice).toBeGreaterThan(0n);
    const unsigned = encodeUnsignedTransaction({
      ...{ chainId: 31337, nonce: 0, to: wallet.address, value: 1n, data: '0x', gasLimit: 21_000n },
      gasPrice: market.gasPrice,
    });
    const { r, s, yParity } = wallet.signingKey.sign(unsigned.digest);
    const { raw, hash } = attachSignature(unsigned.unsigned, { r, s, yParity });
    await followed.broadcast(raw, hash, false).all;
    await berlin.mine();
    await until(async () => (await followed.receipt(hash)) !== 'absent');
    expect(await followed.receipt(hash)).toMatchObject({ status: 'success' });
  });

  it('does not blame an endpoint for refusing transactions', async () => {
    const proxy = await startProxy();
    const followed = follow([proxy.url]);
    await followed.check();
    await until(() => stateOf(proxy)?.to === 'healthy');
    const random = new Random(3);
    for (const means of ['underpriced', 'malformed', 'nonce-used', 'known'] as const) {
      const heal = proxy.failSends(sendFaults.rejectAs(means, random));
      const { raw, hash } = await transfer(0);
      await followed.broadcast(raw, hash, false).all;
      heal();
    }
    expect(stateOf(proxy)?.to).toBe('healthy');
    proxy.failSends(sendFaults.drop503);
    const { raw, hash } = await transfer(0);
    await followed.broadcast(raw, hash, false).all;
    expect(stateOf(proxy)).toMatchObject({ to: 'suspect', reason: 'server error' });
  });

  it('fingerprints and counts what no rule knows', async () => {
    const proxy = await startProxy();
    const followed = follow([proxy.url]);
    await followed.check();
    proxy.failSends(sendFaults.acceptThenUnknownText);
    const { raw, hash } = await transfer(0);
    const { verdict } = await followed.broadcast(raw, hash, false).all;
    expect(verdict).toEqual({ kind: 'maybe-sent' });
    expect(await metrics.registry.metrics()).toMatch(
      /unknown_error_total\{fingerprint="[0-9a-f]{8}",service="test"\} 1/,
    );
  });
});
