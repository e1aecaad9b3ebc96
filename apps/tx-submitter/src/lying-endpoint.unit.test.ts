import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import { type Block, RpcErrorTaxonomy } from '@quorate/evm';
import { createLogger, Metrics } from '@quorate/platform';

import { until } from '../../../test/integration/until';
import { JsonRpcChain } from './adapters/json-rpc/json-rpc-chain';
import { HeadWatcher } from './broadcast/head-watcher';
import { InFlight } from './broadcast/in-flight';
import { type Observation } from './broadcast/observations';
import { type IntentCommand } from './intent/commands';
import { decide } from './intent/decide/decide';
import { evolve } from './intent/evolve';
import { type IntentState, unknownIntent } from './intent/intent';

jest.setTimeout(30_000);

/** Answers a call: `null` when there is no such thing. */
type Node = (method: string, params: readonly unknown[]) => unknown;

const ours = `0x${'aa'.repeat(32)}`;
const hex = (value: number) => `0x${value.toString(16)}`;
const hashOf = (height: number, fork = '') =>
  `0x${fork}${hex(height)
    .slice(2)
    .padStart(64 - fork.length, '0')}`;
const receiptAt = (height: number) => ({
  ...{ transactionHash: ours, blockHash: hashOf(height), blockNumber: hex(height), status: '0x1' },
  ...{ gasUsed: '0x5208', effectiveGasPrice: '0x1' },
});

