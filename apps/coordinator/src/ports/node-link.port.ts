import { type CeremonyPurpose } from '../ceremony/ceremony';

/** One open session stream of a node. */
export interface NodeLink {
  readonly nodeId: string;
  /** 0x-hex, 16 B: the node's life. */
  readonly bootId: string;
  readonly version: string;
  /** False when so much is waiting for the node to take it that this message is dropped. */
  send(message: ToNode): boolean;
  /** Whether the node does not take what it is sent. */
  isBackedUp(): boolean;
  close(reason: string): void;
}

export interface SignTask {
  readonly taskId: string;
  /** The requester's exact bytes. */
  readonly value: Buffer;
  readonly jws: string;
  readonly approvals: string;
  readonly requester: string;
  readonly requestId: string;
  readonly attempt: number;
  readonly presignatureId: Buffer;
  readonly sessionId: Buffer;
  readonly index: number;
  readonly committee: string[];
  readonly keyId: string;
  readonly epoch: number;
  /** Empty when the request is not traced. */
  readonly traceparent: string;
}

export interface CeremonyStart {
  readonly sessionId: Buffer;
  readonly purpose: CeremonyPurpose;
  readonly suite: number;
  readonly keyId: string;
  readonly epoch: number;
  readonly threshold: number;
  readonly participants: { nodeId: string; index: number; identityKey: Buffer; bootId: Buffer }[];
  readonly batch: number;
  /** Unix seconds. */
  readonly notAfter: number;
  readonly rnd: Buffer;
  readonly command: Buffer;
  readonly signatures: string[];
  /** 0: stock; 1: a request or an operator waits for it. */
  readonly priority: number;
  /** Of a reshare, as the three fields after it: the epoch whose shares are dealt. */
  readonly oldEpoch?: number;
  /** Party indices of O. */
  readonly dealers?: number[];
  /** Party indices of N. */
  readonly receivers?: number[];
  /** t' */
  readonly newThreshold?: number;
  /** The new one; of a pair re-key. */
  readonly pairCounter?: number;
}

interface WireCommand {
  readonly command: Buffer;
  readonly signatures: string[];
}

export type ToNode =
  | { readonly signTask: SignTask }
  | { readonly ceremonyStart: CeremonyStart }
  | { readonly keyCommand: WireCommand }
  | { readonly halt: { readonly scope: string; readonly reason: string } & WireCommand }
  | { readonly resume: { readonly halts: string[] } & WireCommand }
  | { readonly discard: { readonly sessionId: Buffer; readonly reason: string } };

/** What a node has in memory of one batch, as it said when its session opened. */
export interface ReportedBatch {
  readonly sessionId: string;
  /** Bit i of byte floor(i/8), lowest first: presignature i is unspent. */
  readonly unspent: Buffer;
}
