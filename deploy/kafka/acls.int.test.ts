import { join } from 'node:path';
import { type AclBinding, aclBindings, clientQuotas, ensureAcls, scramUsers } from '@quorate/messaging';
import type Cluster from 'kafkajs/src/cluster';
import { type ConnectedBroker } from 'kafkajs/src/cluster';
import { connectCluster } from '../../libs/messaging/src/kafka/kafka-connection';
import { silentLogger } from '../../libs/messaging/src/structured-logger';
import { certificateOf, prepareCertificates } from '../embedded/identities/certificates';
import { adminAccess, type BrokerSecurity, type KafkaAccess } from '../embedded/parts/kafka-security';
import { prepareKafka } from '../embedded/parts/prepare-kafka';
import { serviceKids, stackShape } from '../embedded/stack/stack-shape';
import { silentProgress } from '../embedded/terminal/progress';
import { brokerOf, startSecured } from '../embedded/testing/secured-broker';
import { type TemporaryStack, temporaryStack } from '../embedded/testing/temporary-stack';
import { type KafkaLogins, keptLogins } from './logins';
import { CLUSTER_ATTEMPTS, GROUP_ATTEMPTS, Party, TOPIC_ATTEMPTS } from './testing/party';

const CLIENTS = ['alice', 'bob'];
const SHAPE = stackShape(2, 3, 2);

/** What the design says of topics (architecture.md, Topics), party by party: written here once more, to be compared. */
const READS: Record<string, string[]> = {
  'node-1': ['mpc.rounds.node-1', 'mpc.heartbeats', 'mpc.state.*'],
  'node-2': ['mpc.rounds.node-2', 'mpc.heartbeats', 'mpc.state.*'],
  'node-3': ['mpc.rounds.node-3', 'mpc.heartbeats', 'mpc.state.*'],
  'coordinator-1': ['mpc.requests', 'mpc.partials', 'mpc.heartbeats', 'mpc.state.*'],
  'coordinator-2': ['mpc.requests', 'mpc.partials', 'mpc.heartbeats', 'mpc.state.*'],
  submitter: ['tx.intents', 'mpc.finals', 'mpc.state.*'],
  auditor: ['mpc.events', 'mpc.heartbeats'],
  operator: ['dead-letters', 'mpc.events', 'mpc.heartbeats', 'mpc.state.*'],
  alice: ['mpc.finals', 'tx.outcomes'],
  bob: ['mpc.finals', 'tx.outcomes'],
};
const OF_A_NODE = ['mpc.partials', 'mpc.heartbeats', 'mpc.events'];
const OF_A_COORDINATOR = ['mpc.finals', 'mpc.events', 'dead-letters'];
const WRITES: Record<string, string[]> = {
  'node-1': [...OF_A_NODE, 'mpc.rounds.node-2', 'mpc.rounds.node-3', 'mpc.state.node-1'],
  'node-2': [...OF_A_NODE, 'mpc.rounds.node-1', 'mpc.rounds.node-3', 'mpc.state.node-2'],
  'node-3': [...OF_A_NODE, 'mpc.rounds.node-1', 'mpc.rounds.node-2', 'mpc.state.node-3'],
  'coordinator-1': [...OF_A_COORDINATOR, 'mpc.state.coordinator-1'],
  'coordinator-2': [...OF_A_COORDINATOR, 'mpc.state.coordinator-2'],
  submitter: ['mpc.requests', 'tx.outcomes', 'mpc.events', 'dead-letters', 'mpc.state.submitter'],
  auditor: ['mpc.state.auditor'],
  operator: ['mpc.state.operator'],
  alice: ['mpc.requests', 'tx.intents'],
  bob: ['mpc.requests', 'tx.intents'],
};
const GROUPS: Record<string, string[]> = {
  'node-1': ['node-1/life-rounds'],
  'node-2': ['node-2/life-rounds'],
  'node-3': ['node-3/life-rounds'],
  'coordinator-1': ['coordinator', 'coordinator-partials', 'coordinator-1/life-halts'],
  'coordinator-2': ['coordinator', 'coordinator-partials', 'coordinator-2/life-halts'],
  submitter: ['submitter', 'submitter-finals', 'submitter/life'],
  auditor: ['auditor', 'auditor-rebuild-1', 'auditor/life'],
  operator: ['operator-look', 'alice-app', 'bob-app'],
  alice: ['alice-app'],
  bob: ['bob-app'],
};
const STATES = [...serviceKids(SHAPE), 'operator'].map((writer) => `mpc.state.${writer}`);
const TOPICS = [
  ...['mpc.requests', 'mpc.partials', 'mpc.finals', 'mpc.heartbeats', 'mpc.events'],
  ...['tx.intents', 'tx.outcomes', 'dead-letters'],
  ...SHAPE.nodes.map((node) => `mpc.rounds.${node}`),
  ...STATES,
];
const ALL_GROUPS = [...new Set(Object.values(GROUPS).flat()), 'somebody-elses'];
const PARTIES = Object.keys(READS);

