/** C: endpoints that are behind, ahead, forked, of another chain, silent, or away. */
import { setTimeout as delay } from 'node:timers/promises';
import { Anvil, type AnvilOptions } from '../../../rpc-proxy/anvil';
import * as reads from '../../../rpc-proxy/read-faults';
import { type RpcFault } from '../../../rpc-proxy/rpc-call';
import { type Random } from '../../random';
import { type Blow, endpointBlow, shuffled } from './endpoint-blow';
import { type Arena, type Fault, type FaultKind } from './fault';

const receipts = ['eth_getTransactionReceipt', 'eth_getBlockReceipts', 'eth_getTransactionByHash'] as const;
/** Half an hour of a chain with a block in twelve seconds. */
const OUTAGE = { seconds: 1800, blocks: 150 };

const anew: AnvilOptions = { genesisTime: 1_600_000_000 };

function at(method: string, fault: RpcFault, oneIn = 1): Blow {
  return { method, fault, oneIn };
}

/** One endpoint, or both, from now on. */
function on(random: Random, blow: Blow): readonly [Blow | undefined, Blow | undefined] {
  return random.oneIn(3) ? [blow, blow] : shuffled(random, [blow, undefined]);
}

export const readFaults: readonly FaultKind[] = [
  {
    ...{ name: 'wrong-nonces', group: 'C' },
    draw: (random, spreadMs) => {
      const blow = at('eth_getTransactionCount', reads.nonceOff(random.pick([-5, -1, 1])));
      return [endpointBlow(random, spreadMs, shuffled(random, [blow, undefined]))];
    },
  },
  {
    ...{ name: 'no-receipts', group: 'C' },
    draw: (random, spreadMs) => {
      const blow = at(random.pick(receipts), reads.nothingThere);
      return [endpointBlow(random, spreadMs, on(random, blow), [1000, 4000])];
    },
  },
  {
    ...{ name: 'late-receipts', group: 'C' },
    draw: (random, spreadMs) => {
      const blow = at('eth_getTransactionReceipt', reads.receiptsLate(random.pick([5, 50])));
      return [endpointBlow(random, spreadMs, on(random, blow), [1000, 4000])];
    },
  },
  {
    ...{ name: 'wrong-receipts', group: 'C' },
    draw: (random, spreadMs) => {
      const method = random.pick(['eth_getTransactionReceipt', 'eth_getBlockReceipts']);
      return [endpointBlow(random, spreadMs, on(random, at(method, reads.receiptElsewhere)))];
    },
  },
  {
    ...{ name: 'wrong-head', group: 'C' },
    draw: (random, spreadMs) => {
      const fault = random.oneIn(2) ? reads.headStuck() : reads.headBack(random.between(1, 5));
      return [endpointBlow(random, spreadMs, on(random, at('every', fault)), [1000, 4000])];
    },
  },
  {
    ...{ name: 'no-answers', group: 'C' },
    draw: (random, spreadMs) => {
      const fault = random.pick([reads.rateLimited, reads.silent, reads.down, reads.unsupported]);
      const blow = at('every', fault, random.between(1, 3));
      return [endpointBlow(random, spreadMs, on(random, blow), [500, 2000])];
    },
  },
  {
    ...{ name: 'wrong-chain-id', group: 'C' },
    draw: (random, spreadMs) => {
      const which = random.below(2);
      return [
        {
          description: `endpoint ${which + 1} was away and comes back with another chain id`,
          at: random.below(spreadMs),
          async inflict({ bench }) {
            const proxy = bench.proxies[which];
            const comesBack = proxy?.on('every', reads.down);
            const isRight = proxy?.on('eth_chainId', reads.chainIdIs(1));
            // Endpoints are asked which chain they serve after three failures.
            await delay(2000);
            comesBack?.();
            await delay(random.between(500, 2000));
            isRight?.();
          },
        },
      ];
    },
  },
  {
    ...{ name: 'fork', group: 'C' },
    draw: (random, spreadMs) => [
      elsewhere(random, spreadMs, 'shows a fork', [random.below(2)], {}, async (fork, { bench }) => {
        const blocks = (await bench.chain.height()) + random.between(1, 10);
        await fork.call('anvil_mine', `0x${blocks.toString(16)}`, '0x2');
      }),
    ],
  },
  {
    ...{ name: 'another-chain', group: 'H' },
    draw: (random, spreadMs) => {
      const which = random.oneIn(2) ? [0, 1] : [random.below(2)];
      return [
        elsewhere(random, spreadMs, 'shows a chain that was begun anew', which, anew, (chain) =>
          chain.mine(5),
        ),
      ];
    },
  },
  {
    ...{ name: 'outage', group: 'C' },
    draw: (random, spreadMs) => [
      {
        description: `all endpoints are away while ${OUTAGE.blocks} blocks are mined in half an hour of the chain`,
        at: random.below(spreadMs),
        async inflict({ bench }) {
          const ends = bench.proxies.map((proxy) => proxy.on('every', reads.down));
          await bench.chain.skipTime(OUTAGE.seconds);
          await bench.chain.mine(OUTAGE.blocks);
          await delay(random.between(500, 2000));
          for (const end of ends) end();
        },
      },
    ],
  },
];

/** Endpoints behind which there is another node for a while. */
function elsewhere(
  random: Random,
  spreadMs: number,
  words: string,
  which: readonly number[],
  options: AnvilOptions,
  prepare: (other: Anvil, arena: Arena) => Promise<unknown>,
): Omit<Fault, 'kind'> {
  const milliseconds = random.between(500, 3000);
  return {
    description: `endpoint ${which.map((i) => i + 1).join(' and ')} ${words} for ${milliseconds} ms`,
    at: random.below(spreadMs),
    async inflict(arena) {
      const other = await Anvil.start(options);
      try {
        await prepare(other, arena);
        for (const i of which) arena.bench.proxies[i]?.turnTo(other.url);
        await delay(milliseconds);
      } finally {
        for (const i of which) arena.bench.proxies[i]?.turnTo(arena.bench.chain.url);
        await other.stop();
      }
    },
  };
}
