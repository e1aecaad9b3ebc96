import { type KeyObject } from 'node:crypto';
import { type FailureClass, type SessionStart } from '@quorate/threshold';

/** What the protocol thread is started with. KeyObjects are cloned into threads by Node, never serialised. */
export interface ThreadData {
  readonly identityKey: KeyObject;
  /** One Int32: number of verdicts that the main thread has stored. The protocol thread waits on it. */
  readonly storedVerdicts: SharedArrayBuffer;
}

/** One pair of a key: what a check condemns, and a re-key replaces. */
export interface PairId {
  readonly keyId: string;
  readonly epoch: number;
  /** Index of the peer. */
  readonly peer: number;
}

/** What a party knows of the epoch that a reshare starts from; its share it has, or has not. */
export interface FormerEpoch {
  /** Encoded. */
  readonly certificate: Uint8Array;
  /** Pinned identity keys (raw, 32 B) of exactly the old parties, by index. */
  readonly identities: ReadonlyMap<number, Uint8Array>;
  /** The highest epoch number of the key that this node ever confirmed. */
  readonly lastEpoch: number;
}

/** Main thread to protocol thread: run a session. */
export interface StartSession {
  readonly kind: 'start';
  readonly start: SessionStart;
  readonly index: number;
  /** Absent for key generation. */
  readonly keyId?: string;
  /** Of a reshare. */
  readonly former?: FormerEpoch;
}

/** Main thread to protocol thread: the share of a key's current epoch, which replaces that of a former one. */
export interface LoadShare {
  readonly kind: 'load-share';
  readonly keyId: string;
  readonly share: Uint8Array;
  /** Indices of the peers whose pair is dead. */
  readonly deadPeers: readonly number[];
}

/** Main thread to protocol thread. */
export type ToThread =
  | LoadShare
  | { readonly kind: 'drop-share'; readonly keyId: string }
  /** The pair died: its secrets are wiped. */
  | (PairId & { readonly kind: 'kill-pair' })
  /** A confirmed re-key that waits for the peer to use it, or for its result; `share` has the new state of the pair. */
  | (PairId & { readonly kind: 'await-pair'; readonly share: Uint8Array })
  /** The re-keyed pair is in use from now on. */
  | (PairId & { readonly kind: 'revive-pair'; readonly share: Uint8Array })
  | StartSession
  | { readonly kind: 'frame'; readonly sessionId: string; readonly frame: Uint8Array }
  /** A frame by which the peer may use a pending pair. */
  | (PairId & { readonly kind: 'announcement'; readonly frame: Uint8Array })
  | { readonly kind: 'abort'; readonly sessionId: string };

export interface ThreadFrame {
  /** Party index, or 'all' for the other participants. */
  readonly to: number | 'all';
  readonly frame: Uint8Array;
}

export interface ThreadFailure {
  readonly failureClass: FailureClass;
  readonly check: string;
  readonly accused?: number;
  /** Signed frames that convict the accused, where the failure is provable. */
  readonly evidence: readonly Uint8Array[];
}

/** How a session ended, as bytes that can be transferred between threads. All but `left` are secret. */
export type ThreadOutcome =
  /** Key generation, and a reshare for a member of N. */
  | { readonly kind: 'share'; readonly share: Uint8Array }
  /** A reshare for a dealer that leaves. */
  | { readonly kind: 'left'; readonly certificate: Uint8Array }
  | { readonly kind: 'presignatures'; readonly batch: Uint8Array }
  | { readonly kind: 'nonces'; readonly batch: Uint8Array }
  /** A re-key: the share with the new state of the pair. */
  | { readonly kind: 'pair'; readonly share: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: ThreadFailure };

/** Protocol thread to main thread: a pair failed a check; the thread stands still until the verdict is stored. */
export interface Verdict extends PairId {
  readonly kind: 'verdict';
  readonly sessionId: string;
}

/** Protocol thread to main thread: the peer uses the pending state of the pair. */
export interface PairAnnounced extends PairId {
  readonly kind: 'pair-announced';
}

/** Protocol thread to main thread: one step of one session, to be handled in this order of fields. */
export interface SessionStep {
  readonly kind: 'step';
  readonly sessionId: string;
  /** What must be stored durably before `outgoing` is sent: secret. */
  readonly pending?: Uint8Array;
  readonly outgoing: readonly ThreadFrame[];
  readonly outcome?: ThreadOutcome;
  readonly dropped?: string;
}

export type FromThread = Verdict | PairAnnounced | SessionStep;

/** The buffers that hold nothing but a frame: they are handed over, not copied, for presigning has frames of 868 KB. */
export function frameBuffers(message: FromThread): ArrayBuffer[] {
  if (message.kind !== 'step') return [];
  // Smaller ones may lie in the pool of Node's buffers.
  const isOwn = (buffer: ArrayBufferLike): buffer is ArrayBuffer =>
    buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize;
  return [...new Set(message.outgoing.map(({ frame }) => frame.buffer))].filter(isOwn);
}
