/** Intents through the whole stack: coordinator, three nodes, submitter, chain. Where the time goes names the limit. */
import { Client } from 'pg';
import { LOCAL_CHAIN_ID } from '../../../deploy/embedded/parts/chain';
import { withBenchStack } from '../pipeline/bench-stack';
import { cpuBetween, cpuSeconds } from '../pipeline/process-cost';
import { eventTimes, type EventTimes } from './event-times';

export interface SignedByNodesParameters {
  /** Presignatures per committee before the measurement begins. */
  readonly stockTarget: number;
  readonly intents: number;
  readonly inFlight: number;
}

export interface SignedByNodesResult extends SignedByNodesParameters {
  readonly acceptedPerSecond: number;
  readonly times: EventTimes;
  readonly cpu: ReadonlyMap<string, number>;
  /** The step that takes longest, in the middle. */
  readonly limit: string;
}

const WARM_UP = 50;

export function measureSignedByNodes(parameters: SignedByNodesParameters): Promise<SignedByNodesResult> {
  const { stockTarget, intents, inFlight } = parameters;
  return withBenchStack(stockTarget, async ({ describe, client }) => {
    const { key, databases } = describe();
    const pay = async (): Promise<void> => {
      const prepared = client.prepareIntent({
        ...{
          keyId: key.keyId,
          chainId: LOCAL_CHAIN_ID,
          to: `0x${'11'.repeat(20)}`,
          value: '1',
          gasLimit: '21000',
        },
        ...{ maxFeePerGas: '100000000000', maxCost: '10000000000000000', confirmations: 1 },
      });
      await client.produce(prepared);
      await client.awaitOutcome(prepared, 'broadcast');
    };
    const many = async (count: number): Promise<void> => {
      let sent = 0;
      const one = async (): Promise<void> => {
        while (sent++ < count) await pay();
      };
      await Promise.all(Array.from({ length: inFlight }, one));
    };
    await many(WARM_UP);
    const before = { at: Date.now(), cpu: cpuSeconds(describe()) };
    await many(intents);
    const after = { at: Date.now(), cpu: cpuSeconds(describe()) };
    const database = new Client({ connectionString: databases.submitter });
    await database.connect();
    try {
      const times = await eventTimes(database, { from: before.at, to: after.at });
      const used = cpuBetween(before.cpu, after.cpu);
      const [limit] = [...times.steps].sort((a, b) => b.p50 - a.p50);
      return {
        ...parameters,
        acceptedPerSecond: (1000 * intents) / (after.at - before.at),
        times,
        cpu: new Map([...used].map(([kind, seconds]) => [kind, (1000 * seconds) / intents])),
        limit: limit?.step ?? 'unknown',
      };
    } finally {
      await database.end();
    }
  });
}
