/** Kafka, Postgres and one auditor, in a temporary folder for the time of a measurement. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { kafkaMessageLog, type LogProducer, type MessageLog, silentLogger } from '@quorate/messaging';
import { auditorEnvironment } from '../../../apps/auditor/src/testing/running-auditor';
import { projectRoot } from '../../../deploy/embedded/files/project-root';
import { prepareDatabases } from '../../../deploy/embedded/parts/databases';
import { findJava } from '../../../deploy/embedded/parts/java';
import { kafkaPart } from '../../../deploy/embedded/parts/kafka';
import { cachedKafkaJars, fetchKafkaJars } from '../../../deploy/embedded/parts/kafka-jars';
import { postgresPart, superuserUrl } from '../../../deploy/embedded/parts/postgres';
import { prepareKafka } from '../../../deploy/embedded/parts/prepare-kafka';
import { freePorts } from '../../../deploy/embedded/ports/free-ports';
import { type Part } from '../../../deploy/embedded/processes/part';
import { AUDITOR, stackShape } from '../../../deploy/embedded/stack/stack-shape';
import { MeasuredPart } from '../measured-part';
import { type Supervised, withSupervisor } from '../with-supervisor';

export interface AuditStack {
  /** As the role that the auditor works with. */
  readonly databaseUrl: string;
  /** As the owner of its tables. */
  readonly ownerUrl: string;
  /** Of the auditor's API. */
  readonly url: string;
  readonly producer: LogProducer;
  /** All processes with their pids of now. */
  readonly processes: () => Record<string, { pid: number }>;
  /** Not started yet. */
  readonly auditor: MeasuredPart;
}

/**
 * Starts Kafka and Postgres, and leaves nothing behind after `use`. The auditor is started by whoever measures.
 * @param profile where the auditor writes a CPU profile when it ends in good order; nowhere without it
 */
export function withAuditStack<T>(
  profile: string | undefined,
  use: (stack: AuditStack) => Promise<T>,
): Promise<T> {
  return withSupervisor(AUDITOR, (supervised) => withAuditor(supervised, profile, use));
}

async function withAuditor<T>(
  { folders, progress, guard, supervisor, log }: Supervised,
  profile: string | undefined,
  use: (stack: AuditStack) => Promise<T>,
): Promise<T> {
  const shape = stackShape(1, 3, 2);
  let auditor: MeasuredPart | undefined;
  let messages: MessageLog | undefined;
  try {
    const [kafka = 0, port = 0, http = 0] = await freePorts(3);
    const jars = cachedKafkaJars() ?? (await fetchKafkaJars());
    const broker = { folder: join(folders.data, 'kafka'), port: kafka, jars, java: await findJava() };
    await supervisor.start(kafkaPart(broker));
    const brokers = [`127.0.0.1:${kafka}`];
    const postgres = {
      folder: join(folders.data, 'postgres'),
      port,
      password: randomBytes(24).toString('hex'),
    };
    await supervisor.start(postgresPart(postgres));
    const { runtime, owners } = await prepareDatabases(superuserUrl(postgres), folders, shape);
    await prepareKafka({ brokers }, { shape, topicPrefix: '', localBroker: false }, progress);
    messages = kafkaMessageLog({ brokers, clientId: 'bench', logger: silentLogger });
    const variables = {
      ...{ DATABASE_MIGRATION_URL: owners.audit, HTTP_PORT: String(http), LOG_LEVEL: 'warn' },
      ...{ HTTP_CALLS_PER_SECOND: '100000', NODE_ENV: 'production' },
    };
    const settings = { brokers: brokers.join(','), databaseUrl: runtime.audit, topicPrefix: '', variables };
    const part = auditorPart(http, auditorEnvironment(settings, folders.run), profile);
    const measured = new MeasuredPart(part, guard, log);
    auditor = measured;
    return await use({
      databaseUrl: runtime.audit,
      ownerUrl: owners.audit,
      url: `http://127.0.0.1:${http}`,
      producer: await messages.producer(),
      processes: () => ({
        ...Object.fromEntries(supervisor.started.map(({ part: { name }, pid }) => [name, { pid }])),
        ...measured.pids,
      }),
      auditor: measured,
    });
  } finally {
    await auditor?.stop();
    await messages?.close();
  }
}

function auditorPart(port: number, environment: NodeJS.ProcessEnv, profile: string | undefined): Part {
  const health = `http://127.0.0.1:${port}`;
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return {
    ...{ name: AUDITOR, stage: 'service', stopSignal: 'SIGTERM', readyTimeoutMs: 60_000, health },
    command: async () => ({
      file: process.execPath,
      args: [
        ...['--disable-warning=ExperimentalWarning', ...profiling],
        join(projectRoot(), 'dist/apps/auditor/src/main.js'),
      ],
      env: { ...environment, PATH: process.env['PATH'] },
      cwd: projectRoot(),
    }),
    probe: async () => {
      const { ok, status } = await fetch(`${health}/readyz`);
      if (!ok) throw new Error(`/readyz says ${status}`);
    },
  };
}
