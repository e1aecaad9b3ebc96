import { createPublicKey, randomUUID } from 'node:crypto';
import { DurableHalts } from '@quorate/halts';
import { type LogProducer, type MessageLog } from '@quorate/messaging';
import { identityJwk, type PeerDirectory } from '@quorate/platform';
import { type NodeStateInput, streams } from '@quorate/protocol';
import { type NonceBatch } from '@quorate/threshold';
import { Ceremonies } from '../ceremony/ceremonies';
import { type FailedCeremony } from '../ceremony/running-ceremonies';
import { HealthChecks } from '../ceremony/health-check';
import { ProtocolThread, type ThreadWorker } from '../ceremony/protocol-thread';
import { type ThreadData } from '../ceremony/thread-messages';
import { NodeIdentity } from '../identity/node-identity';
import { type NodeKeys } from '../key-share/node-keys';
import { PeerRegistry } from '../peer-registry/peer-registry';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { RoundInbox } from '../round-inbox/round-inbox';
import { type NodeStand } from './node-stand';
import { type TestNode } from './test-nodes';

/** What the nodes of a test share. */
export interface Surroundings {
  readonly nodes: readonly TestNode[];
  readonly log: MessageLog;
  readonly producer: LogProducer;
  readonly directory: PeerDirectory;
  readonly startThread: (workerData: ThreadData) => ThreadWorker;
}

/** One process of a node: everything but its database is gone when it is killed. */
export class LiveNode {
  readonly identity: NodeIdentity;
  readonly held: NodeKeys;
  readonly pool = new PresignaturePool();
  readonly inbox: RoundInbox;
  readonly ceremonies: Ceremonies;
  readonly failures: FailedCeremony[] = [];
  /** By session, hex. */
  readonly nonces = new Map<string, NonceBatch>();
  /** Presignatures that health checks spent, as the heartbeat would count them. */
  spent = 0;
  private readonly peers: PeerRegistry;
  private readonly health: HealthChecks;
  private readonly thread: ProtocolThread;

  private constructor(
    readonly node: TestNode,
    readonly stand: NodeStand,
    private readonly around: Surroundings,
  ) {
    const { log, directory, nodes } = around;
    const { nodeId, identityKey, topics } = node.identity;
    const { store, hold, policy, logger } = stand;
    this.identity = new NodeIdentity(nodeId, identityKey, topics);
    this.held = stand.newKeys(this.pool);
    const { keys, shares } = this.held;
    this.peers = new PeerRegistry(log, topics, directory, logger);
    this.inbox = new RoundInbox(log, topics, directory, nodeId, logger);
    this.health = new HealthChecks(store, keys, shares, this.inbox, node.sign, logger, (count) => {
      this.spent += count;
    });
    this.ceremonies = new Ceremonies({
      ...{ identity: this.identity, store, hold, ...this.held, pool: this.pool, policy, logger },
      ...{ peers: this.peers, inbox: this.inbox, health: this.health },
      halts: new DurableHalts(streams.halts(nodeId), store),
      whenFailed: (_, failed) => this.failures.push(failed),
      stockNonces: (batch) => this.nonces.set(batch.sid.toString('hex'), batch),
      identityOf: (name) => nodes.find(({ identity }) => identity.nodeId === name)?.publicKey,
    });
    this.thread = new ProtocolThread(
      identityKey,
      {
        step: (step) => this.ceremonies.step(step),
        verdict: (verdict) => this.ceremonies.verdict(verdict),
        pairAnnounced: (pair) => this.ceremonies.pairAnnounced(pair),
        fatal: (error) => logger.error({ err: error }, 'fatal'),
      },
      around.startThread,
    );
    this.ceremonies.attach(this.thread);
  }

  /** @param prepare is called before the process reads or does anything */
  static async start(
    node: TestNode,
    stand: NodeStand,
    around: Surroundings,
    prepare: (process: LiveNode) => void = () => undefined,
  ): Promise<LiveNode> {
    const process = new LiveNode(node, stand, around);
    prepare(process);
    await process.run();
    return process;
  }

  /** Ends the process as kill -9 does: what it was doing is never finished. */
  kill(): void {
    this.ceremonies.stop();
    this.health.stop();
    // Nobody waits: a handler that hangs at the point of death never ends.
    void this.thread.stop();
    void this.peers.stop();
    void this.inbox.stop();
  }

  private async run(): Promise<void> {
    const { keys, pairs, adoptions } = this.held;
    const { nodeId, bootIdHex, topics, identityKey } = this.identity;
    await pairs.load();
    await keys.load((keyId, encoded) => this.ceremonies.loadShare(keyId, encoded));
    await pairs.loadAwaited((pair, encoded) => this.ceremonies.awaitPair(pair, encoded));
    this.peers.whenRestarted((node) => {
      this.pool.discard((batch) => batch.committee.includes(node));
      this.ceremonies.abandonSessionsWith(node);
    });
    this.peers.whenKeyPublished(async (record, node) => {
      const change = await adoptions.adopt(record, node);
      if (change !== undefined) this.ceremonies.epochChanged(change);
    });
    await Promise.all([
      this.peers.start(nodeId, randomUUID()),
      this.inbox.start(randomUUID(), (sessionId, frame) => this.ceremonies.receive(sessionId, frame)),
    ]);
    const state: NodeStateInput = {
      ...{ type: 'quorate.state.node.v1', id: randomUUID(), node: nodeId, version: '0.1.0' },
      ...{ identity: identityJwk(createPublicKey(identityKey)), bootId: bootIdHex },
      at: new Date().toISOString(),
    };
    const record = this.identity.record(topics.state(nodeId), 'state', nodeId, state);
    await this.around.producer.send([record]);
  }
}
