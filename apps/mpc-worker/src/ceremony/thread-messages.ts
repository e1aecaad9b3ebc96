import { type KeyObject } from 'node:crypto';
import { type FailureClass, type SessionStart } from '@quorate/threshold';

/** What the protocol thread is started with. KeyObjects are cloned into threads by Node, never serialised. */
export interface ThreadData {
  readonly identityKey: KeyObject;
  /** One Int32: number of verdicts that the main thread has stored. The protocol thread waits on it. */
  readonly storedVerdicts: SharedArrayBuffer;
}

/** Main thread to protocol thread. */
export type ToThread =
  | {
      readonly kind: 'load-share';
      readonly keyId: string;
      readonly share: Uint8Array;
      /** Indices of the peers whose pair is dead. */
      readonly deadPeers: readonly number[];
    }
  | { readonly kind: 'start'; readonly start: SessionStart; readonly index: number; readonly keyId?: string }
  | { readonly kind: 'frame'; readonly sessionId: string; readonly frame: Uint8Array }
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

/** How a session ended, as bytes that can be transferred between threads. */
export type ThreadOutcome =
  | { readonly kind: 'key-share'; readonly share: Uint8Array }
  | { readonly kind: 'presignatures'; readonly batch: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: ThreadFailure };

/** Protocol thread to main thread: a pair failed a check; the thread stands still until the verdict is stored. */
export interface Verdict {
  readonly kind: 'verdict';
  readonly sessionId: string;
  readonly keyId: string;
  readonly epoch: number;
  readonly peer: number;
}

/** Protocol thread to main thread: one step of one session, to be handled in this order of fields. */
export interface SessionStep {
  readonly kind: 'step';
  readonly sessionId: string;
  /** A pending key share, to be stored durably before `outgoing` is sent. */
  readonly pending?: Uint8Array;
  readonly outgoing: readonly ThreadFrame[];
  readonly outcome?: ThreadOutcome;
  readonly dropped?: string;
}

export type FromThread = Verdict | SessionStep;
