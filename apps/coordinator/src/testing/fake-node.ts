import { type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  makeClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { payloadDigest } from '@quorate/evm';
import { type LogProducer } from '@quorate/messaging';
import {
  encodeRecord,
  fromHex,
  type HaltFacts,
  parseDerivationPath,
  protoPath,
  type RecordSigner,
  recordSigner,
  requestHash,
  retireKeyCommandSchema,
  schnorrMessage,
  signRequestSchema,
  toHex,
  type TopicNames,
} from '@quorate/protocol';
import {
  createKeygenSession,
  createNonceSession,
  createPairJudge,
  createPresignSession,
  createRekeySession,
  createReshareSession,
  createSchnorrKeygenSession,
  deriveChild,
  ed25519FrameSigner,
  type FrameSigner,
  frostShare,
  InvalidInput,
  isEcdsaSuite,
  type KeyShare,
  type NonceBatch,
  onlineShare,
  type PairState,
  type PresignatureBatch,
  type Reshared,
  type SchnorrKeyShare,
  type Session,
  type SessionStart,
  type StepOutput,
  type SuiteId,
  systemRandom,
  withPair,
} from '@quorate/threshold';
import { factsOf, type FakeEpoch, FakeKeys, indexIn } from './fake-keys';

interface StartMessage {
  sessionId: Buffer;
  purpose: 'DKG' | 'PRESIGN' | 'HEALTH' | 'RESHARE' | 'REKEY';
  suite: SuiteId;
  keyId: string;
  epoch: number;
  threshold: number;
  participants: { nodeId: string; index: number; identityKey: Buffer; bootId: Buffer }[];
  batch: number;
  notAfter: number;
  rnd: Buffer;
  command: Buffer;
  oldEpoch: number;
  dealers: number[];
  receivers: number[];
  newThreshold: number;
  pairCounter: number;
}

interface TaskMessage {
  taskId: string;
  value: Buffer;
  requester: string;
  requestId: string;
  attempt: number;
  presignatureId: Buffer;
  sessionId: Buffer;
  index: number;
  committee: string[];
  keyId: string;
  epoch: number;
}

interface CoordinatorMessage {
  signTask?: TaskMessage;
  ceremonyStart?: StartMessage;
  discard?: { sessionId: Buffer };
  keyCommand?: { command: Buffer };
  halt?: { command: Buffer };
  resume?: { command: Buffer; halts: string[] };
}

export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** How a test bends a node. */
export interface Behaviour {
  /** Takes tasks and never answers. */
  silent: boolean;
  refusal: { code: string; rule?: string } | undefined;
  /** Sends shares that do not combine. */
  corrupt: boolean;
  /** Its answers name another presignature than the task. */
  astray: boolean;
  /** Refuses tasks in the acknowledgement. */
  busy: boolean;
  /** Finds too few operators under a resume or the end of a key. */
  distrustful: boolean;
  /** Fails every ceremony. */
  failing: boolean;
  /** Fails every health check together with this node. */
  ailingWith: string | undefined;
  /** Loses its results of reshares; what it publishes about its keys arrives. */
  mute: boolean;
  /** Reports keys with a certificate that nobody signed. */
  forging: boolean;
  /** Pairs that it reports as dead in heartbeats. */
  deadPeers: { keyId: string; peer: string }[];
  /** What it reports as halted in heartbeats. */
  halts: HaltFacts[];
}

const RECONNECT_MS = 100;

type Running = { readonly receive: (frame: Uint8Array) => void };

/** Frames between fake nodes, in memory. */
export class FakeNetwork {
  readonly nodes = new Map<string, FakeNode>();

  send(to: string, sessionId: string, frame: Buffer): void {
    setImmediate(() => this.nodes.get(to)?.frame(sessionId, frame));
  }

  /** An epoch of a key, as any node has it. */
  epochOf(keyId: string, epoch: number): FakeEpoch | undefined {
    return [...this.nodes.values()].flatMap((node) => node.keys.of(keyId, epoch) ?? [])[0];
  }
}

/** A signer of tests: real cryptography and a real session stream, without policy, database and Kafka rounds. */
export class FakeNode {
  readonly behaviour: Behaviour = {
    silent: false,
    refusal: undefined,
    corrupt: false,
    astray: false,
    busy: false,
    distrustful: false,
    failing: false,
    ailingWith: undefined,
    mute: false,
    forging: false,
    deadPeers: [],
    halts: [],
  };
  readonly tasks: string[] = [];
  /** Halts, resumes and ends of keys that were handed over, as the operators signed them. */
  readonly commands: Buffer[] = [];
  readonly signed = new Map<string, number>();
  bootId = randomBytes(16);
  readonly keys = new FakeKeys();
  batches = new Map<
    string,
    { batch: PresignatureBatch; keyId: string; epoch: FakeEpoch; committee: string[]; used: Set<number> }
  >();
  /** Nonces for Schnorr keys, by session. */
  readonly nonces = new Map<string, { batch: NonceBatch; share: SchnorrKeyShare; used: Set<number> }>();
  /** Ceremonies that it was told to start. */
  readonly started: { purpose: string; epoch: number; command: Buffer }[] = [];
  private readonly signer: RecordSigner;
  private readonly answers = new Map<string, Parameters<FakeNode['publish']>>();
  private readonly running = new Map<string, Running>();
  private readonly held = new Map<string, Buffer[]>();
  private readonly ports = new Set<number>();
  private readonly streams = new Set<ClientDuplexStream<object, CoordinatorMessage>>();

  constructor(
    readonly id: string,
    private readonly identity: KeyObject,
    private readonly network: FakeNetwork,
    private readonly topics: TopicNames,
    private readonly producer: LogProducer,
    private readonly tls: TlsFiles,
  ) {
    this.signer = recordSigner(id, identity);
    network.nodes.set(id, this);
  }

  connect(port: number): void {
    this.ports.add(port);
    const definition = loadSync(protoPath('node_session'), { defaults: true, oneofs: true, enums: String });
    loadPackageDefinition(definition);
    const service = definition['quorate.node.v1.NodeSession'];
    if (service === undefined || 'format' in service) throw new Error('no NodeSession in the proto');
    const [ca, key, cert] = [this.tls.caFile, this.tls.keyFile, this.tls.certFile].map((file) =>
      readFileSync(file),
    );
    if (ca === undefined || key === undefined || cert === undefined) throw new Error('no certificates');
    const Client = makeClientConstructor(service, 'NodeSession');
    const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(ca, key, cert));
    const open: unknown = Reflect.get(client, 'Open');
    if (typeof open !== 'function') throw new Error('no Open');
    const stream = Reflect.apply(open, client, []) as ClientDuplexStream<object, CoordinatorMessage>;
    this.streams.add(stream);
    stream.on('data', (message: CoordinatorMessage) => this.message(message, stream));
    stream.on('error', () => undefined); // 'close' follows
    stream.on('close', () => {
      client.close();
      if (this.streams.delete(stream)) setTimeout(() => this.reconnect(port), RECONNECT_MS).unref();
    });
    stream.write({
      hello: { nodeId: this.id, bootId: this.bootId, version: 'test', ready: true, stock: this.stock() },
    });
  }

  disconnect(): void {
    this.ports.clear();
    const streams = [...this.streams];
    this.streams.clear();
    for (const stream of streams) stream.cancel();
  }

  /** A new life: everything in memory but the key shares is gone. */
  restart(): void {
    this.disconnect();
    this.bootId = randomBytes(16);
    this.batches = new Map();
    this.nonces.clear();
    this.running.clear();
    this.answers.clear();
  }

  frame(sessionId: string, frame: Buffer): void {
    const session = this.running.get(sessionId);
    if (session !== undefined) session.receive(frame);
    else this.held.set(sessionId, [...(this.held.get(sessionId) ?? []), frame]);
  }

  /** A busy test process loses connections, as networks do. */
  private reconnect(port: number): void {
    if (this.ports.has(port)) this.connect(port);
  }

  private stock(): object[] {
    return [...this.batches].map(([sessionId, { batch, keyId, epoch, committee, used }]) => {
      const unspent = Buffer.alloc(Math.ceil(batch.presignatures.length / 8));
      batch.presignatures.forEach((_, i) => {
        if (!used.has(i)) unspent[i >> 3] = (unspent[i >> 3] ?? 0) | (1 << (i & 7));
      });
      return {
        sessionId: Buffer.from(sessionId, 'hex'),
        keyId,
        epoch: epoch.certificate.epoch,
        committee,
        unspent,
      };
    });
  }

  private message(message: CoordinatorMessage, stream: ClientDuplexStream<object, CoordinatorMessage>): void {
    if (message.ceremonyStart !== undefined) this.start(message.ceremonyStart);
    if (message.signTask !== undefined) void this.sign(message.signTask, stream);
    const { halt, resume, keyCommand } = message;
    const command = (halt ?? resume ?? keyCommand)?.command;
    if (command !== undefined) {
      this.commands.push(command);
      const accepted = halt !== undefined || !this.behaviour.distrustful;
      const reason = accepted ? '' : 'too few operators';
      stream.write({ ack: { taskId: requestHash(command), accepted, code: 'operator', reason } });
    }
    if (resume !== undefined && this.behaviour.halts.length > 0) {
      this.behaviour.halts = this.behaviour.halts.filter(({ haltId }) => !resume.halts.includes(haltId));
      void this.heartbeat();
    }
    if (message.discard !== undefined) this.batches.delete(message.discard.sessionId.toString('hex'));
    if (keyCommand !== undefined && !this.behaviour.distrustful) void this.obey(keyCommand.command);
  }

  private start(message: StartMessage): void {
    const sid = message.sessionId.toString('hex');
    const { failing, ailingWith } = this.behaviour;
    const isAiling = message.participants.some(({ nodeId }) => nodeId === ailingWith);
    if (failing || (message.purpose === 'HEALTH' && isAiling)) {
      void this.ended(message, { outcome: 'failed', failure: { class: 'TIMEOUT', check: 'test' } });
      return;
    }
    this.started.push({ purpose: message.purpose, epoch: message.epoch, command: message.command });
    const own = message.participants.find((participant) => participant.nodeId === this.id);
    if (own === undefined) return;
    try {
      this.join(message, own.index);
    } catch (error) {
      // As nodes do: a coordinator that missed a result asks for new shares of an epoch that they have left.
      if (!(error instanceof InvalidInput)) throw error;
      void this.ended(message, { outcome: 'failed', failure: { class: 'CONFIG', check: 'test' } });
    }
    for (const frame of this.held.get(sid) ?? []) this.frame(sid, frame);
    this.held.delete(sid);
  }

  private join(message: StartMessage, index: number): void {
    const sign = ed25519FrameSigner(this.identity);
    // A node that joins learns the present epoch from the others' state topics.
    const old = this.network.epochOf(
      message.keyId,
      message.purpose === 'RESHARE' ? message.oldEpoch : message.epoch,
    );
    const start = sessionStartOf(message, old?.participants.length ?? message.participants.length);
    const config = { index, sign, random: systemRandom };
    const epoch = this.keys.latest(message.keyId);
    if (!isEcdsaSuite(message.suite)) this.startSchnorr(message, start, config);
    else if (start.purpose === 'dkg') {
      this.run(createKeygenSession({ ...config, start }), message, (share) => this.generated(message, share));
    } else if (start.purpose === 'reshare' && old !== undefined) {
      const { certificate } = old;
      const share = epoch?.share?.share;
      const known = { certificate, identities: certificate.identities, ...(share && { share }) };
      const session = createReshareSession({ ...config, start, old: known, lastEpoch: certificate.epoch });
      this.run(session, message, (reshared) => this.reshared(message, reshared));
    } else if (start.purpose === 'rekey' && epoch?.share !== undefined) {
      const { share } = epoch;
      const session = createRekeySession({ ...config, start, keyShare: share });
      this.run(session, message, (pair) => this.rekeyed(message, share, pair));
    } else if (start.purpose === 'presign' && epoch?.share?.epoch === message.epoch) {
      const judge = createPairJudge(new Set(), () => undefined);
      const session = createPresignSession({ ...config, start, keyShare: epoch.share, judge });
      this.run(session, message, (value) => this.presigned(message, epoch, value));
    } else {
      void this.ended(message, { outcome: 'failed', failure: { class: 'CONFIG', check: 'epoch' } });
    }
  }

  private startSchnorr(
    message: StartMessage,
    start: SessionStart,
    config: { index: number; sign: FrameSigner; random: typeof systemRandom },
  ): void {
    const schnorr = this.keys.latest(message.keyId)?.schnorr;
    if (start.purpose === 'dkg') {
      const participants = message.participants.map(({ nodeId }) => nodeId);
      this.run(createSchnorrKeygenSession({ ...config, start }), message, (share) =>
        this.adopt(message, { certificate: share.certificate, participants, schnorr: share }),
      );
    } else if (schnorr !== undefined) {
      const session = createNonceSession({ ...config, start, keyShare: schnorr });
      this.run(session, message, (batch) => this.prepared(message, schnorr, batch));
    }
  }

  private async prepared(message: StartMessage, share: SchnorrKeyShare, batch: NonceBatch): Promise<void> {
    this.nonces.set(message.sessionId.toString('hex'), { batch, share, used: new Set() });
    const nonces = batch.nonces.map(({ nonceId, commitments }) => ({
      nonceId: toHex(nonceId),
      commitments: Object.fromEntries(
        [...commitments].map(([index, { hiding, binding }]) => [
          index,
          { hiding: toHex(hiding), binding: toHex(binding) },
        ]),
      ),
    }));
    const { keyId, epoch } = message;
    await this.ended(message, { outcome: 'ok', keyId, epoch, h2: toHex(batch.digest), nonces });
  }

  private run<R, P>(session: Session<R, P>, message: StartMessage, done: (value: R) => Promise<void>): void {
    const sid = message.sessionId.toString('hex');
    if (!session.sid.equals(message.sessionId)) throw new Error('the session id differs');
    const handle = (step: StepOutput<R, P>): void => {
      for (const { to, frame } of step.outgoing) {
        for (const { nodeId, index } of message.participants) {
          if (nodeId !== this.id && (to === 'all' || to === index)) this.network.send(nodeId, sid, frame);
        }
      }
      if (step.outcome === undefined) return;
      this.running.delete(sid);
      if (step.outcome.kind === 'result') void done(step.outcome.value);
      else
        void this.ended(message, {
          outcome: 'failed',
          failure: { class: 'AGREE', check: step.outcome.failure.check },
        });
    };
    this.running.set(sid, { receive: (frame) => handle(session.receive(frame)) });
    handle(session.start());
  }

  private async generated(message: StartMessage, share: KeyShare): Promise<void> {
    const participants = message.participants.map((participant) => participant.nodeId);
    await this.adopt(message, { certificate: share.certificate, participants, share });
  }

  private async reshared(message: StartMessage, { certificate, share }: Reshared): Promise<void> {
    const participants = message.participants
      .filter(({ index }) => message.receivers.includes(index))
      .sort((a, b) => a.index - b.index)
      .map(({ nodeId }) => nodeId);
    const ecdsa = share !== undefined && 'pairs' in share ? { share } : {};
    await this.adopt(message, { certificate, participants, ...ecdsa });
  }

  private async adopt(message: StartMessage, epoch: FakeEpoch): Promise<void> {
    const keyId = this.keys.add(epoch);
    await this.publishKey(keyId);
    if (message.purpose === 'RESHARE' && this.behaviour.mute) return;
    const facts = factsOf(epoch);
    const { certificate } = facts;
    const key = this.behaviour.forging
      ? { ...facts, certificate: { ...certificate, identities: {}, signatures: {} } }
      : facts;
    await this.ended(message, { outcome: 'ok', keyId, epoch: key.epoch, key });
  }

  private async publishKey(keyId: string): Promise<void> {
    const epoch = this.keys.latest(keyId);
    if (epoch === undefined) return;
    const left = epoch.share === undefined && epoch.schnorr === undefined ? 'left' : 'active';
    const status = this.keys.retired.has(keyId) ? 'retired' : left;
    const at = new Date().toISOString();
    const record = { type: 'quorate.state.key.v1', id: randomUUID(), ...factsOf(epoch), status, at };
    await this.produce('state', this.topics.state(this.id), keyId, record);
  }

  private async rekeyed(message: StartMessage, share: KeyShare, pair: PairState): Promise<void> {
    const peer = message.participants.find(({ nodeId }) => nodeId !== this.id);
    this.keys.replace(message.keyId, withPair(share, peer?.index ?? 0, pair));
    const { behaviour } = this;
    behaviour.deadPeers = behaviour.deadPeers.filter((dead) => dead.peer !== peer?.nodeId);
    await this.heartbeat();
    await this.ended(message, { outcome: 'ok', keyId: message.keyId, epoch: message.epoch });
  }

  /** Says how the node is, with the pairs that it takes for dead. */
  async heartbeat(): Promise<void> {
    const deadPairs = this.behaviour.deadPeers.map(({ keyId, peer }) => {
      const epoch = this.keys.latest(keyId);
      const index = epoch === undefined ? 0 : indexIn(epoch, peer);
      const pairCounter = epoch?.share?.pairs.get(index)?.pairCounter ?? 0;
      return { keyId, epoch: epoch?.certificate.epoch ?? 0, peer, pairCounter };
    });
    const report = {
      type: 'quorate.node.heartbeat.v1',
      id: randomUUID(),
      node: this.id,
      bootId: toHex(this.bootId),
      version: 'test',
      ready: true,
      ledgerCount: 0,
      stock: [],
      deadPairs,
      halts: this.behaviour.halts,
      policyHash: `0x${'00'.repeat(32)}`,
      at: new Date().toISOString(),
    };
    await this.produce('heartbeat', this.topics.heartbeats, this.id, report);
  }

  private async obey(command: Buffer): Promise<void> {
    const { keyId } = retireKeyCommandSchema.parse(JSON.parse(command.toString()));
    this.keys.retired.add(keyId);
    this.batches = new Map([...this.batches].filter(([, batch]) => batch.keyId !== keyId));
    await this.publishKey(keyId);
  }

  /** Reports the failure of a reshare, whatever became of it. */
  async reportFailure(sessionId: Buffer): Promise<void> {
    await this.publish(toHex(sessionId), 'quorate.ceremony.ended.v1', {
      bootId: toHex(this.bootId),
      sessionId: toHex(sessionId),
      purpose: 'reshare',
      outcome: 'failed',
      failure: { class: 'TIMEOUT', check: 'test' },
    });
  }

  private async presigned(message: StartMessage, epoch: FakeEpoch, batch: PresignatureBatch): Promise<void> {
    const sid = message.sessionId.toString('hex');
    const committee = message.participants.map((participant) => participant.nodeId);
    if (message.purpose === 'PRESIGN') {
      this.batches.set(sid, { batch, keyId: message.keyId, epoch, committee, used: new Set() });
    }
    await this.ended(message, {
      outcome: 'ok',
      keyId: message.keyId,
      epoch: message.epoch,
      ...(message.purpose === 'PRESIGN'
        ? { h2: toHex(batch.h2), R: batch.presignatures.map((presignature) => toHex(presignature.R)) }
        : {}),
    });
  }

  private async ended(message: StartMessage, result: object): Promise<void> {
    const sessionId = toHex(message.sessionId);
    const purpose = message.purpose.toLowerCase();
    await this.publish(sessionId, 'quorate.ceremony.ended.v1', {
      bootId: toHex(this.bootId),
      sessionId,
      purpose,
      ...result,
    });
  }

  private async sign(
    task: TaskMessage,
    stream: ClientDuplexStream<object, CoordinatorMessage>,
  ): Promise<void> {
    this.tasks.push(task.taskId);
    const { behaviour } = this;
    if (behaviour.busy) {
      stream.write({ ack: { taskId: task.taskId, accepted: false, code: 'busy', reason: 'test' } });
      return;
    }
    stream.write({ ack: { taskId: task.taskId, accepted: true, code: '', reason: '' } });
    if (behaviour.silent) return;
    const answer = this.answers.get(task.taskId) ?? this.answerOf(task);
    this.answers.set(task.taskId, answer);
    await this.publish(...answer);
  }

  private answerOf(task: TaskMessage): Parameters<FakeNode['publish']> {
    const { requester, requestId, attempt, keyId, epoch } = task;
    const common = {
      requester,
      requestId,
      requestHash: requestHash(task.value),
      attempt,
      presignatureId: this.behaviour.astray ? requestHash(task.presignatureId) : toHex(task.presignatureId),
    };
    const refuse = (code: string, rule?: string): Parameters<FakeNode['publish']> => [
      requestId,
      'quorate.sign.refused.v1',
      { ...common, code, ...(rule === undefined ? {} : { rule }), reason: `refused: ${code}`, spent: false },
    ];
    if (this.behaviour.refusal !== undefined) {
      return refuse(this.behaviour.refusal.code, this.behaviour.refusal.rule);
    }
    const prepared = this.nonces.get(task.sessionId.toString('hex'));
    if (prepared !== undefined && !prepared.used.has(task.index)) {
      prepared.used.add(task.index);
      return [
        requestId,
        'quorate.sign.partial.v1',
        { bootId: toHex(this.bootId), ...common, keyId, epoch, ...this.frostValues(task, prepared) },
      ];
    }
    const stocked = this.batches.get(task.sessionId.toString('hex'));
    const presignature = stocked?.batch.presignatures[task.index];
    if (stocked === undefined || presignature === undefined || stocked.used.has(task.index)) {
      return refuse('unknown-presignature');
    }
    const { certificate } = stocked.epoch;
    stocked.used.add(task.index);
    const request = signRequestSchema.parse(JSON.parse(task.value.toString()));
    const digest = payloadDigest(request.payload);
    this.signed.set(requestId, (this.signed.get(requestId) ?? 0) + 1);
    const result = onlineShare(presignature, {
      publicKey: certificate.publicKey,
      child: deriveChild(
        certificate.publicKey,
        certificate.chainCode,
        parseDerivationPath(request.path ?? undefined),
      ),
      message32: fromHex(digest),
      requestNonce: fromHex(request.nonce),
      committee: task.committee.map((node) => indexIn(stocked.epoch, node)),
    });
    if (result.kind === 'burn') return refuse('burn');
    const { req, u, w } = result.share;
    return [
      requestId,
      'quorate.sign.partial.v1',
      {
        bootId: toHex(this.bootId),
        ...common,
        keyId,
        epoch,
        req: toHex(req),
        u: toHex(this.behaviour.corrupt ? w : u),
        w: toHex(w),
        digest,
      },
    ];
  }

  private frostValues(
    { value, index, committee }: TaskMessage,
    { batch, share }: { batch: NonceBatch; share: SchnorrKeyShare },
  ): { req: string; z: string } {
    const { payload } = signRequestSchema.parse(JSON.parse(value.toString()));
    const [nonce, message, epoch] = [
      batch.nonces[index],
      schnorrMessage(payload),
      this.keys.latest(`k_${share.keyId.toString('hex')}`),
    ];
    if (nonce === undefined || message === undefined || epoch === undefined) throw new Error('no nonce');
    const members = committee.map((node) => indexIn(epoch, node));
    const { publicKey } = share;
    const { req, z } = frostShare(nonce, share, {
      ...{ message, publicKey, tweak: { kind: 'none' }, committee: members },
    });
    return { req: toHex(req), z: this.behaviour.corrupt ? `0x${'01'.repeat(32)}` : toHex(z) };
  }

  private async publish(key: string, type: string, data: object): Promise<void> {
    const record = { type, id: randomUUID(), node: this.id, ...data, at: new Date().toISOString() };
    await this.produce('partial', this.topics.partials, key, record);
  }

  private async produce(
    typ: 'partial' | 'state' | 'heartbeat',
    topic: string,
    key: string,
    data: object & { readonly type: string },
  ): Promise<void> {
    const record = encodeRecord(
      { typ, source: `/node/${this.id}`, data, key, time: new Date() },
      this.signer,
    );
    await this.producer.send([{ topic, ...record }]);
  }
}

function sessionStartOf(message: StartMessage, parties: number): SessionStart {
  const { suite, epoch, threshold, participants, notAfter, rnd, batch, oldEpoch, dealers, receivers } =
    message;
  const common = { suite, epoch, threshold, parties, participants, notAfter, rnd } as const;
  const keyId = Buffer.from(message.keyId.slice('k_'.length), 'hex');
  switch (message.purpose) {
    case 'DKG':
      return { ...common, purpose: 'dkg' };
    case 'PRESIGN':
    case 'HEALTH':
      return { ...common, purpose: 'presign', keyId, batch };
    case 'RESHARE': {
      const { newThreshold } = message;
      return { ...common, purpose: 'reshare', keyId, oldEpoch, dealers, receivers, newThreshold };
    }
    case 'REKEY':
      return { ...common, purpose: 'rekey', keyId, pairCounter: message.pairCounter };
  }
}
