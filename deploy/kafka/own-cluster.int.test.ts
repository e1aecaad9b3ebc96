import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AclBinding,
  aclBindings,
  type AclOperation,
  clientQuotas,
  ensureAcls,
  kafkaMessageLog,
  type MessageLog,
  scramUsers,
  setScramUsers,
} from '@quorate/messaging';
import { type KafkaConnection } from '@quorate/platform';
import { type KafkaAccess } from '../embedded/parts/kafka-security';
import { brokerOf, startSecured } from '../embedded/testing/secured-broker';
import { type TemporaryStack, temporaryStack } from '../embedded/testing/temporary-stack';
import { prepareOwnCluster } from './own-cluster';

const PREFIX = 'pay.';
const DEPLOYMENT = {
  ...{ brokers: 1, prefix: PREFIX },
  ...{ nodes: ['n1', 'n2'], coordinators: ['c1'], submitters: ['s1'], auditors: ['a1'] },
  ...{ operators: ['ops'], clients: ['shop', 'bank'], former: [] as string[] },
};

describe("a cluster of the user's own", () => {
  let temporary: TemporaryStack;
  let above: KafkaAccess;
  let admin: KafkaConnection;
  let file = '';
  let passwords = '';
  const notes: string[] = [];
  const logs: MessageLog[] = [];

  const prepare = (change: object = {}) => {
    writeFileSync(file, JSON.stringify({ ...DEPLOYMENT, ...change }));
    return prepareOwnCluster(file, admin, { passwords, quotas: true }, (text) => notes.push(text));
  };
  const logOf = (kid: string): MessageLog => {
    const password = readFileSync(join(passwords, `${kid}.password`), 'utf8');
    const { brokers, ssl } = admin;
    const sasl = { username: `${PREFIX}${kid}`, password };
    const log = kafkaMessageLog({ brokers, ssl, sasl, clientId: kid });
    logs.push(log);
    return log;
  };
  const write = async (kid: string, topic: string) => {
    const producer = await logOf(kid).producer();
    await producer.send([{ topic: `${PREFIX}${topic}`, key: 'k', value: Buffer.from('v'), headers: {} }]);
  };

  beforeAll(async () => {
    temporary = await temporaryStack();
    file = join(temporary.folders.data, 'deployment.json');
    passwords = join(temporary.folders.data, 'passwords');
    const broker = await startSecured(temporary, await brokerOf(temporary));
    const { listener } = broker;

    // The administrator of docs/own-kafka.md, with no more than the rights that it names.
    above = broker.admin;
    const sasl = { mechanism: 'scram-sha-512', username: 'admin', password: 'of this test only' } as const;
    admin = { brokers: listener.brokers, ssl: { ca: [listener.ssl?.ca ?? ''] }, sasl };
    const boss = { ...above, clientId: 'test' };
    await setScramUsers(boss, [{ name: sasl.username, password: sasl.password }], [], listener);
    const right = (resource: 'cluster' | 'topic', name: string, operation: AclOperation): AclBinding => ({
      ...{ principal: 'User:admin', resource, name, operation },
      pattern: resource === 'topic' ? 'prefixed' : 'literal',
    });
    const onCluster = ['create', 'alter', 'describe', 'alter-configs', 'describe-configs'] as const;
    const bindings = [
      ...onCluster.map((operation) => right('cluster', 'kafka-cluster', operation)),
      right('topic', PREFIX, 'describe'),
      right('topic', PREFIX, 'describe-configs'),
    ];
    await ensureAcls(boss, { bindings, isOurs: () => false });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await temporary.end();
  });

  it('is prepared by an administrator who is not above its rules, and works by the passwords in the files', async () => {
    await prepare();
    expect(statSync(join(passwords, 'n1.password')).mode & 0o777).toBe(0o600);
    await write('shop', 'mpc.requests');
    await write('n1', 'mpc.rounds.n2');
    await expect(write('n1', 'mpc.finals')).rejects.toMatchObject({ code: 'kafka-access' });
    expect(notes).toEqual([
      'topics: ready',
      'users: 8',
      'access rules: set',
      'quotas: set',
      `passwords: ${passwords}`,
    ]);
    const quotas = await clientQuotas({ ...above, clientId: 'test' });
    expect(quotas.map(({ entity }) => entity)).toContainEqual({ user: `${PREFIX}n1` });
  }, 60_000);

  it('changes nothing when it is prepared again, and removes who has left', async () => {
    const before = await aclBindings({ ...above, clientId: 'test' });
    const password = () => readFileSync(join(passwords, 'shop.password'), 'utf8');
    const kept = password();
    await prepare();
    const byText = (one: object, other: object) => JSON.stringify(one).localeCompare(JSON.stringify(other));
    expect((await aclBindings({ ...above, clientId: 'test' })).sort(byText)).toEqual(before.sort(byText));
    expect(password()).toBe(kept);

    await prepare({ clients: ['shop'], former: ['bank'] });
    const after = await aclBindings({ ...above, clientId: 'test' });
    expect(after.filter(({ principal }) => principal === `User:${PREFIX}bank`)).toEqual([]);
    expect(after.filter(({ principal }) => principal === 'User:admin')).toHaveLength(7);
    expect(await scramUsers({ ...above, clientId: 'test' })).not.toContain(`${PREFIX}bank`);
    expect(notes).toContain(`removed: User:${PREFIX}bank may write topic ${PREFIX}mpc.requests`);
  }, 60_000);

  it('says what is wrong with the description of a deployment', async () => {
    await expect(prepare({ brokers: 2 })).rejects.toThrow(/brokers.*expected 1 or 3/s);
    await expect(prepare({ clients: ['n1'] })).rejects.toThrow('cannot tell');
  });
});
