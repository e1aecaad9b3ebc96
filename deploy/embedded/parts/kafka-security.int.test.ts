import { join } from 'node:path';
import { kafkaMessageLog, type MessageLog, recordsOf } from '@quorate/messaging';
import { keptLogins } from '../../kafka/logins';
import { certificateOf, prepareCertificates } from '../identities/certificates';
import { serviceKids, stackShape } from '../stack/stack-shape';
import { silentProgress } from '../terminal/progress';
import { brokerOf, startSecured } from '../testing/secured-broker';
import { type TemporaryStack, temporaryStack } from '../testing/temporary-stack';
import { kafkaPart } from './kafka';
import { adminAccess, BROKER_KID, type KafkaAccess } from './kafka-security';
import { prepareKafka } from './prepare-kafka';

const SHAPE = stackShape(1, 2, 2);
const FINALS = 'mpc.finals';
const record = { topic: FINALS, key: 'r', value: Buffer.from('from before'), headers: {} };

describe('a broker with logins and access rules', () => {
  const logs: MessageLog[] = [];
  let temporary: TemporaryStack;
  let listener: KafkaAccess;
  let accessOf: (kid: string) => KafkaAccess;
  const openLog = (access: KafkaAccess) => {
    const log = kafkaMessageLog({ ...access, clientId: 'test' });
    logs.push(log);
    return log;
  };

  beforeAll(async () => {
    temporary = await temporaryStack();
    const kafka = await brokerOf(temporary);
    const brokers = [`127.0.0.1:${kafka.port}`];

    // As a version before logins and rules left it.
    const before = await temporaryStack();
    await before.supervisor.start(kafkaPart(kafka));
    await prepareKafka({ brokers }, { shape: SHAPE, topicPrefix: '', localBroker: true }, silentProgress);
    const log = kafkaMessageLog({ brokers, clientId: 'test' });
    await (await log.producer()).send([record]);
    await log.close();
    await before.end();

    const { admin, listener: users } = await startSecured(temporary, kafka);
    listener = users;
    const logins = keptLogins(join(temporary.folders.data, 'logins'), [...serviceKids(SHAPE), 'alice'], '');
    const preparation = { shape: SHAPE, topicPrefix: '', localBroker: true };
    await prepareKafka(
      admin,
      { ...preparation, logins: { ...logins, clients: ['alice'], listener } },
      silentProgress,
    );
    accessOf = (kid) => {
      const { username = '', password = '' } = logins.present.get(kid) ?? {};
      return { ...listener, sasl: { username, password } };
    };
  }, 120_000);
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await temporary.end();
  });

  it('keeps what a broker without them has taken', async () => {
    const values: string[] = [];
    const subscription = await openLog(accessOf('alice')).subscribe({
      ...{ topic: FINALS, group: 'alice-test', start: 'earliest' },
      handle: async (batches) => {
        values.push(...recordsOf(batches).map(({ value }) => String(value)));
      },
    });
    await subscription.caughtUp();
    expect(values).toEqual(['from before']);
  }, 30_000);

  it('is said to refuse a wrong password, at once', async () => {
    const guessed = { ...listener, sasl: { username: 'alice', password: 'guessed' } };
    await expect(openLog(guessed).producer()).rejects.toMatchObject({
      ...{ kind: 'fatal', code: 'kafka-login' },
      message: expect.stringMatching(/KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/) as string,
    });
  });

  it('is said to have a certificate of somebody unknown, at once', async () => {
    const elsewhere = await temporaryStack();
    const others = await prepareCertificates(elsewhere.folders, [BROKER_KID]);
    const { ssl } = adminAccess({
      ...{ broker: certificateOf(others, BROKER_KID), admin: certificateOf(others, BROKER_KID) },
      internalPort: 0,
    });
    await elsewhere.end();
    const distrusted = { ...accessOf('alice'), ssl: { ca: ssl?.ca ?? '' } };
    await expect(openLog(distrusted).producer()).rejects.toMatchObject({
      ...{ kind: 'fatal', code: 'kafka-certificate' },
      message: expect.stringMatching(/KAFKA_SSL_CA/) as string,
    });
  });

  it('is said not to let somebody write, and to which topic', async () => {
    const producer = await openLog(accessOf('alice')).producer();
    await expect(producer.send([record])).rejects.toMatchObject({
      ...{ kind: 'fatal', code: 'kafka-access' },
      message: expect.stringContaining('does not allow this process to write to mpc.finals') as string,
    });
  });

  it.each([
    ['a topic', 'mpc.partials', 'alice-test'],
    ['a group', FINALS, 'bob-test'],
  ])(
    'is said not to let somebody read by %s of others',
    async (_, topic, group) => {
      const log = openLog(accessOf('alice'));
      const subscribing = log.subscribe({ topic, group, start: 'earliest', handle: async () => undefined });
      await expect(subscribing.then(({ assigned }) => assigned)).rejects.toMatchObject({
        code: 'kafka-access',
        message: expect.stringContaining(`to read ${topic} as a member of the group ${group}`) as string,
      });
    },
    30_000,
  );
});
