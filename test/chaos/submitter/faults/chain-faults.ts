/** D to H and J: what happens to the chain itself, to its pool, and to the accounts. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Random } from '../../random';
import { USUAL_BASE_FEE, USUAL_BLOCK_MS } from '../bench/local-chain';
import { type Lane } from '../load/plan';
import { type Arena, type Fault, type FaultKind } from './fault';

const GWEI = 1_000_000_000n;
const HOUR_S = 3600;
/** Nonces that somebody else uses at once. */
const JUMP = 16;

type Blow = Omit<Fault, 'kind'>;

/** Some blows of one sort, at moments of their own. */
function several(random: Random, spreadMs: number, most: number, make: (at: number) => Blow): Blow[] {
  return Array.from({ length: random.between(1, most) }, () => make(random.below(spreadMs)));
}

export const chainFaults: readonly FaultKind[] = [
  {
    ...{ name: 'pool-drop', group: 'D' },
    draw: (random, spreadMs) =>
      several(random, spreadMs, 4, (at) => ({
        ...{ description: 'the pool forgets everything', at },
        inflict: async ({ bench }) => void (await bench.chain.call('anvil_dropAllTransactions')),
      })),
  },
  {
    ...{ name: 'pool-drop-account', group: 'D' },
    draw: (random, spreadMs) =>
      several(random, spreadMs, 6, (at) => ({
        ...{ description: 'the pool forgets an account', at },
        inflict: async (arena) => {
          await arena.bench.chain.call(
            'anvil_removePoolTransactions',
            arena.random.pick(arena.lanes).address,
          );
        },
      })),
  },
  {
    ...{ name: 'fee-spike', group: 'D' },
    draw: (random, spreadMs) => {
      const [times, milliseconds] = [BigInt(random.pick([10, 50, 400])), random.between(600, 3000)];
      return [
        {
          description: `the base fee is ${times} times as high for ${milliseconds} ms`,
          at: random.below(spreadMs),
          async inflict({ bench }) {
            bench.chain.baseFee = times * USUAL_BASE_FEE;
            await delay(milliseconds);
            bench.chain.baseFee = USUAL_BASE_FEE;
          },
        },
      ];
    },
  },
  {
    ...{ name: 'reorg', group: 'E' },
    draw: (random, spreadMs) => {
      const depth = random.pick([1, 2, 5]);
      return several(random, spreadMs, 3, (at) => ({
        ...{ description: `the newest ${depth} blocks are replaced by empty ones`, at: at + 500 },
        inflict: async ({ bench, note }) =>
          note(`${await bench.chain.reorganise(depth)} blocks were replaced`),
      }));
    },
  },
  {
    ...{ name: 'reorg-older', group: 'E' },
    draw: (random, spreadMs) => {
      const depth = random.pick([2, 5]);
      return [
        {
          description: `the base fee rises, and falls; then ${depth} blocks are replaced by cheaper transactions of the same nonces`,
          at: random.below(spreadMs),
          async inflict({ bench, note, lanes }) {
            bench.chain.baseFee = 50n * USUAL_BASE_FEE;
            await delay(8 * USUAL_BLOCK_MS);
            bench.chain.baseFee = USUAL_BASE_FEE;
            await delay(3 * USUAL_BLOCK_MS);
            const older = await replacedTransactions(bench.database, lanes);
            const blocks = await bench.chain.reorganise(
              depth,
              older.map((raw) => [raw, 0]),
            );
            note(`${blocks} blocks were replaced, with ${older.length} older transactions`);
          },
        },
      ];
    },
  },
  {
    ...{ name: 'reorg-foreign', group: 'E' },
    draw: (random, spreadMs) => {
      const depth = random.pick([1, 2, 5]);
      return [
        {
          description: `the newest ${depth} blocks are replaced, and hold a transaction of an account that is not ours`,
          at: 500 + random.below(spreadMs),
          async inflict(arena) {
            const { address } = arena.random.pick(arena.lanes);
            const { chain } = arena.bench;
            await chain.call('anvil_impersonateAccount', address);
            const stranger = {
              from: address,
              to: address,
              value: '0x1',
              gas: '0x5208',
              maxFeePerGas: hex(100n * GWEI),
            };
            const from = await chain.height();
            await chain.reorganise(depth, [[stranger, 0]]);
            await chain.call('anvil_stopImpersonatingAccount', address);
            await noteStrangers(arena, address, from - depth);
          },
        },
      ];
    },
  },
  {
    ...{ name: 'rollback', group: 'E' },
    draw: (random, spreadMs) => {
      const depth = random.between(1, 5);
      return several(random, spreadMs, 2, (at) => ({
        ...{ description: `the newest ${depth} blocks are gone`, at: at + 500 },
        inflict: async ({ bench, note }) => note(`${await bench.chain.rollBack(depth)} blocks are gone`),
      }));
    },
  },
  {
    ...{ name: 'foreign-nonce', group: 'F' },
    draw: (random, spreadMs) =>
      several(random, spreadMs, 4, (at) => ({
        ...{ description: 'somebody else uses the next nonce of an account', at },
        inflict: (arena) => useNonce(arena, arena.random.pick(arena.lanes)),
      })),
  },
  {
    ...{ name: 'nonce-jump', group: 'F' },
    draw: (random, spreadMs) => [
      {
        ...{ description: `the next nonce of an account rises by ${JUMP}`, at: random.below(spreadMs) },
        async inflict({ bench, random: dice, lanes, foreign }) {
          const { address } = dice.pick(lanes);
          await bench.chain.exclusively(async () => {
            const from = Number(await bench.chain.call('eth_getTransactionCount', address, 'latest'));
            await bench.chain.call('anvil_removePoolTransactions', address);
            await bench.chain.call('anvil_setNonce', address, hex(BigInt(from + JUMP)));
            foreign.jumps.push({ address, from, to: from + JUMP });
          });
        },
      },
    ],
  },
  {
    ...{ name: 'no-funds', group: 'G' },
    draw: (random, spreadMs) => {
      const [left, milliseconds] = [random.oneIn(2) ? 0n : 50_000n * GWEI, random.between(500, 3000)];
      return [
        {
          description: `half of the accounts have ${left} wei for ${milliseconds} ms`,
          at: random.below(spreadMs),
          async inflict({ bench, lanes, random: dice }) {
            const poor = dice.sample(lanes, Math.ceil(lanes.length / 2));
            await Promise.all(poor.map(({ address }) => bench.chain.fund(address, left)));
            await delay(milliseconds);
            await Promise.all(poor.map(({ address }) => bench.chain.fund(address, 10n ** 20n)));
          },
        },
      ];
    },
  },
  {
    ...{ name: 'chain-restart', group: 'H' },
    draw: (random, spreadMs) => [
      {
        ...{
          description: 'the chain restarts with its blocks, without its pool',
          at: random.below(spreadMs),
        },
        inflict: ({ bench }) => bench.chain.restart(),
      },
    ],
  },
  {
    ...{ name: 'chain-time', group: 'J' },
    draw: (random, spreadMs) =>
      several(random, spreadMs, 3, (at) => ({
        ...{ description: 'an hour of chain time passes between two blocks', at },
        inflict: ({ bench }) => bench.chain.skipTime(HOUR_S),
      })),
  },
  {
    ...{ name: 'block-time', group: 'J' },
    draw: (random, spreadMs) => {
      const [pace, milliseconds] = [random.pick([20, 1500, Infinity]), random.between(1000, 4000)];
      return [
        {
          description: `a block every ${pace} ms for ${milliseconds} ms`,
          at: random.below(spreadMs),
          async inflict({ bench: { chain } }) {
            if (pace === Infinity) chain.isStalled = true;
            else chain.blockMs = pace;
            await delay(milliseconds);
            chain.isStalled = false;
            chain.blockMs = USUAL_BLOCK_MS;
          },
        },
      ];
    },
  },
  {
    ...{ name: 'clock-jump', group: 'J' },
    draw: (random, spreadMs) => {
      const which = random.below(2);
      const offset = random.between(2_000, 480_000) * (random.oneIn(2) ? -1 : 1);
      return [
        {
          description: `the clock of submitter ${which + 1} is wrong by ${offset} ms for a while`,
          at: random.below(spreadMs),
          async inflict({ bench, excuseClocks }) {
            excuseClocks();
            bench.submitters[which]?.setClock(offset);
            await delay(random.between(500, 3000));
            bench.submitters[which]?.setClock(0);
          },
        },
      ];
    },
  },
];

