import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerUnaryCall,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { setTimeout as pause } from 'node:timers/promises';
import { type EventStore } from '@quorate/event-store';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { type Progress, type ProgressNote } from '../ceremony/progress';
import { type KeyCreation } from '../key-registry/key-creation';
import { type KeyRegistry, type UsableKey } from '../key-registry/key-registry';
import { type NodeReports } from '../node-session/node-reports';
import { type NodeSessions } from '../node-session/node-sessions';
import { type PresignBatches } from '../ports/presign-batches.port';
import { ControlError } from './control-error';
import { type CreateKeyCheck, type CreateKeyRequest } from './create-key';
import { type RequestLookup, type RequestView } from './request-lookup';

const LOOK_EVERY_MS = 100;
/** A usable key whose nodes have not published it by then is returned all the same. */
const PUBLICATION_MS = 10_000;

interface KeyMessage {
  readonly keyId: string;
  readonly scheme: string;
  readonly status: string;
  readonly epoch: number;
  readonly threshold: number;
  readonly participants: readonly string[];
  readonly publicKey: string;
  readonly chainCode: string;
  readonly address: string;
  readonly createdAt: string;
  readonly stock: number;
}

/** quorate.control.v1.Control: what operators ask of the coordinator. */
export class ControlService {
  constructor(
    private readonly store: EventStore,
    private readonly check: CreateKeyCheck,
    private readonly creation: KeyCreation,
    private readonly keys: KeyRegistry,
    private readonly batches: PresignBatches,
    private readonly peers: PeerDirectory,
    private readonly sessions: NodeSessions,
    private readonly reports: NodeReports,
    private readonly requests: RequestLookup,
    private readonly progress: Progress,
    private readonly logger: Logger,
  ) {}

  implementation(): UntypedServiceImplementation {
    return {
      CreateKey: this.unary((call: ServerUnaryCall<CreateKeyRequest, KeyMessage>) => this.createKey(call)),
      GetKey: this.unary(async (call: ServerUnaryCall<{ keyId: string }, KeyMessage>) => {
        await this.keys.refresh();
        const key = this.keys.usable(call.request.keyId);
        if (key === undefined)
          throw new ControlError(status.NOT_FOUND, `there is no key ${call.request.keyId}`);
        return this.describe(key);
      }),
      ListKeys: this.unary(async () => {
        await this.keys.refresh();
        return { keys: await Promise.all(this.keys.all().map((key) => this.describe(key))) };
      }),
      ListNodes: this.unary(async () => ({
        nodes: this.peers.withRole('node').map(({ kid }) => this.node(kid)),
      })),
      GetRequest: this.unary((call: ServerUnaryCall<{ requestId: string; requester: string }, RequestView>) =>
        this.requests.find(call.request.requester, call.request.requestId),
      ),
      Watch: this.watch,
      RefreshKey: this.later('RefreshKey'),
      ReshareKey: this.later('ReshareKey'),
      RetireKey: this.later('RetireKey'),
      UnbanPair: this.later('UnbanPair'),
      Halt: this.later('Halt'),
      Resume: this.later('Resume'),
    };
  }

  /** Returns when the key is usable, or has failed. The same command again joins the first order. */
  private async createKey(call: ServerUnaryCall<CreateKeyRequest, KeyMessage>): Promise<KeyMessage> {
    const wanted = this.check.orderOf(call.request);
    const known = await this.creation.find(wanted.nonce);
    if (known !== undefined && !known.command.equals(wanted.command)) {
      throw new ControlError(status.ALREADY_EXISTS, 'another command has used this nonce');
    }
    if (known === undefined) this.check.checkOnline(wanted.participants);
    let order = known ?? (await this.creation.order(wanted));
    while (order.status === 'generating' || order.status === 'checking') {
      await pause(LOOK_EVERY_MS);
      if (call.cancelled)
        throw new ControlError(status.CANCELLED, 'the call was cancelled; the key is still being made');
      order = (await this.creation.find(wanted.nonce)) ?? order;
    }
    if (order.status === 'failed' || order.facts === null) {
      throw new ControlError(status.ABORTED, `no key was made: ${order.failure ?? 'unknown reason'}`);
    }
    await this.keys.refresh();
    const { keyId } = order.facts;
    for (let waited = 0; !this.keys.isPublished(keyId) && waited < PUBLICATION_MS; waited += LOOK_EVERY_MS) {
      await pause(LOOK_EVERY_MS);
    }
    const key = this.keys.usable(keyId);
    if (key === undefined) {
      throw new ControlError(status.INTERNAL, `the nodes contradict each other about ${keyId}`);
    }
    return this.describe(key);
  }

  private async describe(key: UsableKey): Promise<KeyMessage> {
    const remaining = await this.store.transaction((tx) => this.batches.remaining(tx, key.keyId), {
      durable: false,
    });
    const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode, address, usableAt } = key;
    return {
      keyId,
      scheme,
      status: 'usable',
      epoch,
      threshold,
      participants,
      publicKey,
      chainCode,
      address,
      createdAt: usableAt.toISOString(),
      stock: [...remaining.values()].reduce((sum, count) => sum + count, 0),
    };
  }

  private node(nodeId: string): object {
    const report = this.reports.of(nodeId);
    return {
      nodeId,
      ...this.sessions.describe(nodeId),
      lastSeen: report?.at ?? '',
      ledgerCount: report?.ledgerCount ?? 0,
      policyHash: report?.policyHash ?? '',
    };
  }

  private readonly watch: handleServerStreamingCall<{ kinds: string[] }, ProgressNote> = (call) => {
    const { kinds } = call.request;
    const end = this.progress.watch((note) => {
      if (kinds.length === 0 || kinds.includes(note.kind)) call.write(note);
    });
    call.on('cancelled', end);
    call.on('close', end);
  };

  private unary<Q, A>(answer: (call: ServerUnaryCall<Q, A>) => Promise<A>): handleUnaryCall<Q, A> {
    return (call, callback) => {
      answer(call).then(
        (message) => callback(null, message),
        (error: unknown) => {
          if (error instanceof ControlError) {
            callback({ code: error.status, details: error.message });
            return;
          }
          this.logger.error({ err: error, method: call.getPath() }, 'a control call failed');
          callback({
            code: status.INTERNAL,
            details: error instanceof Error ? error.message : 'unknown error',
          });
        },
      );
    };
  }

  private later(method: string): handleUnaryCall<object, object> {
    return (_call, callback) => {
      callback({ code: status.UNIMPLEMENTED, details: `${method} is not there yet in this version` });
    };
  }
}
