import { randomUUID } from 'node:crypto';
import { type NewEvent, type StoreTransaction } from '@quorate/event-store';
import { type SignPartialInput, type SignRefusedInput, streams, toHex } from '@quorate/protocol';
import { type NodeIdentity } from '../identity/node-identity';
import { type HeldKey } from '../key-share/held-key';
import { type StockedBatch } from '../presignature-pool/presignature-pool';
import { type Candidate } from './admission';
import { type Refusal, type SignTask } from './assess';
import { type OwnShare, type Signer } from './own-share';

/** A task that this node may sign, with what it signs with. */
export interface Signable extends Candidate {
  readonly task: SignTask;
  readonly key: HeldKey;
  readonly signer: Signer;
}

/** A task that gets no share, and why. */
export interface Refused {
  readonly task: SignTask;
  readonly requestHash: Buffer;
  readonly correlationId: string;
  readonly refusal: Refusal;
  /** Whether the presignature is gone. */
  readonly spent: boolean;
  /** It is answered all the same, without an event. */
  readonly isOffTheRecord?: boolean;
}

/** Events of a request, beyond which refusals are not stored: the coordinator may ask as often as it likes. */
const MOST_EVENTS = 64;

interface RequestName {
  readonly requester: string;
  readonly requestId: string;
}

/** What this node answers to the tasks of one commit: records on mpc.partials, and events in its own stream of each request. */
export class SignAnswers {
  private constructor(
    private readonly tx: StoreTransaction,
    private readonly identity: NodeIdentity,
    /** This node alone appends to these streams, one commit after the other. */
    private readonly versions: Map<string, number>,
  ) {}

  /** To requests that this node has answered nothing to: if it has, the transaction fails with Conflict `version`. */
  static toNewRequests(tx: StoreTransaction, identity: NodeIdentity): SignAnswers {
    return new SignAnswers(tx, identity, new Map());
  }

  /** @param requests all that may be answered */
  static async load(
    tx: StoreTransaction,
    identity: NodeIdentity,
    requests: readonly RequestName[],
  ): Promise<SignAnswers> {
    const streamIds = new Set(requests.map((request) => streamOf(identity, request)));
    return new SignAnswers(tx, identity, await tx.readVersions([...streamIds]));
  }

  /** The share leaves with the commit. */
  issue({ task, request, key }: Signable, batch: StockedBatch, { values }: OwnShare): void {
    const facts = {
      requester: request.requester,
      requestId: request.requestId,
      requestHash: toHex(request.requestHash),
      attempt: task.attempt,
      keyId: key.keyId,
      epoch: key.epoch,
      presignatureId: toHex(task.presignatureId),
      ...(request.digest && { digest: toHex(request.digest) }),
    };
    const data: SignPartialInput = {
      type: 'quorate.sign.partial.v1',
      id: randomUUID(),
      node: this.identity.nodeId,
      bootId: this.identity.bootIdHex,
      ...facts,
      ...values,
      at: new Date().toISOString(),
    };
    this.publish(request, data, task.traceparent);
    this.append(request, {
      type: 'quorate.sign.partial-issued.v1',
      data: {
        ...facts,
        node: this.identity.nodeId,
        path: request.path,
        committee: [...batch.committee].sort(),
        ...(request.intent && { intentId: request.intent.intentId }),
      },
      correlationId: request.correlationId,
      causationId: request.requestId,
      traceparent: task.traceparent,
    });
  }

  refuse({ task, requestHash, correlationId, refusal, spent, isOffTheRecord }: Refused): void {
    const facts = {
      requester: task.requester,
      requestId: task.requestId,
      requestHash: toHex(requestHash),
      attempt: task.attempt,
      presignatureId: toHex(task.presignatureId),
      ...refusal,
    };
    const data: SignRefusedInput = {
      type: 'quorate.sign.refused.v1',
      id: randomUUID(),
      node: this.identity.nodeId,
      ...facts,
      spent,
      at: new Date().toISOString(),
    };
    this.publish(task, data, task.traceparent);
    if (isOffTheRecord || this.versionOf(task) >= MOST_EVENTS) return;
    this.append(task, {
      type: 'quorate.policy.refused.v1',
      data: { ...facts, node: this.identity.nodeId },
      correlationId,
      causationId: task.requestId,
      traceparent: task.traceparent,
    });
  }

  private publish(
    { requestId }: RequestName,
    data: SignPartialInput | SignRefusedInput,
    traceparent: string | undefined,
  ): void {
    const { identity } = this;
    this.tx.publish(identity.record(identity.topics.partials, 'partial', requestId, data, traceparent));
  }

  private append(request: RequestName, event: NewEvent): void {
    const streamId = streamOf(this.identity, request);
    const version = this.versionOf(request);
    this.tx.append(streamId, version, [event]);
    this.versions.set(streamId, version + 1);
  }

  private versionOf(request: RequestName): number {
    return this.versions.get(streamOf(this.identity, request)) ?? 0;
  }
}

function streamOf({ nodeId }: NodeIdentity, { requester, requestId }: RequestName): string {
  return streams.nodeSign(nodeId, requester, requestId);
}
