/** Reads the evidence of a run: the submitters' tables, and the chain. */
import { type SignRequest } from '@quorate/protocol';
import { type BenchDatabase } from '../bench/bench-database';
import { type LocalChain } from '../bench/local-chain';
import { type Lane } from '../load/plan';
import { type AttemptRow, type EventRow, type Evidence, type IntentRow } from './evidence';

type Read = Pick<Evidence, 'rows' | 'attempts' | 'events' | 'transactions' | 'chainNonces' | 'vacant'>;

/** Whose intents a run's are: those with its names, and whatever the submitters made for its lanes. */
export interface Scope {
  readonly prefix: string;
  readonly lanes: readonly Lane[];
  /** The height at which the run began, or one below. */
  readonly fromBlock: number;
}

const OF_SCOPE = '(intent.intent_id LIKE $1 OR intent.address = ANY($2))';

export async function gather(database: BenchDatabase, chain: LocalChain, scope: Scope): Promise<Read> {
  const { prefix, lanes, fromBlock } = scope;
  const addresses = lanes.map(({ address }) => address);
  const params = [`${prefix}-%`, addresses];
  const rows = await database.query<IntentRow>(
    `SELECT stream_id AS "streamId", requester, intent_id AS "intentId", status, address, nonce::text, hash,
       block_hash AS "blockHash", in_flight AS "inFlight", wants_cancel AS "wantsCancel"
     FROM intent WHERE ${OF_SCOPE}`,
    params,
  );
  const attempts = await database.query<Omit<AttemptRow, 'maxFeePerGas' | 'maxPriorityFeePerGas'> & Fees>(
    `SELECT attempt.stream_id AS "streamId", n, kind, unsigned, max_fee_per_gas::text AS fee,
       max_priority_fee_per_gas::text AS tip, attempt.status, is_held AS "isHeld", raw, attempt.hash
     FROM attempt JOIN intent USING (stream_id) WHERE ${OF_SCOPE}`,
    params,
  );
  const events = await database.query<Omit<EventRow, 'data'> & { value: Buffer }>(
    `SELECT event.stream_id AS "streamId", position, type, event.value FROM event JOIN intent USING (stream_id)
     WHERE ${OF_SCOPE} ORDER BY event.stream_id, position`,
    params,
  );
  const vacant = await database.query<{ address: string; nonce: string }>(
    'SELECT address, nonce::text FROM vacant_nonce WHERE address = ANY($1)',
    [addresses],
  );
  const chainNonces = new Map<string, number>();
  for (const address of addresses)
    chainNonces.set(address, Number(await chain.call('eth_getTransactionCount', address, 'latest')));
  return {
    rows,
    attempts: attempts.map(({ fee, tip, ...attempt }) => {
      return { ...attempt, maxFeePerGas: BigInt(fee), maxPriorityFeePerGas: BigInt(tip) };
    }),
    events: events.map(({ value, ...event }) => ({ ...event, data: objectIn(value) })),
    transactions: await chain.transactionsFrom(fromBlock),
    ...{ chainNonces, vacant },
  };
}

/** Without the transactions of earlier runs: those that are final are sent again where a chain without them is believed. */
export async function sentForRun(
  database: BenchDatabase,
  { prefix, lanes }: Scope,
  sent: readonly string[],
): Promise<string[]> {
  const former = await database.query<{ raw: string }>(
    `SELECT raw FROM attempt JOIN intent USING (stream_id) WHERE raw = ANY($3) AND NOT ${OF_SCOPE}`,
    [`${prefix}-%`, lanes.map(({ address }) => address), sent],
  );
  const left = new Set(former.map(({ raw }) => raw));
  return sent.filter((raw) => !left.has(raw));
}

interface Fees {
  fee: string;
  tip: string;
}

/** Requests of a run, of all that the signers were asked. */
export function requestsFor(lanes: readonly Lane[], requests: readonly SignRequest[]): SignRequest[] {
  const paths = new Set(lanes.map(({ path }) => path));
  return requests.filter(({ path = '' }) => paths.has(path));
}

function objectIn(value: Buffer): Record<string, unknown> {
  const json: unknown = JSON.parse(value.toString());
  return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json)) : {};
}
