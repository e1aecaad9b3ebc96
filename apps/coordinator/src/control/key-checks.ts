import { status } from '@grpc/grpc-js';
import { type PeerDirectory } from '@quorate/platform';
import { schemeSchema } from '@quorate/protocol';
import { isEcdsaSuite } from '@quorate/threshold';
import { type KeyRegistry, type UsableKey } from '../key-registry/key-registry';
import { type NodeSessions } from '../node-session/node-sessions';
import { type Clock } from '../ports/clock.port';
import { type KeyOrder } from '../ports/key-orders.port';
import { type Retirement } from '../ports/key-lives.port';
import { ControlError } from './control-error';
import { type CommandRequest, type OperatorCommands } from './operator-command';

interface QuorumRequest extends CommandRequest {
  readonly threshold: number;
  readonly participants: readonly string[];
  readonly disjointQuorums: boolean;
}

export interface CreateKeyRequest extends QuorumRequest {
  readonly scheme: string;
}

export interface ReshareKeyRequest extends QuorumRequest {
  readonly keyId: string;
}

export interface RetireKeyRequest extends CommandRequest {
  readonly keyId: string;
}

export interface UnbanPairRequest extends CommandRequest {
  readonly keyId: string;
  readonly firstNode: string;
  readonly secondNode: string;
}

/** Checks orders about keys before any node is asked; the nodes check the operators' command again themselves. */
export class KeyChecks {
  constructor(
    private readonly peers: PeerDirectory,
    private readonly commands: OperatorCommands,
    private readonly sessions: NodeSessions,
    private readonly keys: KeyRegistry,
    private readonly clock: Clock,
  ) {}

  /** @throws ControlError with the first thing that is wrong */
  creationOf(request: CreateKeyRequest): KeyOrder {
    const { scheme, threshold, participants } = request;
    if (!schemeSchema.safeParse(scheme).success) {
      throw invalid(`scheme "${scheme}" is not one of ${schemeSchema.options.join(', ')}`);
    }
    this.checkQuorum(request);
    const command = this.commands.read('CreateKey', request);
    const order = this.orderOf(request, command, { scheme, threshold, participants });
    return { ...order, kind: 'create', status: 'generating', keyId: null };
  }

  /** @throws ControlError with the first thing that is wrong */
  reshareOf(request: ReshareKeyRequest): KeyOrder {
    const key = this.keyInUse(request.keyId);
    this.checkQuorum(request);
    const command = this.commands.read('ReshareKey', request);
    const { threshold, participants } = request;
    const order = this.orderOf(request, command, { scheme: key.scheme, threshold, participants });
    return { ...order, kind: 'reshare', status: 'waiting', keyId: key.keyId };
  }

  /**
   * @param newest the newest certified epoch of the key
   * @throws ControlError with the first thing that is wrong
   */
  retirementOf(request: RetireKeyRequest, newest: number): Retirement {
    const { nonce, epoch } = this.commands.read('RetireKey', request);
    const { command, signatures, keyId } = request;
    if (this.keys.retirementOf(keyId) === undefined) this.checkEpoch(epoch, newest);
    return { nonce, command, signatures };
  }

  /** @throws ControlError with the first thing that is wrong */
  unbanOf(request: UnbanPairRequest): KeyOrder {
    const { keyId, firstNode, secondNode } = request;
    const key = this.keyInUse(keyId);
    if (!isEcdsaSuite(key.suite)) throw invalid(`pairs of ${key.scheme} keys have no state to renew`);
    const pair = [firstNode, secondNode];
    const strangers = pair.filter((node) => !key.participants.includes(node));
    if (strangers.length > 0 || firstNode === secondNode) {
      throw invalid(`a pair are two different nodes of the key: ${key.participants.join(', ')}`);
    }
    const command = this.commands.read('UnbanPair', request);
    const { scheme, threshold } = key;
    const order = this.orderOf(request, command, { scheme, threshold, participants: pair });
    return { ...order, kind: 'unban', status: 'waiting', keyId };
  }

  /** @throws ControlError NOT_FOUND, or FAILED_PRECONDITION for a key that has ended */
  keyInUse(keyId: string): UsableKey {
    const key = this.keys.known(keyId);
    if (key === undefined) throw new ControlError(status.NOT_FOUND, `there is no key ${keyId}`);
    if (key.retirement !== null) {
      throw new ControlError(status.FAILED_PRECONDITION, `the key ${keyId} is retired`);
    }
    return key;
  }

  /**
   * @param newest the newest certified epoch of the key
   * @throws ControlError when the operators saw the key in another one
   */
  checkEpoch(epoch: number, newest: number): void {
    if (epoch === newest) return;
    throw new ControlError(
      status.FAILED_PRECONDITION,
      `the command is about epoch ${epoch}, the key is in epoch ${newest}: sign it anew`,
    );
  }

  /** @throws ControlError when one of the nodes cannot take part now */
  checkOnline(nodes: readonly string[]): void {
    const offline = nodes.filter((node) => this.sessions.readyBootId(node) === undefined);
    if (offline.length > 0) {
      throw new ControlError(status.UNAVAILABLE, `not connected or not ready: ${offline.join(', ')}`);
    }
  }

  /** @throws ControlError when too few of the present members could deal new shares now */
  checkDealers(keyId: string): void {
    const { participants, threshold } = this.keyInUse(keyId);
    const ready = participants.filter((node) => this.sessions.readyBootId(node) !== undefined);
    if (ready.length >= threshold) return;
    throw new ControlError(
      status.UNAVAILABLE,
      `${threshold} present members must deal new shares; ready: ${ready.join(', ') || 'none'}`,
    );
  }

  private orderOf(
    request: CommandRequest,
    command: { readonly nonce: string; readonly epoch: number; readonly expiry: string },
    quorum: Pick<KeyOrder, 'scheme' | 'threshold' | 'participants'>,
  ): Omit<KeyOrder, 'kind' | 'status' | 'keyId'> {
    return {
      ...quorum,
      nonce: command.nonce,
      epoch: command.epoch,
      command: request.command,
      signatures: request.signatures,
      expiry: new Date(command.expiry),
      facts: null,
      failure: null,
      attempts: 0,
      since: this.clock.now(),
    };
  }

  private checkQuorum({ threshold, participants, disjointQuorums }: QuorumRequest): void {
    const n = participants.length;
    if (n < 2 || n > 16) throw invalid(`a key has 2 to 16 participants, not ${n}`);
    if (new Set(participants).size < n) throw invalid('participants must not name a node twice');
    const unknown = participants.filter((node) => this.peers.get(node)?.role !== 'node');
    if (unknown.length > 0) throw invalid(`no such node: ${unknown.join(', ')}`);
    if (threshold < 2 || threshold > n) throw invalid(`threshold must be 2 to ${n}, not ${threshold}`);
    if (2 * threshold <= n && !disjointQuorums) {
      throw invalid(
        `2 * ${threshold} <= ${n}: two committees could have no node in common, so that nonce bindings and ` +
          'windows would not hold; raise the threshold, or set disjointQuorums: true',
      );
    }
  }
}

function invalid(message: string): ControlError {
  return new ControlError(status.INVALID_ARGUMENT, message);
}