const expand = (names: string[] = []) =>
  names.flatMap((name) => (name === 'mpc.state.*' ? STATES : [name])).sort();

/** By party what it may do with which topics or groups, as texts to compare. */
type Matrix = Record<string, Record<string, string[]>>;

describe('access rules on a real broker', () => {
  let temporary: TemporaryStack;
  let security: BrokerSecurity;
  let logins: KafkaLogins;
  let listener: KafkaAccess;
  const parties = new Map<string, Party>();

  const clusterOf = (access: KafkaAccess) => connectCluster({ ...access, clientId: 'test' }, silentLogger);
  const prepare = async (nodes: number, clients: string[]) => {
    const shape = stackShape(2, nodes, 2);
    const kids = [...serviceKids(shape), 'operator', ...clients];
    logins = keptLogins(join(temporary.folders.data, 'logins'), kids, '');
    const preparation = {
      shape,
      topicPrefix: '',
      localBroker: true,
      logins: { ...logins, clients, listener },
    };
    await prepareKafka(adminAccess(security), preparation, silentProgress);
  };
  const accessOf = (kid: string): KafkaAccess => {
    const login = logins.present.get(kid);
    if (login === undefined) throw new Error(`${kid} has no login`);
    return { ...listener, sasl: { username: login.username, password: login.password } };
  };
  const partyOf = async (kid: string): Promise<Party> => {
    const party = parties.get(kid) ?? (await Party.connect(clusterOf(accessOf(kid))));
    parties.set(kid, party);
    return party;
  };
  /** What of `names` a party may do by each of the attempts. */
  const allowed = async (
    kid: string,
    attempts: Record<string, (broker: ConnectedBroker, name: string) => Promise<unknown>>,
    names: string[],
  ) => {
    const party = await partyOf(kid);
    const found: Record<string, string[]> = {};
    for (const [title, attempt] of Object.entries(attempts)) {
      found[title] = [];
      for (const name of names)
        if (await party.may((broker) => attempt(broker, name))) found[title].push(name);
      found[title].sort();
    }
    return found;
  };

  beforeAll(async () => {
    temporary = await temporaryStack();
    ({ security, listener } = await startSecured(temporary, await brokerOf(temporary)));
    await prepare(3, CLIENTS);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...parties.values()].map((party) => party.close()));
    await temporary.end();
  });

  it('let every party do with every topic what the design says, and nothing else', async () => {
    const found: Matrix = {};
    const expected: Matrix = {};
    for (const kid of PARTIES) {
      found[kid] = await allowed(kid, TOPIC_ATTEMPTS, TOPICS);
      const [reads, writes] = [expand(READS[kid]), expand(WRITES[kid])];
      expected[kid] = {
        read: reads,
        describe: [...new Set([...reads, ...writes])].sort(),
        write: writes,
        'write idempotently': writes,
        ...Object.fromEntries(
          ['write in a transaction', 'delete', 'delete records', 'add partitions', 'change settings'].map(
            (attempt) => [attempt, []],
          ),
        ),
      };
    }
    expect(found).toEqual(expected);
  }, 120_000);

  it('keep the consumer groups of one party from all others', async () => {
    const found: Matrix = {};
    const expected: Matrix = {};
    for (const kid of PARTIES) {
      found[kid] = await allowed(kid, GROUP_ATTEMPTS, ALL_GROUPS);
      const groups = [...(GROUPS[kid] ?? [])].sort();
      expected[kid] = { join: groups, describe: groups, delete: [] };
    }
    expect(found).toEqual(expected);
  }, 120_000);

  it('let nobody change the cluster, or their own rights', async () => {
    for (const kid of PARTIES) {
      const found = await allowed(kid, CLUSTER_ATTEMPTS, [kid]);
      expect([kid, found]).toEqual([
        kid,
        Object.fromEntries(Object.keys(CLUSTER_ATTEMPTS).map((attempt) => [attempt, []])),
      ]);
    }
  }, 60_000);

  it('open nothing to the certificate of a service, nor to somebody without one or without a login', async () => {
    const certificates = await prepareCertificates(temporary.folders, ['node-1']);
    const node = adminAccess({ ...security, admin: certificateOf(certificates, 'node-1') });
    const party = await Party.connect(clusterOf(node));
    parties.set('the certificate of node-1', party);
    for (const [title, attempt] of Object.entries(TOPIC_ATTEMPTS)) {
      const may = await party.may((broker) => attempt(broker, 'mpc.rounds.node-1'));
      expect([title, may]).toEqual([title, false]);
    }
    const stranger = { brokers: node.brokers, ssl: listener.ssl ?? { ca: '' } };
    const refused = async (access: KafkaAccess) => {
      const cluster: Cluster = clusterOf(access);
      // Which versions a broker speaks it tells everybody.
      await expect(cluster.connect().then(() => cluster.refreshMetadata())).rejects.toThrow();
      await cluster.disconnect();
    };
    await refused(stranger);
    await refused({ brokers: listener.brokers });
    await refused(listener);
    await refused({ ...accessOf('node-1'), sasl: { username: 'node-1', password: 'guessed' } });
  }, 60_000);

  it('come with quotas by the name that a party logs in with', async () => {
    const quotas = await clientQuotas({ ...adminAccess(security), clientId: 'test' });
    const services = serviceKids(SHAPE).map((user) => ({ user }));
    const byName = (one: object, other: object) => JSON.stringify(one).localeCompare(JSON.stringify(other));
    expect(quotas.map(({ entity }) => entity).sort(byName)).toEqual(
      [...services, { user: null }].sort(byName),
    );
  });

  it('follow the shape: who has left has neither rights nor a login, and others keep theirs', async () => {
    const admin = { ...adminAccess(security), clientId: 'test' };
    const foreign: AclBinding = {
      ...{ principal: 'User:analytics', resource: 'topic', name: 'mpc.events' },
      ...{ pattern: 'literal', operation: 'read' },
    };
    await ensureAcls(admin, { bindings: [foreign], isOurs: () => false });
    const before = accessOf('bob');
    await prepare(2, ['alice']);
    const principals = new Set((await aclBindings(admin)).map(({ principal }) => principal));
    const present = [
      'node-1',
      'node-2',
      'coordinator-1',
      'coordinator-2',
      'submitter',
      'auditor',
      'operator',
    ];
    expect([...principals].sort()).toEqual(
      [...present, 'alice', 'analytics'].map((kid) => `User:${kid}`).sort(),
    );
    expect((await scramUsers(admin)).sort()).toEqual([...present, 'alice'].sort());
    const cluster = clusterOf(before);
    await expect(cluster.connect()).rejects.toThrow();
    await cluster.disconnect();
    const node = await partyOf('node-1');
    expect(await node.may((broker) => TOPIC_ATTEMPTS.write(broker, 'mpc.rounds.node-3'))).toBe(false);
  }, 60_000);
});
