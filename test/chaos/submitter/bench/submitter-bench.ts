/**
 * What a campaign works with: Kafka, Postgres and a chain, a JSON-RPC proxy for each of two endpoints, two submitters with
 * one identity on one database, of which one has dearer transactions signed in advance, and a stub in the place of the
 * signers.
 */
import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaMessageLog, type LogProducer, silentLogger } from '@quorate/messaging';
import { topicNames, type TopicNames } from '@quorate/protocol';
import {
  createTestIdentities,
  type TestIdentities,
} from '../../../../apps/tx-submitter/src/testing/identities';
import { StubKey, StubSigner } from '../../../../apps/tx-submitter/src/testing/stub-signer';
import { SubmitterProcess } from '../../../../apps/tx-submitter/src/testing/submitter-process';
import { LOCAL_CHAIN_ID } from '../../../../deploy/embedded/parts/chain';
import { freePorts } from '../../../../deploy/embedded/ports/free-ports';
import { topicSpecs } from '../../../../deploy/kafka/topics';
import { RpcProxy } from '../../../rpc-proxy/rpc-proxy';
import { RecordTap } from '../../observation/record-tap';
import { type Random } from '../../random';
import { BenchDatabase } from './bench-database';
import { Foundation } from './foundation';
import { type LocalChain } from './local-chain';
import { SendWitness } from './send-witness';
import { type Ending, SupervisedSubmitter } from './supervised-submitter';

export const REQUESTER = 'alice';
/** What names the submitters as requesters of signatures, and of fillers. */
export const SUBMITTER = 'submitter';
/** Of the first submitter. */
const FEE_LADDER = '1,1.25,1.6,2.5';
const START_TIMEOUT_MS = 90_000;
const POLL_MS = 50;

export interface SubmitterBench {
  readonly folder: string;
  readonly foundation: Foundation;
  readonly chain: LocalChain;
  readonly proxies: readonly RpcProxy[];
  readonly key: StubKey;
  readonly signer: StubSigner;
  readonly identities: TestIdentities;
  readonly topics: TopicNames;
  readonly producer: LogProducer;
  readonly tap: RecordTap;
  readonly database: BenchDatabase;
  readonly witness: SendWitness;
  readonly submitters: readonly SupervisedSubmitter[];
  /** How submitters ended by themselves. */
  readonly endings: readonly Ending[];
}

/** @param folder empty; for all files, logs among them */
export async function openBench(folder: string, random: Random): Promise<SubmitterBench> {
  const foundation = await Foundation.start(folder);
  const { chain, brokers, databaseUrl } = foundation;
  const prefix = `c${randomBytes(4).toString('hex')}.`;
  const topics = topicNames(prefix);
  const tap = await openTap(brokers, prefix, topics);
  const producer = await tap.log.producer();
  const identities = createTestIdentities(folder);
  const key = new StubKey();
  const signer = new StubSigner(key, identities.signer('coordinator-1'), tap.log, producer, topics);
  const proxies = [await RpcProxy.start(chain.url, random), await RpcProxy.start(chain.url, random)];
  const database = new BenchDatabase(databaseUrl);
  const witness = new SendWitness(database);
  for (const proxy of proxies) proxy.witness = (call) => witness.see(call);
  const endings: Ending[] = [];
  const env = {
    ...{ KAFKA_BROKERS: brokers.join(','), TOPIC_PREFIX: prefix, DATABASE_URL: databaseUrl },
    ...{ IDENTITY_KEY_FILE: identities.files.identityKey, PEERS_FILE: identities.files.peers },
    ...{ REQUESTERS_FILE: identities.files.requesters, CHAIN_ID: LOCAL_CHAIN_ID, LOG_LEVEL: 'info' },
    ...{ SERVICE_ID: SUBMITTER, RPC_URLS: proxies.map((proxy) => proxy.url).join(',') },
  };
  const submitters = (await freePorts(2)).map((port, i) =>
    supervised(
      `submitter-${i + 1}`,
      folder,
      { ...env, ...(i === 0 && { FEE_LADDER }), HTTP_PORT: String(port) },
      (ending) => endings.push(ending),
    ),
  );
  const records = ['node-1', 'node-2'].map((node) => ({
    topic: topics.state(node),
    ...key.record(node, identities.signer(node)),
  }));
  await producer.send(records);
  await signer.start();
  for (const submitter of submitters) submitter.start();
  await untilReady(submitters);
  return {
    ...{ folder, foundation, chain, proxies, key, signer, identities, topics, producer, tap, database },
    ...{ witness, submitters, endings },
  };
}

/** @throws Error when a submitter is not ready in time */
export async function untilReady(submitters: readonly SupervisedSubmitter[]): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (const submitter of submitters) {
    while (!(await submitter.isReady())) {
      if (performance.now() > deadline)
        throw new Error(`${submitter.name} is not ready, see ${submitter.logFile}`);
      await delay(POLL_MS);
    }
  }
}

export async function closeBench(bench: SubmitterBench): Promise<void> {
  await Promise.all(bench.submitters.map((submitter) => submitter.stop()));
  await bench.signer.stop();
  await bench.producer.close();
  await bench.tap.close();
  await bench.database.close();
  await Promise.all(bench.proxies.map((proxy) => proxy.stop()));
  await bench.foundation.stop();
}

async function openTap(brokers: string[], prefix: string, topics: TopicNames): Promise<RecordTap> {
  const names = { nodes: ['node-1', 'node-2'], coordinators: ['coordinator-1'], submitters: [SUBMITTER] };
  const specs = topicSpecs({
    brokers: 1,
    prefix,
    ...names,
    auditors: ['auditor'],
    operators: [],
    clients: [],
  });
  const log = kafkaMessageLog({ brokers, clientId: 'chaos', logger: silentLogger });
  await log.ensureTopics(specs);
  await log.close();
  return RecordTap.open({ brokers }, [topics.outcomes, topics.deadLetters]);
}

/** One of the two, with the modules in it that kill it at a point and make its clock wrong. */
function supervised(
  name: string,
  folder: string,
  env: Record<string, string>,
  onEnding: (ending: Ending) => void,
): SupervisedSubmitter {
  const files = { failpoint: join(folder, `${name}.failpoint`), clock: join(folder, `${name}.clock`) };
  const insiders = [
    join(__dirname, `../../insider/shifted-clock${extname(__filename)}`),
    join(__dirname, `../insider/failpoint${extname(__filename)}`),
  ];
  const process = new SubmitterProcess(
    { ...env, CHAOS_FAILPOINT_FILE: files.failpoint, CHAOS_CLOCK_FILE: files.clock },
    join(folder, 'logs', `${name}.log`),
    `http://127.0.0.1:${env['HTTP_PORT']}`,
    insiders,
  );
  return new SupervisedSubmitter(name, process, files, onEnding);
}
