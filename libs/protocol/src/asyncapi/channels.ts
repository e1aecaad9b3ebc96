import { type TopicKind } from '../topics';

export interface DocumentedChannel {
  readonly topic: TopicKind;
  readonly address: string;
  readonly description: string;
  /** Meaning of the part of the address in braces. */
  readonly parameter?: readonly [name: string, description: string];
  /** Whether a client of an installation writes, reads, or has nothing to do with the topic. */
  readonly client: 'send' | 'receive' | 'none';
}

/** The topics, without TOPIC_PREFIX. */
export const documentedChannels: readonly DocumentedChannel[] = [
  {
    topic: 'requests',
    address: 'mpc.requests',
    description: 'Sign requests. Key: requestId (a hint).',
    client: 'send',
  },
  {
    topic: 'finals',
    address: 'mpc.finals',
    description: 'Exactly one outcome per sign request. Key: requestId.',
    client: 'receive',
  },
  {
    topic: 'intents',
    address: 'tx.intents',
    description: 'Transaction intents and their amendments. Key: intentId.',
    client: 'send',
  },
  {
    topic: 'outcomes',
    address: 'tx.outcomes',
    description: 'What happened to intents. Key: intentId.',
    client: 'receive',
  },
  {
    topic: 'events',
    address: 'mpc.events',
    description: 'Every decision of every service. Key: streamId.',
    client: 'none',
  },
  {
    topic: 'partials',
    address: 'mpc.partials',
    description: 'Results of nodes. Key: requestId, or the session id for ceremonies.',
    client: 'none',
  },
  {
    topic: 'heartbeats',
    address: 'mpc.heartbeats',
    description: 'Signs of life of nodes. Key: node id.',
    client: 'none',
  },
  {
    topic: 'state',
    address: 'mpc.state.{writer}',
    description: 'What is true now, compacted, one topic per writer. Key: key id or node id.',
    parameter: ['writer', 'The one service that may write here.'],
    client: 'none',
  },
  {
    topic: 'rounds',
    address: 'mpc.rounds.{node}',
    description:
      'The inbox of one node: protocol rounds of the other nodes, binary frames (header of threshold-ecdsa.md section 2, then payload), signed and partly encrypted. Key: session id.',
    parameter: ['node', 'The node that reads.'],
    client: 'none',
  },
  {
    topic: 'deadLetters',
    address: 'dead-letters',
    description:
      'Records that could not be answered: original key, value and headers, and dl_topic, dl_partition, dl_offset, dl_code, dl_reason (dl_truncated when it did not fit).',
    client: 'none',
  },
];
