/** Kafka, Postgres, a chain, a stub signer and one submitter, in a temporary folder for the time of a measurement. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaMessageLog, type LogProducer, type MessageLog, silentLogger } from '@quorate/messaging';
import { loadIdentityKey } from '@quorate/platform';
import { type RecordSigner, recordSigner, topicNames } from '@quorate/protocol';
import { prepareIdentities } from '../../../deploy/embedded/identities/identity-files';
import { fundOnLocalChain, LOCAL_CHAIN_ID } from '../../../deploy/embedded/parts/chain';
import { prepareDatabases } from '../../../deploy/embedded/parts/databases';
import { startInfrastructure } from '../../../deploy/embedded/parts/infrastructure';
import { prepareKafka } from '../../../deploy/embedded/parts/prepare-kafka';
import { freePorts } from '../../../deploy/embedded/ports/free-ports';
import { DEMO_REQUESTER, stackShape, SUBMITTER } from '../../../deploy/embedded/stack/stack-shape';
import { MeasuredPart } from '../measured-part';
import { type Supervised, withSupervisor } from '../with-supervisor';
import { chainPart, signerPart, submitterPart } from './bench-parts';
import { SendTap } from './send-tap';
import { newKeyMaterial, SigningKey } from './signing-key';
import { type StubSignerSettings } from './stub-signer.main';

const FUNDS = 10n ** 24n;

export interface SubmitterStack {
  readonly chainUrl: string;
  readonly databaseUrl: string;
  readonly key: SigningKey;
  /** One derivation path for each lane. */
  readonly paths: readonly string[];
  readonly client: RecordSigner;
  readonly producer: LogProducer;
  readonly log: MessageLog;
  readonly tap: SendTap;
  /** All processes with their pids of now. */
  readonly processes: () => Record<string, { pid: number }>;
  /** Ends the submitter as a power cut does. */
  readonly killSubmitter: () => Promise<void>;
  /** Starts it again; resolves with the time of its start and when it was ready, in milliseconds since 1970. */
  readonly startSubmitter: () => Promise<{ startedAt: number; readyAt: number }>;
}

export interface StackParameters {
  readonly lanes: number;
  /** Where the submitter writes a CPU profile when it ends in good order; nowhere without it. */
  readonly profile: string | undefined;
  /** Whether the submitter's connections to the chain go through a relay that notes its sends. */
  readonly tapped: boolean;
}

/** Starts everything, and leaves nothing behind after `use`. */
export function withSubmitterStack<T>(
  parameters: StackParameters,
  use: (stack: SubmitterStack) => Promise<T>,
): Promise<T> {
  return withSupervisor(SUBMITTER, (supervised) => withSubmitter(supervised, parameters, use));
}

async function withSubmitter<T>(
  { folders, progress, guard, supervisor, log: submitterLog }: Supervised,
  { lanes, profile, tapped }: StackParameters,
  use: (stack: SubmitterStack) => Promise<T>,
): Promise<T> {
  const shape = stackShape(1, 2, 2);
  let submitter: MeasuredPart | undefined;
  let log: MessageLog | undefined;
  let tap: SendTap | undefined;
  try {
    const [kafkaPort = 0, postgres = 0, chain = 0, http = 0, tapPort = 0] = await freePorts(5);
    const chainUrl = `http://127.0.0.1:${chain}`;
    await supervisor.start(chainPart(chain));
    const ports = { kafka: kafkaPort, postgres, chain };
    const infrastructure = await startInfrastructure(supervisor, folders, ports, progress, {
      RPC_URLS: chainUrl,
    });
    const { brokers } = infrastructure;
    const { identities, peers, requesters } = prepareIdentities(folders, shape, LOCAL_CHAIN_ID);
    const keyFile = (kid: string): string => identities.get(kid)?.privateKeyFile ?? '';
    const signerOf = (kid: string): RecordSigner => recordSigner(kid, loadIdentityKey(keyFile(kid)));
    const { runtime: databases, owners } = await prepareDatabases(infrastructure.databaseUrl, folders, shape);
    await prepareKafka({ brokers }, { shape, topicPrefix: '', localBroker: true }, progress);
    log = kafkaMessageLog({ brokers, clientId: 'bench', logger: silentLogger });
    const producer = await log.producer();
    const material = newKeyMaterial();
    const key = new SigningKey(material);
    const paths = Array.from({ length: lanes }, (_, lane) => `m/${lane}`);
    for (const path of paths) await fundOnLocalChain(chainUrl, key.child(path).address, FUNDS);
    await producer.send(
      ['node-1', 'node-2'].map((node) => ({
        topic: topicNames('').state(node),
        ...key.record(node, signerOf(node)),
      })),
    );
    const settings: StubSignerSettings = {
      brokers,
      identityKeyFile: keyFile('coordinator-1'),
      key: material,
    };
    const settingsFile = join(folders.run, 'stub-signer.json');
    writeFileSync(settingsFile, JSON.stringify(settings), { mode: 0o600 });
    const signerLog = join(folders.logs, 'stub-signer.log');
    await supervisor.start(signerPart(settingsFile, () => readFileSync(signerLog, 'utf8').includes('ready')));
    tap = await SendTap.start(chainUrl, tapPort);
    const environment = {
      ...{ PATH: process.env['PATH'], KAFKA_BROKERS: brokers.join(','), DATABASE_URL: databases.submitter },
      DATABASE_MIGRATION_URL: owners.submitter,
      ...{ SERVICE_ID: SUBMITTER, IDENTITY_KEY_FILE: keyFile(SUBMITTER), PEERS_FILE: peers },
      ...{ REQUESTERS_FILE: requesters, RPC_URLS: tapped ? tap.url : chainUrl, CHAIN_ID: LOCAL_CHAIN_ID },
      LOG_LEVEL: 'warn',
    };
    const part = submitterPart({ port: http, environment, profile });
    const measured = new MeasuredPart(part, guard, submitterLog);
    submitter = measured;
    const startSubmitter = async (): Promise<{ startedAt: number; readyAt: number }> => {
      const startedAt = Date.now();
      await measured.start();
      return { startedAt, readyAt: Date.now() };
    };
    await startSubmitter();
    return await use({
      ...{ chainUrl, databaseUrl: databases.submitter, key, paths, producer, log, tap, startSubmitter },
      client: signerOf(DEMO_REQUESTER),
      processes: () => ({
        ...Object.fromEntries(supervisor.started.map(({ part: { name }, pid }) => [name, { pid }])),
        ...measured.pids,
      }),
      killSubmitter: () => measured.kill(),
    });
  } finally {
    await submitter?.stop();
    await log?.close();
    await tap?.stop();
  }
}
