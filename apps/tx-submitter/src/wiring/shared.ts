import { type EventStore } from '@quorate/event-store';
import { type HealthRegistry, type Logger, type Metrics, type ProcessShutdown } from '@quorate/platform';
import { type TopicNames, topicNames } from '@quorate/protocol';
import { type SignedRecords } from '../adapters/kafka/signed-records';
import { InFlight } from '../broadcast/in-flight';
import { type SubmitterConfig } from '../configuration';
import { IntentMemory } from '../intent/intent-memory';
import { LaneBudget } from '../lane/lane-budget';
import { IntentMetrics } from '../metrics/intent-metrics';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type SignRequestRecords } from '../ports/sign-request-records.port';
import { IntentTraces } from '../tracing/intent-traces';
import { AnnouncedOutcomes } from '../webhook/announced-outcomes';
import { type Endpoints } from '../webhook/endpoints';
import { resolveInDns } from '../webhook/resolve-host';
import { Webhooks } from '../webhook/webhooks';

/** The surroundings of one submitter. */
export interface Surroundings {
  readonly config: SubmitterConfig;
  readonly store: EventStore;
  readonly chain: Chain;
  readonly records: SignedRecords;
  /** Who is told of outcomes over HTTP. */
  readonly endpoints: Endpoints;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly shutdown: ProcessShutdown;
  readonly logger: Logger;
}

/** What several rooms of the submitter use. */
export interface Shared extends Surroundings {
  readonly topics: TopicNames;
  readonly chainId: string;
  /** Signed, and told to webhooks, budget, metrics and traces. */
  readonly outcomes: OutcomeRecords;
  readonly webhooks: Webhooks;
  readonly budget: LaneBudget;
  readonly signRequests: SignRequestRecords;
  readonly requestsTopic: string;
  readonly memory: IntentMemory;
  readonly inFlight: InFlight;
  readonly now: () => number;
  readonly onFatal: (error: Error) => void;
}

export function wireShared(surroundings: Surroundings): Shared {
  const { config, store, records, endpoints, metrics, shutdown, logger } = surroundings;
  const topics = topicNames(config.TOPIC_PREFIX);
  const now = () => Date.now();
  const budget = new LaneBudget(config.LANE_BUDGET_PER_HOUR);
  const sending = { resolve: resolveInDns(), random: Math.random };
  const webhooks = new Webhooks({ store, endpoints, metrics, logger, now, ...sending });
  const outcomes = new AnnouncedOutcomes(records, endpoints, (endpoint) => webhooks.wake(endpoint), [
    budget,
    new IntentMetrics(metrics, now),
    new IntentTraces(),
  ]);
  return {
    ...surroundings,
    ...{ topics, chainId: config.CHAIN_ID, outcomes, webhooks, budget },
    ...{ signRequests: records, requestsTopic: topics.requests },
    ...{ memory: new IntentMemory(), inFlight: new InFlight() },
    now,
    onFatal: (error) => void shutdown.fail(error),
  };
}
