import { type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  makeClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { addressOf, payloadDigest } from '@quorate/evm';
import { type LogProducer } from '@quorate/messaging';
import {
  encodeRecord,
  fromHex,
  parseDerivationPath,
  protoPath,
  type RecordSigner,
  recordSigner,
  requestHash,
  signRequestSchema,
  toHex,
  type TopicNames,
} from '@quorate/protocol';
import {
  createKeygenSession,
  createPairJudge,
  createPresignSession,
  deriveChild,
  ed25519FrameSigner,
  type KeyShare,
  onlineShare,
  type PresignatureBatch,
  type Session,
  type SessionStart,
  type StepOutput,
  systemRandom,
} from '@quorate/threshold';

interface StartMessage {
  sessionId: Buffer;
  purpose: 'DKG' | 'PRESIGN' | 'HEALTH';
  keyId: string;
  epoch: number;
  threshold: number;
  participants: { nodeId: string; index: number; identityKey: Buffer; bootId: Buffer }[];
  batch: number;
  notAfter: number;
  rnd: Buffer;
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
  /** Refuses tasks in the acknowledgement. */
  busy: boolean;
  /** Fails every ceremony. */
  failing: boolean;
}

type Running = { readonly receive: (frame: Uint8Array) => void };

/** Frames between fake nodes, in memory. */
export class FakeNetwork {
  readonly nodes = new Map<string, FakeNode>();

  send(to: string, sessionId: string, frame: Buffer): void {
    setImmediate(() => this.nodes.get(to)?.frame(sessionId, frame));
  }
}

/** A signer of tests: real cryptography and a real session stream, without policy, database and Kafka rounds. */
export class FakeNode {
  readonly behaviour: Behaviour = {
    silent: false,
    refusal: undefined,
    corrupt: false,
    busy: false,
    failing: false,
  };
  readonly tasks: string[] = [];
  readonly signed = new Map<string, number>();
  bootId = randomBytes(16);
  shares = new Map<string, { share: KeyShare; participants: string[] }>();
  batches = new Map<
    string,
    { batch: PresignatureBatch; keyId: string; committee: string[]; used: Set<number> }
  >();
  private readonly signer: RecordSigner;
  private readonly answers = new Map<string, Parameters<FakeNode['publish']>>();
  private readonly running = new Map<string, Running>();
  private readonly held = new Map<string, Buffer[]>();
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
    stream.on('error', () => client.close());
    stream.on('end', () => client.close());
    stream.write({
      hello: { nodeId: this.id, bootId: this.bootId, version: 'test', ready: true, stock: this.stock() },
    });
  }

  disconnect(): void {
    for (const stream of this.streams) stream.cancel();
    this.streams.clear();
  }

  /** A new life: everything in memory but the key shares is gone. */
  restart(): void {
    this.disconnect();
    this.bootId = randomBytes(16);
    this.batches = new Map();
    this.running.clear();
    this.answers.clear();
  }

  frame(sessionId: string, frame: Buffer): void {
    const session = this.running.get(sessionId);
    if (session !== undefined) session.receive(frame);
    else this.held.set(sessionId, [...(this.held.get(sessionId) ?? []), frame]);
  }

  private stock(): object[] {
    return [...this.batches].map(([sessionId, { batch, keyId, committee, used }]) => {
      const unspent = Buffer.alloc(Math.ceil(batch.presignatures.length / 8));
      batch.presignatures.forEach((_, i) => {
        if (!used.has(i)) unspent[i >> 3] = (unspent[i >> 3] ?? 0) | (1 << (i & 7));
      });
      return { sessionId: Buffer.from(sessionId, 'hex'), keyId, epoch: 0, committee, unspent };
    });
  }

  private message(message: CoordinatorMessage, stream: ClientDuplexStream<object, CoordinatorMessage>): void {
    if (message.ceremonyStart !== undefined) this.start(message.ceremonyStart);
    if (message.signTask !== undefined) void this.sign(message.signTask, stream);
    if (message.discard !== undefined) this.batches.delete(message.discard.sessionId.toString('hex'));
  }

  private start(message: StartMessage): void {
    const sid = message.sessionId.toString('hex');
    if (this.behaviour.failing) {
      void this.ended(message, { outcome: 'failed', failure: { class: 'TIMEOUT', check: 'test' } });
      return;
    }
    const own = message.participants.find((participant) => participant.nodeId === this.id);
    if (own === undefined) return;
    const share = this.shares.get(message.keyId);
    const common = {
      suite: 1,
      epoch: message.epoch,
      threshold: message.threshold,
      parties: share?.participants.length ?? message.participants.length,
      participants: message.participants,
      notAfter: message.notAfter,
      rnd: message.rnd,
    } as const;
    const keyId = Buffer.from(message.keyId.slice(2), 'hex');
    const start: SessionStart =
      message.purpose === 'DKG'
        ? { ...common, purpose: 'dkg' }
        : { ...common, purpose: 'presign', keyId, batch: message.batch };
    const config = { start, index: own.index, sign: ed25519FrameSigner(this.identity), random: systemRandom };
    if (message.purpose === 'DKG') {
      const session = createKeygenSession(config);
      this.run(session, message, (value) => this.generated(message, value));
    } else if (share !== undefined) {
      const judge = createPairJudge(new Set(), () => undefined);
      const session = createPresignSession({ ...config, keyShare: share.share, judge });
      this.run(session, message, (value) => this.presigned(message, value));
    }
    for (const frame of this.held.get(sid) ?? []) this.frame(sid, frame);
    this.held.delete(sid);
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
    const keyId = `k_${share.keyId.toString('hex')}`;
    const participants = message.participants.map((participant) => participant.nodeId);
    this.shares.set(keyId, { share, participants });
    const { certificate } = share;
    const hexMap = (map: ReadonlyMap<number, Uint8Array>) =>
      Object.fromEntries([...map].map(([index, bytes]) => [String(index), toHex(bytes)]));
    const key = {
      keyId,
      scheme: 'ecdsa-secp256k1',
      epoch: 0,
      threshold: share.threshold,
      participants,
      publicKey: toHex(share.publicKey),
      chainCode: toHex(share.chainCode),
      address: addressOf(toHex(share.publicKey)),
      publicShares: hexMap(share.publicShares),
      certificate: {
        suite: 1,
        epoch: 0,
        sid: toHex(certificate.sid),
        ssid: toHex(certificate.ssid),
        transcript: toHex(certificate.transcript),
        identities: hexMap(certificate.identities),
        signatures: hexMap(certificate.signatures),
      },
    };
    const state = { type: 'quorate.state.key.v1', id: randomUUID(), ...key, at: new Date().toISOString() };
    await this.produce('state', this.topics.state(this.id), keyId, state);
    await this.ended(message, { outcome: 'ok', keyId, epoch: 0, key });
  }

  private async presigned(message: StartMessage, batch: PresignatureBatch): Promise<void> {
    const sid = message.sessionId.toString('hex');
    const committee = message.participants.map((participant) => participant.nodeId);
    if (message.purpose === 'PRESIGN') {
      this.batches.set(sid, { batch, keyId: message.keyId, committee, used: new Set() });
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
      presignatureId: toHex(task.presignatureId),
    };
    const refuse = (code: string, rule?: string): Parameters<FakeNode['publish']> => [
      requestId,
      'quorate.sign.refused.v1',
      { ...common, code, ...(rule === undefined ? {} : { rule }), reason: `refused: ${code}`, spent: false },
    ];
    if (this.behaviour.refusal !== undefined) {
      return refuse(this.behaviour.refusal.code, this.behaviour.refusal.rule);
    }
    const stocked = this.batches.get(task.sessionId.toString('hex'));
    const presignature = stocked?.batch.presignatures[task.index];
    const share = this.shares.get(keyId);
    if (
      stocked === undefined ||
      presignature === undefined ||
      share === undefined ||
      stocked.used.has(task.index)
    ) {
      return refuse('unknown-presignature');
    }
    stocked.used.add(task.index);
    const request = signRequestSchema.parse(JSON.parse(task.value.toString()));
    const digest = payloadDigest(request.payload);
    this.signed.set(requestId, (this.signed.get(requestId) ?? 0) + 1);
    const result = onlineShare(presignature, {
      publicKey: share.share.publicKey,
      child: deriveChild(share.share.publicKey, share.share.chainCode, parseDerivationPath(request.path)),
      message32: fromHex(digest),
      requestNonce: fromHex(request.nonce),
      committee: task.committee.map((node) => share.participants.indexOf(node) + 1),
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

  private async publish(key: string, type: string, data: object): Promise<void> {
    const record = { type, id: randomUUID(), node: this.id, ...data, at: new Date().toISOString() };
    await this.produce('partial', this.topics.partials, key, record);
  }

  private async produce(
    typ: 'partial' | 'state',
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
