import { join } from 'node:path';
import { type ClientQuota, clientQuotas, ensureClientQuotas } from '@quorate/messaging';
import { freePorts } from '../ports/free-ports';
import { stackShape } from '../stack/stack-shape';
import { silentProgress } from '../terminal/progress';
import { type TemporaryStack, temporaryStack } from '../testing/temporary-stack';
import { findJava } from './java';
import { kafkaPart } from './kafka';
import { cachedKafkaJars, fetchKafkaJars } from './kafka-jars';
import { prepareKafka } from './prepare-kafka';

const ANALYTICS: ClientQuota = { entity: { 'client-id': 'analytics' }, limits: { consumer_byte_rate: 1000 } };

describe('prepareKafka', () => {
  let temporary: TemporaryStack;
  beforeEach(async () => {
    temporary = await temporaryStack();
  });
  afterEach(() => temporary.end());

  it('sets the quotas of the embedded broker, follows the shape, and leaves what others have set', async () => {
    const [port = 0] = await freePorts(1);
    const jars = cachedKafkaJars() ?? (await fetchKafkaJars());
    const folder = join(temporary.folders.data, 'kafka');
    await temporary.supervisor.start(kafkaPart({ folder, port, jars, java: await findJava() }));
    const kafka = { brokers: [`127.0.0.1:${port}`] };
    const admin = { ...kafka, clientId: 'test' };
    const prepare = (nodes: number, localBroker = true) =>
      prepareKafka(kafka, { shape: stackShape(1, nodes, 2), topicPrefix: '', localBroker }, silentProgress);
    const limited = async () => {
      const quotas = await clientQuotas(admin);
      return quotas.map(({ entity }) => entity['client-id'] ?? '<default>').sort();
    };
    const untilLimited = async (expected: string[]) => {
      for (let tries = 0; tries < 50 && String(await limited()) !== String(expected); tries += 1);
      expect(await limited()).toEqual(expected);
    };

    await prepare(3, false);
    expect(await limited()).toEqual([]);

    await prepare(3);
    await ensureClientQuotas(admin, { quotas: [ANALYTICS], isOurs: () => false });
    const services = ['auditor', 'coordinator-1', 'node-1', 'node-2', 'node-3', 'submitter'];
    await untilLimited(['<default>', 'analytics', ...services]);

    await prepare(2);
    await untilLimited(['<default>', 'analytics', ...services.filter((name) => name !== 'node-3')]);
  }, 120_000);
});
