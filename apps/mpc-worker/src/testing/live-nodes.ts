import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { memoryMessageLog, recordsOf } from '@quorate/messaging';
import { PeerDirectory } from '@quorate/platform';
import {
  type CeremonyEnded,
  type OperatorCommandInput,
  partialSchema,
  signDetached,
  toHex,
} from '@quorate/protocol';
import { sessionId, type SuiteId } from '@quorate/threshold';
import { type CeremonyOrder, sessionStartOf } from '../ceremony/ceremony-order';
import { type KeyEpoch } from '../key-share/key-epoch';
import { InProcessThread } from './in-process-thread';
import { LiveNode, type Surroundings } from './live-node';
import { type NodeStand, openNodeStand } from './node-stand';
import { type TestNode, testNodes } from './test-nodes';
import { waitFor } from '../../../../test/integration/until';

type Fields = Partial<CeremonyOrder> & Pick<CeremonyOrder, 'purpose' | 'suite' | 'threshold'>;
/** A command without what all commands have. */
type Command = OperatorCommandInput extends infer C
  ? C extends OperatorCommandInput
    ? Omit<C, 'expiry' | 'nonce'>
    : never
  : never;

const SCHEMES = { 1: 'ecdsa-secp256k1', 3: 'eddsa-ed25519', 4: 'bip340-secp256k1' } as const;

/**
 * Several nodes with databases of their own over one message log in memory. The test plays coordinator and operators: it
 * orders ceremonies, kills processes and starts them again.
 */
export class LiveNodes {
  /** The running process of each node, by index. */
  readonly running = new Map<number, LiveNode>();
  /** All results that nodes reported. */
  readonly ended: CeremonyEnded[] = [];
  private readonly stands = new Map<number, NodeStand>();

  private constructor(
    readonly around: Surroundings,
    private readonly operator: ReturnType<typeof generateKeyPairSync>,
  ) {}

  static async open(
    count: number,
    startThread: Surroundings['startThread'] = (data) => new InProcessThread(data),
  ): Promise<LiveNodes> {
    const nodes = testNodes(count);
    const log = memoryMessageLog();
    const producer = await log.producer();
    const operator = generateKeyPairSync('ed25519');
    const directory = new PeerDirectory(
      nodes.map(({ identity }) => ({
        ...{ kid: identity.nodeId, role: 'node' as const },
        publicKey: createPublicKey(identity.identityKey),
      })),
    );
    const all = new LiveNodes({ nodes, log, producer, directory, startThread }, operator);
    await log.subscribe({
      ...{ topic: nodes[0]?.identity.topics.partials ?? '', group: randomUUID(), start: 'earliest' },
      handle: async (batches) => {
        for (const { value } of recordsOf(batches)) {
          const record = partialSchema.parse(JSON.parse(value?.toString() ?? ''));
          if (record.type === 'quorate.ceremony.ended.v1') all.ended.push(record);
        }
      },
    });
    for (const node of nodes) {
      const stand = await openNodeStand(node, nodes, operator.publicKey);
      await stand.store.startDispatcher(producer);
      all.stands.set(node.index, stand);
    }
    for (const { index } of nodes) await all.start(index);
    return all;
  }

  /** Starts a process of the node, after the former one was killed. */
  async start(index: number, prepare?: (process: LiveNode) => void): Promise<LiveNode> {
    const node = this.nodeOf(index);
    const process = await LiveNode.start(node, this.standOf(index), this.around, prepare);
    this.running.set(index, process);
    return process;
  }

  /** The running process of a node. */
  at(index: number): LiveNode {
    const process = this.running.get(index);
    if (process === undefined) throw new Error(`node-${index} does not run`);
    return process;
  }

  kill(index: number): void {
    this.at(index).kill();
    this.running.delete(index);
  }

  standOf(index: number): NodeStand {
    const stand = this.stands.get(index);
    if (stand === undefined) throw new Error(`there is no node-${index}`);
    return stand;
  }

  /** A command that the operator signed, as orders carry it. */
  command(command: Command, expiresInMs = 300_000): { command: Buffer; signatures: string[] } {
    const expiry = new Date(Date.now() + expiresInMs).toISOString();
    const bytes = Buffer.from(JSON.stringify({ ...command, expiry, nonce: toHex(randomBytes(32)) }));
    const { privateKey } = this.operator;
    if (typeof privateKey === 'string') throw new Error('the key is no key object');
    return {
      command: bytes,
      signatures: [signDetached(privateKey, 'operator', 'operator-command', bytes)],
    };
  }

