import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createEventStore, type EventStore, watchPublishing } from '@quorate/event-store';
import { kafkaMessageLog, type LogProducer, type MessageLog, meteredLog } from '@quorate/messaging';
import {
  asQuorateError,
  HealthRegistry,
  identityJwk,
  kafkaConnection,
  LOGGER,
  type Logger,
  loadIdentityKey,
  Metrics,
  PeerDirectory,
  ProcessShutdown,
  publicKeyBytes,
} from '@quorate/platform';
import { type NodeStateInput, topicNames } from '@quorate/protocol';
import { ed25519FrameSigner } from '@quorate/threshold';
import { type KeyObject, randomUUID } from 'node:crypto';
import { FailureEvidence } from './attribution/failure-evidence';
import { Ceremonies } from './ceremony/ceremonies';
import { HealthChecks } from './ceremony/health-check';
import { ProtocolThread } from './ceremony/protocol-thread';
import { NODE_CONFIG, type NodeConfig } from './config';
import { CoordinatorLink, linkCredentials } from './coordinator-link/coordinator-link';
import { CoordinatorDesk } from './coordinator-link/coordinator-desk';
import { DatabaseHold } from './database/database-hold';
import { NODE_MIGRATIONS } from './database/node-migrations';
import { assertLedgerIsCurrent, Heartbeat } from './heartbeat/heartbeat';
import { openHalts } from './halt/open-halts';
import { NODE_VERSION, NodeIdentity } from './identity/node-identity';
import { nodeKeys } from './key-share/node-keys';
import { ShareSeal } from './key-share/seal';
import { PeerRegistry } from './peer-registry/peer-registry';
import { PolicySource } from './policy/policy-source';
import { PresignaturePool } from './presignature-pool/presignature-pool';
import { RoundInbox } from './round-inbox/round-inbox';
import { nodeGauges } from './metrics/node-gauges';
import { NodeMetrics } from './metrics/node-metrics';
import { ledgerCount } from './sign-task/ledger';
import { SignDesk } from './sign-task/sign-desk';

const PRESIGNATURE_TTL_MS = 24 * 60 * 60 * 1000;
const EXPIRY_CHECK_MS = 60_000;

