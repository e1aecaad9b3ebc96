import { topicSpecs } from './topics';

const deployment = {
  prefix: 'a-',
  nodes: ['node-1', 'node-2'],
  coordinators: ['coordinator-1'],
  submitters: ['submitter'],
  auditors: ['auditor'],
  operators: ['operator'],
  clients: [],
};

describe('topics', () => {
  const specs = topicSpecs({ ...deployment, brokers: 1 });
  const spec = (topic: string) => specs.find((candidate) => candidate.topic === topic);

  it('gives every node an inbox of its own and every writer a register', () => {
    expect(specs.map(({ topic }) => topic).filter((topic) => /rounds|state/.test(topic))).toEqual([
      'a-mpc.rounds.node-1',
      'a-mpc.rounds.node-2',
      'a-mpc.state.coordinator-1',
      'a-mpc.state.node-1',
      'a-mpc.state.node-2',
      'a-mpc.state.submitter',
      'a-mpc.state.auditor',
      'a-mpc.state.operator',
    ]);
  });

  it('never deletes finals, outcomes and events, and keeps events in one partition', () => {
    for (const topic of ['a-mpc.finals', 'a-tx.outcomes', 'a-mpc.events']) {
      expect(spec(topic)?.config).toMatchObject({ 'retention.ms': '-1' });
    }
    expect(spec('a-mpc.events')?.partitions).toBe(1);
  });

  it('takes 8 MiB rounds for minutes only, and client records that are too large to be answered', () => {
    expect(spec('a-mpc.rounds.node-1')?.config).toMatchObject({
      'max.message.bytes': '8388608',
      'retention.ms': '600000',
      'segment.ms': '60000',
    });
    expect(spec('a-mpc.requests')?.config).toMatchObject({ 'max.message.bytes': '4194304' });
  });

  it('asks for two brokers in sync of three', () => {
    for (const { replicationFactor, config } of topicSpecs({ ...deployment, brokers: 3 })) {
      expect(replicationFactor).toBe(3);
      expect(config).toMatchObject({ 'min.insync.replicas': '2' });
    }
  });
});
