/** A record as it was read from the log. */
export interface LogRecord {
  topic: string;
  partition: number;
  offset: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer>;
  /** Milliseconds since 1970, set by the writer. */
  timestamp: number;
}

/** A record to write. Without `partition` the key decides (murmur2, as Java clients do). */
export interface OutgoingRecord {
  topic: string;
  key: string | Buffer | null;
  value: Buffer | null;
  headers: Record<string, string | Buffer>;
  partition?: number | undefined;
}

/** Consecutive records of one partition. Offsets missing between them do not exist in the log. */
export interface Batch {
  topic: string;
  partition: number;
  /** Where reading stood before this batch: the `nextOffset` of the batch before, or the start position. */
  firstOffset: bigint;
  records: LogRecord[];
  nextOffset: bigint;
  highWatermark: bigint;
}

/** The records of all batches, in order per partition. */
export function recordsOf(batches: readonly Batch[]): LogRecord[] {
  return batches.flatMap((batch) => batch.records);
}

/** Where to start reading a partition; a bigint is the offset of the next record to deliver. */
export type StartPosition = 'earliest' | 'latest' | ((partition: number) => Promise<bigint | 'earliest'>);

export interface Subscription {
  topic: string;
  group: string;
  /**
   * For readers that need throughput, not speed: the broker lets records gather up to so many bytes, or so long, before it
   * hands them over. Default: at once. A hint: the in-memory log ignores it.
   */
  gather?: { readonly bytes: number; readonly waitMs: number } | undefined;
  /** A function is asked at each assignment, and again when `handle` rejects with code `inbox-fenced`. */
  start: StartPosition;
  /**
   * Takes what has arrived: at most one batch of each partition, together at most 500 records and 4 MiB unless a single
   * record is larger. One call at a time. Resolves when all of them are durable. Rejecting with Unavailable gets the same
   * batches again, with back-off, at first together with others, then each alone; rejecting with anything else stops
   * the subscription and reports to `onFatal`.
   */
  handle(batches: readonly Batch[]): Promise<void>;
  onAssigned?: ((partitions: number[]) => void) | undefined;
  onRevoked?: ((partitions: number[]) => void) | undefined;
}

export interface RunningSubscription {
  /** Resolves at the first assignment (of possibly no partition); rejects when the subscription fails for good before. */
  readonly assigned: Promise<void>;
  /**
   * Resolves when all records of its partitions below the high watermarks at the time of the call were handled, whoever
   * joins the group meanwhile, or it was stopped; rejects when it has failed for good.
   */
  caughtUp(): Promise<void>;
  /** Stops after the batch being handled and leaves the group. */
  stop(): Promise<void>;
}

export interface LogProducer {
  /**
   * Writes all records, acknowledged by all in-sync replicas, in the given order per partition.
   * Calls are queued: one request is outstanding. Throws Unavailable when it may be tried again (some
   * records may then have been written), Invalid for a record that the log will never take.
   */
  send(records: OutgoingRecord[]): Promise<void>;
  close(): Promise<void>;
}

export interface TopicSpec {
  topic: string;
  partitions: number;
  replicationFactor?: number | undefined;
  /** Topic settings by their Kafka names, e.g. `retention.ms`. */
  config?: Record<string, string> | undefined;
}

/** A topic setting that differs from its specification. */
export interface TopicMismatch {
  topic: string;
  setting: string;
  expected: string;
  actual: string;
}

/** What a topic of some name is at one moment. */
export interface TopicState {
  /** A topic that is made later under the same name has another one. */
  readonly id: string;
  /** Grows with each change of leader, by partition: records may have been lost then. */
  readonly leaderEpochs: ReadonlyMap<number, number>;
}

/** An ordered, partitioned, durable log of records: Kafka, or memory in tests. */
export interface MessageLog {
  producer(): Promise<LogProducer>;
  subscribe(subscription: Subscription): Promise<RunningSubscription>;
  /** Next offset to be written, by partition. */
  highWatermarks(topic: string): Promise<Map<number, bigint>>;
  /** Offset of the first record that is kept, by partition; above 0 when records were removed. */
  logStarts(topic: string): Promise<Map<number, bigint>>;
  /**
   * Which topic this is now, and who leads it: what was fetched before the call came from there, or from before it. Throws
   * Unavailable `no-topic` when there is no such topic; Fatal `kafka-version` where topics have no ids.
   */
  topicState(topic: string): Promise<TopicState>;
  /** Creates what is missing; wrong settings of existing topics are logged and returned, never changed. */
  ensureTopics(specs: TopicSpec[]): Promise<TopicMismatch[]>;
  /** Called when reading has stopped for good: become not ready and exit non-zero. */
  onFatal(listener: (error: Error) => void): void;
  close(): Promise<void>;
}