/** Signed transactions of which a dearer one at the same nonce was made. */
async function replacedTransactions(
  database: Arena['bench']['database'],
  lanes: readonly Lane[],
): Promise<string[]> {
  const rows = await database.query<{ raw: string }>(
    `SELECT earlier.raw FROM intent JOIN attempt AS earlier USING (stream_id)
     JOIN attempt AS later USING (stream_id)
     WHERE intent.address = ANY($1) AND earlier.n = 0 AND later.n = 1 AND NOT later.is_held AND earlier.raw IS NOT NULL
     ORDER BY intent.address, intent.nonce`,
    [lanes.map(({ address }) => address)],
  );
  return rows.map(({ raw }) => raw);
}

async function useNonce({ bench: { chain }, foreign, random }: Arena, { address }: Lane): Promise<void> {
  await chain.exclusively(async () => {
    await chain.call('anvil_impersonateAccount', address);
    const nonce = String(await chain.call('eth_getTransactionCount', address, 'latest'));
    const transaction = {
      ...{ from: address, to: address, value: '0x0', gas: '0x5208', nonce },
      ...{ maxFeePerGas: hex(5000n * GWEI), maxPriorityFeePerGas: hex(BigInt(random.between(2, 50)) * GWEI) },
    };
    foreign.hashes.add(String(await chain.call('eth_sendTransaction', transaction)));
    await chain.call('anvil_stopImpersonatingAccount', address);
  });
}

/** What a reorganisation put on the chain for an account without a signature of ours. */
async function noteStrangers({ bench, foreign }: Arena, address: string, from: number): Promise<void> {
  const transactions = await bench.chain.transactionsFrom(Math.max(0, from));
  for (const one of transactions) {
    const isOurs = one.from.toLowerCase() === address.toLowerCase();
    if (isOurs && one.to?.toLowerCase() === address.toLowerCase() && one.value === 1n)
      foreign.hashes.add(one.hash);
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