  /** An order to these nodes, in which nothing is wrong unless the fields say so. */
  order(indices: readonly number[], fields: Fields, key?: KeyEpoch): CeremonyOrder {
    const order: CeremonyOrder = {
      ...{ sessionId: Buffer.alloc(32), keyId: key?.keyId ?? '', epoch: key?.epoch ?? 0 },
      ...{ batch: 0, notAfter: Math.floor(Date.now() / 1000) + 120, rnd: randomBytes(32) },
      ...{ command: Buffer.alloc(0), signatures: [] },
      ...{ oldEpoch: 0, dealers: [], receivers: [], newThreshold: 0, pairCounter: 0 },
      members: indices.map((index) => {
        const { publicKey, identity } = this.nodeOf(index);
        const bootId = this.running.get(index)?.identity.bootId ?? identity.bootId;
        return { nodeId: identity.nodeId, index, identityKey: publicKey, bootId };
      }),
      ...fields,
    };
    const facts = {
      suite: order.suite as SuiteId,
      parties: key?.parties ?? indices.length,
      ...(key && { keyIdBytes: key.keyIdBytes }),
    };
    return { ...order, sessionId: sessionId(sessionStartOf(order, facts)) };
  }

  /** Orders it everywhere; rejects with the first refusal. */
  async join(order: CeremonyOrder): Promise<void> {
    const members = order.members.flatMap(({ nodeId }) => this.running.get(this.indexOf(nodeId)) ?? []);
    await Promise.all(members.map(({ ceremonies }) => ceremonies.join(order)));
  }

  /** Orders it everywhere and waits until all members that run have reported; returns the reports. */
  async run(order: CeremonyOrder): Promise<CeremonyEnded[]> {
    await this.join(order);
    return this.reports(order);
  }

  /** The reports of all members that run, when they are there. */
  async reports(order: CeremonyOrder): Promise<CeremonyEnded[]> {
    const id = toHex(order.sessionId);
    const found = () => this.ended.filter((report) => report.sessionId === id);
    const missing = () =>
      order.members.filter(
        ({ nodeId }) =>
          this.running.has(this.indexOf(nodeId)) && !found().some((report) => report.node === nodeId),
      );
    await waitFor(`the reports of ${order.purpose}`, () => missing().length === 0, 40_000);
    return found();
  }

  /** Generates a key of these nodes; returns its first epoch. */
  async createKey(suite: 1 | 3 | 4, indices: readonly number[], threshold: number): Promise<KeyEpoch> {
    const command = this.command({
      ...{ what: 'CreateKey', scheme: SCHEMES[suite], threshold, disjointQuorums: false, epoch: 0 },
      participants: indices.map((index) => `node-${index}`),
    });
    const reports = await this.run(this.order(indices, { purpose: 'dkg', suite, threshold, ...command }));
    const key = this.newestOf(reports, indices);
    await this.known(key);
    return key;
  }

  /** Those without a share learn of it from what its members publish. */
  async known({ keyId }: KeyEpoch): Promise<void> {
    const knowsIt = ({ held }: LiveNode) => held.adoptions.newest(keyId).length > 0;
    await waitFor('every node to know the key', () => [...this.running.values()].every(knowsIt));
  }

  /** A refresh of the key as the coordinator alone orders it. */
  refreshOf(key: KeyEpoch, epoch = key.epoch + 1): CeremonyOrder {
    const parties = [...key.members.keys()];
    const { suite, threshold } = key;
    const reshare = { oldEpoch: key.epoch, dealers: parties, receivers: parties, newThreshold: threshold };
    return this.order(parties, { purpose: 'reshare', suite, threshold, epoch, ...reshare }, key);
  }

  /** A reshare by command of the operators. */
  reshareOf(
    key: KeyEpoch,
    to: { dealers: readonly number[]; receivers: readonly number[]; threshold: number; epoch?: number },
  ): CeremonyOrder {
    const { suite, threshold, keyId } = key;
    const { dealers, receivers, epoch = key.epoch + 1 } = to;
    const command = this.command({
      ...{ what: 'ReshareKey', keyId, epoch: key.epoch, threshold: to.threshold, disjointQuorums: true },
      participants: receivers.map((index) => `node-${index}`),
    });
    const members = [...new Set([...dealers, ...receivers])];
    const reshare = { oldEpoch: key.epoch, dealers, receivers, newThreshold: to.threshold };
    return this.order(members, { purpose: 'reshare', suite, threshold, epoch, ...reshare, ...command }, key);
  }

  /** Presigning of a committee, or its health check. */
  presignOf(
    key: KeyEpoch,
    committee: readonly number[],
    batch = 1,
    purpose: 'presign' | 'health' = 'presign',
  ) {
    const { suite, threshold } = key;
    return this.order(committee, { purpose, suite, threshold, batch }, key);
  }

  async close(): Promise<void> {
    for (const process of this.running.values()) process.kill();
    for (const stand of this.stands.values()) await stand.close();
    await this.around.log.close();
  }

  private newestOf(reports: readonly CeremonyEnded[], [first]: readonly number[]): KeyEpoch {
    const keyId = reports.find(({ outcome }) => outcome === 'ok')?.keyId;
    const key = first === undefined || keyId === undefined ? undefined : this.at(first).held.keys.get(keyId);
    if (key === undefined) throw new Error(`no key came out: ${JSON.stringify(reports)}`);
    return key;
  }

  private nodeOf(index: number): TestNode {
    const node = this.around.nodes.find((known) => known.index === index);
    if (node === undefined) throw new Error(`there is no node-${index}`);
    return node;
  }

  private indexOf(nodeId: string): number {
    return Number(nodeId.slice('node-'.length));
  }
}
