import { status } from '@grpc/grpc-js';
import { type PeerDirectory } from '@quorate/platform';
import { schemeSchema } from '@quorate/protocol';
import { type NodeSessions } from '../node-session/node-sessions';
import { type KeyOrder } from '../ports/key-orders.port';
import { ControlError } from './control-error';
import { type CommandRequest, type OperatorCommands } from './operator-command';

export interface CreateKeyRequest extends CommandRequest {
  readonly scheme: string;
  readonly threshold: number;
  readonly participants: readonly string[];
  readonly disjointQuorums: boolean;
}

/** Checks orders of new keys before any node is asked; the nodes check the operators' command again themselves. */
export class CreateKeyCheck {
  constructor(
    private readonly peers: PeerDirectory,
    private readonly commands: OperatorCommands,
    private readonly sessions: NodeSessions,
  ) {}

  /** @throws ControlError with the first thing that is wrong */
  orderOf(request: CreateKeyRequest): KeyOrder {
    const { scheme, threshold, participants } = request;
    if (!schemeSchema.safeParse(scheme).success) {
      throw invalid(`scheme "${scheme}" is not one of ${schemeSchema.options.join(', ')}`);
    }
    if (scheme !== 'ecdsa-secp256k1') {
      throw new ControlError(status.UNIMPLEMENTED, `scheme ${scheme} is not there yet: use ecdsa-secp256k1`);
    }
    this.checkShape(request);
    const command = this.commands.read('CreateKey', request);
    return {
      nonce: command.nonce,
      status: 'generating',
      command: request.command,
      signatures: request.signatures,
      scheme,
      threshold,
      participants,
      facts: null,
      failure: null,
    };
  }

  /** @throws ControlError when a participant cannot take part now */
  checkOnline(participants: readonly string[]): void {
    const offline = participants.filter((node) => this.sessions.readyBootId(node) === undefined);
    if (offline.length > 0) {
      throw new ControlError(status.UNAVAILABLE, `not connected or not ready: ${offline.join(', ')}`);
    }
  }

  private checkShape({ threshold, participants, disjointQuorums }: CreateKeyRequest): void {
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
