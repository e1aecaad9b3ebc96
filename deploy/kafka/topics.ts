import { type Principals } from '@quorate/deployment';
import { type TopicSpec } from '@quorate/messaging';
import { TOPIC_RECORD_LIMITS, type TopicKind, topicNames } from '@quorate/protocol';
import { writersOf } from './acls';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const FOREVER = -1;

/** What the topics depend on. */
export interface Deployment extends Principals {
  /** One broker for development, three for production (replicated, two in sync). */
  brokers: 1 | 3;
  /** TOPIC_PREFIX, may be empty. */
  prefix: string;
}

interface Declaration {
  partitions: number;
  config: Record<string, string | number>;
}

/** Kept for `ms`, in segments small enough that the oldest records really go. */
function kept(ms: number, partitions: number): Declaration {
  if (ms === FOREVER) return { partitions, config: { 'retention.ms': FOREVER, 'retention.bytes': FOREVER } };
  const segment = Math.max(MINUTE_MS, Math.min(DAY_MS, ms / 6));
  return { partitions, config: { 'retention.ms': ms, 'segment.ms': segment } };
}

/** Only the last record of each key counts. */
function compacted(segmentMs: number): Declaration {
  return {
    partitions: 1,
    config: { 'cleanup.policy': 'compact', 'segment.ms': segmentMs, 'min.cleanable.dirty.ratio': 0.1 },
  };
}

/** Partitions and retention of every topic (architecture.md, Topics). */
const DECLARATIONS: Record<TopicKind, Declaration> = {
  requests: kept(7 * DAY_MS, 4),
  // A session lives for minutes; its records are megabytes.
  rounds: { partitions: 1, config: { 'retention.ms': 10 * MINUTE_MS, 'segment.ms': MINUTE_MS } },
  partials: kept(HOUR_MS, 4),
  finals: kept(FOREVER, 4),
  state: compacted(HOUR_MS),
  heartbeats: compacted(10 * MINUTE_MS),
  // One partition: leaf i of the audit log is the record at offset i.
  events: kept(FOREVER, 1),
  intents: kept(7 * DAY_MS, 4),
  outcomes: kept(FOREVER, 4),
  deadLetters: kept(30 * DAY_MS, 1),
};

/** All topics of a deployment, as they are to be created. */
export function topicSpecs(deployment: Deployment): TopicSpec[] {
  const names = topicNames(deployment.prefix);
  const topics: [TopicKind, string[]][] = [
    ['requests', [names.requests]],
    ['rounds', deployment.nodes.map((node) => names.rounds(node))],
    ['partials', [names.partials]],
    ['finals', [names.finals]],
    ['state', writersOf(deployment).map((writer) => names.state(writer))],
    ['heartbeats', [names.heartbeats]],
    ['events', [names.events]],
    ['intents', [names.intents]],
    ['outcomes', [names.outcomes]],
    ['deadLetters', [names.deadLetters]],
  ];
  return topics.flatMap(([kind, ofKind]) => ofKind.map((topic) => specOf(kind, topic, deployment.brokers)));
}

function specOf(kind: TopicKind, topic: string, brokers: 1 | 3): TopicSpec {
  const { partitions, config } = DECLARATIONS[kind];
  const settings = {
    ...config,
    'max.message.bytes': TOPIC_RECORD_LIMITS[kind],
    'min.insync.replicas': brokers === 3 ? 2 : 1,
  };
  return {
    topic,
    partitions,
    replicationFactor: brokers,
    config: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  };
}
