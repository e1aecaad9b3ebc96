import {
  SERVICE_VALUE_LIMIT,
  CLIENT_TOPIC_RECORD_LIMIT,
  DEAD_LETTER_RECORD_LIMIT,
  KIB,
  ROUNDS_TOPIC_RECORD_LIMIT,
} from './limits';

/** The names of all topics under one TOPIC_PREFIX (architecture.md, topics). */
export interface TopicNames {
  readonly requests: string;
  readonly partials: string;
  readonly finals: string;
  readonly heartbeats: string;
  readonly events: string;
  readonly intents: string;
  readonly outcomes: string;
  readonly deadLetters: string;
  /** Inbox of one node: binary round messages. */
  rounds(node: string): string;
  /** Compacted register of one writer: a coordinator, node, submitter, auditor or operator. */
  state(writer: string): string;
}

/** The topic names with `prefix` (TOPIC_PREFIX, may be empty) put before each. */
export function topicNames(prefix = ''): TopicNames {
  return {
    requests: `${prefix}mpc.requests`,
    partials: `${prefix}mpc.partials`,
    finals: `${prefix}mpc.finals`,
    heartbeats: `${prefix}mpc.heartbeats`,
    events: `${prefix}mpc.events`,
    intents: `${prefix}tx.intents`,
    outcomes: `${prefix}tx.outcomes`,
    deadLetters: `${prefix}dead-letters`,
    rounds: (node) => `${prefix}mpc.rounds.${node}`,
    state: (writer) => `${prefix}mpc.state.${writer}`,
  };
}

/** A topic without its prefix and writer or node: what limits and documentation hang on. */
export type TopicKind =
  | 'requests'
  | 'rounds'
  | 'partials'
  | 'finals'
  | 'state'
  | 'heartbeats'
  | 'events'
  | 'intents'
  | 'outcomes'
  | 'deadLetters';

const SERVICE_RECORD_LIMIT = SERVICE_VALUE_LIMIT + 64 * KIB;

/** `max.message.bytes` per topic: the value, and room for key and headers. */
export const TOPIC_RECORD_LIMITS: Readonly<Record<TopicKind, number>> = {
  requests: CLIENT_TOPIC_RECORD_LIMIT,
  intents: CLIENT_TOPIC_RECORD_LIMIT,
  rounds: ROUNDS_TOPIC_RECORD_LIMIT,
  partials: SERVICE_RECORD_LIMIT,
  finals: SERVICE_RECORD_LIMIT,
  state: SERVICE_RECORD_LIMIT,
  heartbeats: SERVICE_RECORD_LIMIT,
  events: SERVICE_RECORD_LIMIT,
  outcomes: SERVICE_RECORD_LIMIT,
  deadLetters: DEAD_LETTER_RECORD_LIMIT,
};