/** Starts and stops the parts of one node in the order in which they need each other. */
@Injectable()
export class NodeProcess implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stops: (() => Promise<void> | void)[] = [];

  constructor(
    @Inject(NODE_CONFIG) private readonly config: NodeConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
    private readonly shutdown: ProcessShutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.health.set('node', false, 'starting');
    this.start().catch((error: Error) => void this.shutdown.fail(error));
  }

  async onApplicationShutdown(): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
  }

  private async start(): Promise<void> {
    const { config, logger } = this;
    const identityKey = loadIdentityKey(config.IDENTITY_KEY_FILE);
    const identity = new NodeIdentity(config.NODE_ID, identityKey, topicNames(config.TOPIC_PREFIX));
    const peers = PeerDirectory.watch(config.PEERS_FILE, logger);
    assertPinned(peers, identity.nodeId, identityKey);
    const policy = new PolicySource(config.POLICY_FILE, logger);
    const seal = ShareSeal.fromFile(config.SEAL_KEY_FILE);
    const linkFiles = linkCredentials({
      caFile: config.GRPC_CA_FILE,
      certFile: config.GRPC_CERT_FILE,
      keyFile: config.GRPC_KEY_FILE,
    });
    this.stops.push(
      () => policy.close(),
      () => peers.close(),
    );

    const kafka = kafkaMessageLog({ ...kafkaConnection(config), clientId: identity.nodeId, logger });
    const log = meteredLog(kafka, this.metrics, config.TOPIC_PREFIX);
    log.onFatal((error) => void this.shutdown.fail(error));
    this.stops.push(() => log.close());
    const { store, hold } = await this.openStore(identity);
    const producer = await log.producer();
    await store.startDispatcher(producer, watchPublishing(store, this.metrics, this.health));
    this.stops.push(() => producer.close());
    this.health.set('node', false, 'reading state');
    await this.run({ identity, identityKey, peers, policy, seal, log, store, hold, producer, linkFiles });
  }

  private async openStore(identity: NodeIdentity): Promise<{ store: EventStore; hold: DatabaseHold }> {
    const url = this.config.DATABASE_URL.reveal();
    this.health.set('node', false, 'waiting for the database');
    const store = await createEventStore({
      url,
      migrationUrl: this.config.DATABASE_MIGRATION_URL?.reveal(),
      migrations: NODE_MIGRATIONS,
      encodeEvent: (event) => identity.event(event),
      logger: this.logger,
    });
    this.stops.push(() => store.close());
    const fatal = (error: Error): void => void this.shutdown.fail(error);
    const hold = await DatabaseHold.take(url, identity.nodeId, identity.bootId, fatal, this.logger);
    this.stops.push(() => hold.release());
    return { store, hold };
  }

  private async run(parts: {
    identity: NodeIdentity;
    identityKey: KeyObject;
    peers: PeerDirectory;
    policy: PolicySource;
    seal: ShareSeal;
    log: MessageLog;
    store: EventStore;
    hold: DatabaseHold;
    producer: LogProducer;
    linkFiles: ReturnType<typeof linkCredentials>;
  }): Promise<void> {
    const { identity, identityKey, peers: directory, policy, seal, log, store, hold, producer } = parts;
    const { logger } = this;
    const group = `${this.config.TOPIC_PREFIX}${identity.nodeId}/${identity.bootIdHex}`;

    const spentSoFar = await store.transaction(ledgerCount);
    const ownKeys = directory.everyKeyOf(identity.nodeId);
    await assertLedgerIsCurrent(log, identity, ownKeys, `${group}-ledger`, spentSoFar);

    const pool = new PresignaturePool();
    // Certificates of epochs that have ended name former keys of their members, too.
    const nodeOf = (key: Buffer): string | undefined =>
      directory.ownerOf('node', (known) => publicKeyBytes(known).equals(key));
    const { shares, keys, pairs, adoptions, retirement, erasure } = nodeKeys({
      ...{ identity, store, seal, nodeOf, policy, pool, logger },
    });
    const peers = new PeerRegistry(log, identity.topics, directory, logger);
    const inbox = new RoundInbox(log, identity.topics, directory, identity.nodeId, logger);
    const sign = ed25519FrameSigner(identityKey);
    const halting = await openHalts(this.config, identity, store, policy, { log, peers: directory }, logger);
    const evidence = new FailureEvidence(identity.nodeId, (keyId) => keys.get(keyId)?.members.size);
    const heartbeat = new Heartbeat(
      identity,
      pairs,
      pool,
      policy,
      halting.halts,
      () => this.health.ready(),
      logger,
    );
    heartbeat.addSpent(spentSoFar);
    const healthChecks = new HealthChecks(store, keys, shares, inbox, sign, logger, (count) =>
      heartbeat.addSpent(count),
    );
    const measured = new NodeMetrics(this.metrics);
    const ceremonies = new Ceremonies({
      ...{ identity, store, hold, keys, pairs, adoptions, pool, peers, inbox, policy, logger },
      halts: halting.halts,
      whenFailed: (tx, failed) => {
        evidence.record(tx, failed);
        tx.afterCommit(() => measured.failed(failed));
      },
      stockNonces: (batch, facts) => pool.add(batch, facts),
      health: healthChecks,
      identityOf: (node) => presentIdentity(directory, node),
    });
    const thread = new ProtocolThread(identityKey, {
      step: (step) => ceremonies.step(step),
      verdict: (verdict) => ceremonies.verdict(verdict),
      pairAnnounced: (pair) => ceremonies.pairAnnounced(pair),
      fatal: (error) => void this.shutdown.fail(error),
    });
    ceremonies.attach(thread);
    this.stops.push(
      () => thread.stop(),
      () => ceremonies.stop(),
      () => healthChecks.stop(),
    );
    await pairs.load();
    await keys.load((keyId, encoded) => ceremonies.loadShare(keyId, encoded));
    await pairs.loadAwaited((pair, encoded) => ceremonies.awaitPair(pair, encoded));

    const desk = new SignDesk({
      ...{ identity, store, hold, keys, pool, policy, logger, halts: halting.halts },
      onRefused: (refusal) => {
        measured.refused(refusal);
        halting.self.refused(refusal);
      },
      onSpent: (count) => {
        measured.spent(count);
        heartbeat.addSpent(count);
      },
      onAnswered: (waited) => measured.answered(waited),
    });

    peers.whenRestarted((node) => {
      pool.discard((batch) => batch.committee.includes(node));
      ceremonies.abandonSessionsWith(node);
    });
    peers.whenKeyPublished(async (record, node) => {
      const change = await adoptions.adopt(record, node);
      if (change !== undefined) ceremonies.epochChanged(change);
    });
    await Promise.all([
      peers.start(identity.nodeId, `${group}-state`),
      halting.startReading(`${group}-halts`),
      inbox.start(`${group}-rounds`, (sessionId, frame) => ceremonies.receive(sessionId, frame)),
    ]);
    this.stops.push(
      () => peers.stop(),
      () => halting.stop(),
      () => inbox.stop(),
    );
    // The keys as well: what a former identity of this node said of them does not count for ever.
    await producer.send([nodeRecord(identity, identityKey), ...keys.records()]);

    const coordinators = new CoordinatorDesk({
      ...{ identity, pool, ceremonies, desk, retirement, logger },
      halts: halting.operators,
    });
    const links = this.config.COORDINATORS.map(
      (address) => new CoordinatorLink(address, parts.linkFiles, coordinators, logger),
    );
    for (const link of links) link.start();
    nodeGauges(this.metrics, { pool, pairs, inbox, keys, halts: halting.halts, links });
    this.stops.push(() => links.forEach((link) => link.stop()));
    const expiry = setInterval(() => {
      pool.discard((batch) => Date.now() - batch.stockedAt > PRESIGNATURE_TTL_MS);
    }, EXPIRY_CHECK_MS);
    this.stops.push(
      () => clearInterval(expiry),
      () => heartbeat.stop(),
    );
    heartbeat.start(producer);
    erasure.start();
    this.stops.push(() => erasure.stop());
    this.health.set('node', true);
    logger.info({ keys: keys.list().length, bootId: identity.bootIdHex }, 'node ready');
  }
}

function nodeRecord(identity: NodeIdentity, identityKey: KeyObject): ReturnType<NodeIdentity['record']> {
  const data: NodeStateInput = {
    type: 'quorate.state.node.v1',
    id: randomUUID(),
    node: identity.nodeId,
    identity: identityJwk(identityKey),
    bootId: identity.bootIdHex,
    version: NODE_VERSION,
    at: new Date().toISOString(),
  };
  return identity.record(identity.topics.state(identity.nodeId), 'state', identity.nodeId, data);
}

function presentIdentity(peers: PeerDirectory, node: string): Buffer | undefined {
  const peer = peers.get(node);
  return peer?.role === 'node' ? publicKeyBytes(peer.publicKey) : undefined;
}

function assertPinned(peers: PeerDirectory, nodeId: string, identityKey: KeyObject): void {
  // A former key will do as long as it counts: the node may die between the two halves of a rotation.
  const pinned = [peers.lookup('node')(nodeId) ?? []].flat();
  const own = publicKeyBytes(identityKey);
  if (pinned.some((key) => publicKeyBytes(key).equals(own))) return;
  throw asQuorateError(
    new Error(`PEERS_FILE must name ${nodeId} with role node and the public key of IDENTITY_KEY_FILE`),
  );
}