describe('one lying endpoint of three', () => {
  const servers: Server[] = [];
  let chain: JsonRpcChain;
  let watcher: HeadWatcher | undefined;
  let inFlight: InFlight;
  let seen: Observation[];
  let state: IntentState;
  /** The chain's head, and the block that holds our transaction. */
  let head: number;
  let minedAt: number | undefined;

  beforeEach(() => {
    [head, minedAt] = [100, undefined];
    seen = [];
    const terms = { keyId: 'k', chainId: '31337', confirmations: 2, expiresAt: '2099-01-01T00:00:00Z' };
    state = unknownIntent;
    const commands: IntentCommand[] = [
      {
        ...{ kind: 'receive', intentHash: '0x01', value: 'e30=', jws: 'a..b', approvals: [], terms },
        ...{ now: 0, servedChainId: '31337' },
      },
      { kind: 'authorize', key: { found: true, from: '0x35' } },
      {
        ...{ kind: 'reserve', nonce: '0', gasLimit: '21000', digest: '0xd1', requestId: 'r0' },
        ...{ maxFeePerGas: '9', maxPriorityFeePerGas: '1' },
      },
      { kind: 'accept-signature', attempt: 0, requestId: 'r0', hash: ours },
    ];
    commands.forEach(apply);
  });
  afterEach(() => {
    watcher?.stop();
    watcher = undefined;
    chain.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  function apply(command: IntentCommand): void {
    state = decide(command, state).reduce(evolve, state);
  }

  const blockAt = (height: number) => ({
    ...{ number: hex(height), hash: hashOf(height), parentHash: hashOf(Math.max(0, height - 1)) },
    ...{ baseFeePerGas: '0x64', gasUsed: '0x0', gasLimit: '0x1c9c380' },
    transactions: height === minedAt ? [ours] : [],
  });
  const honest: Node = (method, [at]) => {
    const isMined = minedAt !== undefined && minedAt <= head;
    switch (method) {
      case 'eth_chainId':
        return '0x7a69';
      case 'eth_getBlockByNumber': {
        const height = at === 'latest' ? head : at === 'finalized' ? head - 10 : Number(at);
        return height <= head ? blockAt(height) : null;
      }
      case 'eth_getTransactionCount':
        return '0x7';
      case 'eth_maxPriorityFeePerGas':
        return '0x1';
      case 'eth_getTransactionReceipt':
        return isMined ? receiptAt(minedAt ?? 0) : null;
      case 'eth_getBlockReceipts':
        return isMined && (at as { blockHash: string }).blockHash === hashOf(minedAt ?? 0)
          ? [receiptAt(minedAt ?? 0)]
          : [];
      default:
        return null;
    }
  };

  async function serve(node: Node): Promise<string> {
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        const { id, method, params } = body as { id: number; method: string; params: unknown[] };
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: node(method, params) }));
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Follows the chain through a liar, asked first, and two others, whose answers differ from honest ones only where given. */
  async function follow(liar: Node, other: Node = honest): Promise<void> {
    const metrics = new Metrics('test');
    chain = new JsonRpcChain({
      ...{
        chainId: 31337n,
        urls: [await serve(liar), await serve(other), await serve(honest)],
        sendUrls: [],
      },
      ...{ metrics, now: () => Date.now(), finality: { tag: 'finalized', depth: 4 } },
      ...{ taxonomy: new RpcErrorTaxonomy(), logger: createLogger('test', 'silent') },
      memory: {
        genesisHash: () => Promise.resolve(undefined),
        rememberGenesis: (_, hash) => Promise.resolve(hash),
        finalBlock: () => Promise.resolve(undefined),
        rememberFinal: () => Promise.resolve(),
        forgetFinal: () => Promise.resolve(),
      },
    });
    await chain.check();
    await until(
      async () => (await metrics.registry.metrics()).match(/state="healthy"[^}]*\} 1/g)?.length === 3,
    );
  }

  /** Watches our transaction, until the watcher has taken in the head of the chain. */
  async function watch(included?: { number: number; hash: string }): Promise<void> {
    inFlight = new InFlight();
    const flight = inFlight.add({
      ...{ identity: { requester: 'a', intentId: 'i' }, lane: { chainId: '31337', address: '0x35' } },
      ...{ nonce: 0n, confirmations: 2, n: 0, kind: 'cancel', hash: ours, raw: '0x' },
    });
    if (included !== undefined) flight.inclusion = { hash: ours, block: included };
    watcher = new HeadWatcher({
      ...{ chain, chainId: '31337', inFlight, logger: createLogger('test', 'silent'), now: () => Date.now() },
      store: {} as never,
      leases: { holder: undefined, holds: () => true },
      observations: {
        apply: async (observations: Observation[]) => {
          seen.push(...observations);
          for (const { command } of observations) apply(command);
          return new Map();
        },
      } as never,
      broadcaster: { sendAgain: () => undefined } as never,
      ...{ onHead: () => undefined, onReorg: () => undefined, onState: () => undefined },
      onFatal: (error) => {
        throw error;
      },
    });
    watcher.start();
    await taken();
  }
  const taken = () => until(() => Promise.resolve(watcher?.head?.number === head));

  async function grow(): Promise<void> {
    head += 1;
    await taken();
  }

  it('includes nothing that no other has, nor ends it', async () => {
    await follow((method, params) => {
      const invented = { ...receiptAt(80), blockHash: hashOf(80, 'bad') };
      if (method === 'eth_getTransactionReceipt') return invented;
      if (method === 'eth_getBlockReceipts') return [invented];
      if (method !== 'eth_getBlockByNumber' || params[0] !== hex(80)) return honest(method, params);
      return { ...blockAt(80), hash: hashOf(80, 'bad'), transactions: [ours] };
    });
    await watch();
    for (let n = 0; n < 3; n++) await grow();
    expect(seen).toEqual([]);
  });

  it('moves no transaction to another height', async () => {
    const low = { blockNumber: '0x1' };
    await follow((method, params) => {
      const answer = honest(method, params);
      if (method === 'eth_getBlockReceipts') return (answer as object[]).map((one) => ({ ...one, ...low }));
      return method === 'eth_getTransactionReceipt' && answer !== null ? { ...answer, ...low } : answer;
    });
    await watch();
    minedAt = 101;
    await grow();
    await until(() => Promise.resolve(state.stage === 'active' && state.inclusion !== undefined));
    expect(state).toMatchObject({ inclusion: { block: { number: '101' }, isConfirmed: false } });
    await grow();
    expect(state).toMatchObject({ stage: 'active', inclusion: { isConfirmed: true } });
  });

  it.each(['eth_getTransactionReceipt', 'eth_getBlockReceipts'])(
    'turns no success into a failure by %s',
    async (method) => {
      const failed = (one: unknown) => ({ ...(one as object), status: '0x0' });
      await follow((asked, params) => {
        const answer = honest(asked, params);
        if (asked !== method || answer === null) return answer;
        return Array.isArray(answer) ? answer.map(failed) : failed(answer);
      });
      if (method === 'eth_getTransactionReceipt') minedAt = 80;
      await watch();
      minedAt ??= 101;
      for (let n = 0; n < 12; n++) await grow();
      expect(seen.map(({ command }) => command)).toContainEqual(
        expect.objectContaining({ kind: 'note-inclusion', status: 'success' }),
      );
      expect(state).toMatchObject({ stage: 'ended', end: 'finalized' });
    },
  );

  it('hides no inclusion with one of another block', async () => {
    minedAt = 80;
    await follow((method, params) => {
      const answer = honest(method, params);
      return method === 'eth_getTransactionReceipt'
        ? { ...(answer as object), blockHash: hashOf(80, 'bad') }
        : answer;
    });
    await watch({ number: 80, hash: hashOf(80) });
    expect(seen.map(({ command: { kind } }) => kind)).not.toContain('note-reorg');
    expect(state).toMatchObject({ stage: 'ended' });
  });

  it('decides nothing while another fails for a moment', async () => {
    let fails = false;
    await follow(
      (method, params) => {
        const answer = honest(method, params);
        return method === 'eth_getTransactionReceipt' ? { ...(answer as object), status: '0x0' } : answer;
      },
      (method, params) => {
        const isReceipt = method.endsWith('Receipt') || method.endsWith('Receipts');
        return fails && isReceipt ? 'nonsense' : honest(method, params);
      },
    );
    [minedAt, fails] = [80, true];
    await watch();
    expect(seen).toEqual([]);
    fails = false;
    await until(() => Promise.resolve(seen.length > 0));
    expect(seen[0]?.command).toMatchObject({ kind: 'note-inclusion', status: 'success' });
  });

  it('stops no lane by a count that no other has', async () => {
    await follow((method, params) =>
      method === 'eth_getTransactionCount' ? '0x7fffffff' : honest(method, params),
    );
    expect(await chain.transactionCount('0x35')).toEqual({ agreed: 7, highest: 7 });
  });

  it('has no block followed that no other has reached, and makes no block small or dear', async () => {
    let jumps = false;
    await follow((method, params) => {
      const answer = honest(method, params);
      if (!jumps || method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return answer;
      return { ...blockAt(5_000_000), gasLimit: '0x1', baseFeePerGas: `0x1${'0'.repeat(30)}` };
    });
    jumps = true;
    for (let n = 0; n < 3; n++) {
      head += 1;
      await until(() => Promise.resolve((chain.head()?.number ?? 0) >= head));
      expect(chain.head()?.number).toBe(head);
    }
    const latest = (await chain.block('latest')) as Block;
    expect(latest.gasLimit).toBe(30_000_000n);
    expect(await chain.feeMarket(latest)).toMatchObject({ kind: 'base-fee', baseFee: 88n });
  });
});
