import { JsonRpcEndpoint, rpcErrorTable, type SendVerdict } from '@quorate/evm';
import { parseEther, Transaction, Wallet } from 'ethers';

import { LOCAL_CHAIN_ID } from '../../deploy/embedded/parts/chain';
import { Random } from '../chaos/random';
import { Anvil } from './anvil';
import { type RpcFault } from './rpc-call';
import {
  chainIdIs,
  down,
  headBack,
  headStuck,
  nonceOff,
  nothingThere,
  rateLimited,
  receiptElsewhere,
  receiptsLate,
  silent,
} from './read-faults';
import { RpcProxy } from './rpc-proxy';
import * as sendFaults from './send-faults';

jest.setTimeout(60_000);

/** The first account that anvil gives money to. */
const wallet = new Wallet('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');

describe('the JSON-RPC proxy', () => {
  let anvil: Anvil;
  let proxy: RpcProxy;
  let endpoint: JsonRpcEndpoint;
  let nonce = 0;

  beforeAll(async () => {
    anvil = await Anvil.start();
    await anvil.mine(3);
    proxy = await RpcProxy.start(anvil.url, new Random(7));
    endpoint = new JsonRpcEndpoint(proxy.url, { timeoutMs: 400 });
  });
  afterAll(async () => {
    endpoint?.close();
    await proxy?.stop();
    await anvil?.stop();
  });
  afterEach(() => {
    proxy.heal();
    proxy.calls.length = 0;
  });

  async function transfer(): Promise<{ raw: string; hash: string }> {
    const raw = await wallet.signTransaction({
      ...{ type: 2, chainId: LOCAL_CHAIN_ID, nonce, to: wallet.address, value: parseEther('1') },
      ...{ gasLimit: 21_000, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n },
    });
    return { raw, hash: Transaction.from(raw).hash ?? '' };
  }

  /** Sends a transaction against a fault; also says whether the node has it, and uses the nonce up if so. */
  async function sendAgainst(fault: RpcFault): Promise<{ verdict: SendVerdict; pooled: boolean }> {
    const { raw, hash } = await transfer();
    const heal = proxy.failSends(fault);
    const verdict = await endpoint.send(raw, hash);
    heal();
    const pooled = (await anvil.call('eth_getTransactionByHash', hash)) !== null;
    if (pooled) nonce += 1;
    return { verdict, pooled };
  }

  it('passes calls on and records them', async () => {
    expect(await endpoint.chainId()).toBe(31337n);
    const { raw, hash } = await transfer();
    expect(await endpoint.send(raw, hash)).toEqual({ kind: 'accepted' });
    nonce += 1;
    expect(proxy.sent).toEqual([raw]);
    expect(proxy.calls).toMatchObject([
      { method: 'eth_chainId', forwarded: true, fault: undefined },
      { method: 'eth_sendRawTransaction', forwarded: true, answer: { kind: 'result', result: hash } },
    ]);
  });

  it.each(sendFaults.acceptedSilently)('$name: the node has it, and nobody can know', async (fault) => {
    expect(await sendAgainst(fault)).toMatchObject({ verdict: { kind: 'ambiguous' }, pooled: true });
  });

  it.each(sendFaults.lostSilently)('$name: the node has it not, and nobody can know', async (fault) => {
    const { verdict, pooled } = await sendAgainst(fault);
    expect(pooled).toBe(false);
    expect(verdict.kind).toBe(fault === sendFaults.lieOk ? 'accepted' : 'ambiguous');
  });

  it('refuses in the words of every client', async () => {
    const random = new Random(1);
    for (const { class: means } of rpcErrorTable) {
      const { verdict, pooled } = await sendAgainst(sendFaults.rejectAs(means, random));
      expect(pooled).toBe(false);
      const expected = means === 'node-trouble' ? 'ambiguous' : means;
      expect(verdict.kind === 'rejected' ? verdict.reason : verdict.kind).toBe(expected);
    }
  });

  it('delivers twice', async () => {
    expect(await sendAgainst(sendFaults.twice)).toMatchObject({ verdict: { kind: 'known' }, pooled: true });
  });

  it('delivers in another order', async () => {
    proxy.on('eth_getBalance', sendFaults.reorder(new Random(2), 3, 5_000));
    const asked = ['0x01', '0x02', '0x03'].map((digit) => `0x${digit.slice(2).padStart(40, '0')}`);
    await Promise.all(asked.map((address) => endpoint.balance(address)));
    expect(proxy.calls.map(({ fault }) => fault)).toEqual(['reorder', 'reorder', 'reorder']);
  });

  it('strikes as often as it is told', async () => {
    proxy.on('eth_chainId', down, { times: 2 });
    await expect(endpoint.chainId()).rejects.toThrow();
    await expect(endpoint.chainId()).rejects.toThrow();
    expect(await endpoint.chainId()).toBe(31337n);
    proxy.heal();
    proxy.on('every', down, { oneIn: 3 });
    const outcomes = [];
    for (let n = 0; n < 30; n += 1) {
      outcomes.push(
        await endpoint.chainId().then(
          () => 'ok',
          () => 'failed',
        ),
      );
    }
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'failed']));
  });

  it('tells another chain id, and another nonce', async () => {
    proxy.on('eth_chainId', chainIdIs(1));
    expect(await endpoint.chainId()).toBe(1n);
    const count = await endpoint.transactionCount(wallet.address);
    proxy.on('eth_getTransactionCount', nonceOff(1));
    expect(await endpoint.transactionCount(wallet.address)).toBe(count + 1);
    proxy.on('eth_getTransactionCount', nonceOff(-5));
    expect(await endpoint.transactionCount(wallet.address)).toBe(Math.max(0, count - 5));
  });

  it.each([
    [rateLimited, 'rate limit'],
    [down, 'ECONNRESET'],
    [silent, 'timeout'],
  ])('fails to answer: $name', async (fault, text) => {
    proxy.on('every', fault);
    await expect(endpoint.chainId()).rejects.toThrow(text);
  });

  it('hides pooled transactions, and receipts until blocks lie on them, and gives wrong ones', async () => {
    const { raw, hash } = await transfer();
    await endpoint.send(raw, hash);
    nonce += 1;
    proxy.on('eth_getTransactionByHash', nothingThere);
    expect(await endpoint.knowsTransaction(hash)).toBe(false);
    await anvil.mine();
    proxy.on('eth_getTransactionReceipt', receiptsLate(2));
    expect(await endpoint.receipt(hash)).toBeUndefined();
    await anvil.mine(2);
    const receipt = await endpoint.receipt(hash);
    expect(receipt).toMatchObject({ transactionHash: hash, status: 'success' });
    proxy.on('eth_getTransactionReceipt', receiptElsewhere);
    const elsewhere = await endpoint.receipt(hash);
    expect(elsewhere?.blockHash).not.toBe(receipt?.blockHash);
    proxy.on('eth_getBlockReceipts', receiptElsewhere);
    const block = { number: receipt?.blockNumber ?? 0, hash: receipt?.blockHash ?? '' };
    expect(await endpoint.receiptsIn(block, [hash])).toEqual([]);
  });

  it('stands still and goes back', async () => {
    const height = await anvil.height();
    const heal = proxy.on('every', headStuck());
    expect(await endpoint.block('latest')).toMatchObject({ number: height });
    await anvil.mine(2);
    expect(await endpoint.block('latest')).toMatchObject({ number: height });
    expect(await endpoint.block(height + 1)).toBeUndefined();
    heal();
    expect(await endpoint.block('latest')).toMatchObject({ number: height + 2 });
    proxy.on('every', headBack(2));
    expect(await endpoint.block('latest')).toMatchObject({ number: height });
  });

  it('turns to another fork', async () => {
    const other = await Anvil.start();
    try {
      expect(await other.call('eth_getBlockByNumber', '0x0', false)).toMatchObject({
        hash: ((await anvil.call('eth_getBlockByNumber', '0x0', false)) as { hash: string }).hash,
      });
      await other.mine(4, 2);
      const before = await endpoint.block(2);
      proxy.turnTo(other.url);
      const after = await endpoint.block(2);
      expect(after?.number).toBe(2);
      expect(after?.hash).not.toBe(before?.hash);
    } finally {
      proxy.turnTo(anvil.url);
      await other.stop();
    }
  });
});
