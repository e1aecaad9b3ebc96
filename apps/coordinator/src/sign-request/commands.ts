import { type Halt } from '@quorate/halts';
import {
  type ByteSignature,
  type EcdsaSignature,
  type Refusal,
  type RequestFacts,
  type Reservation,
  type SignRequested,
} from './events';

/** A verified record whose content is a request; `refusal` is why it can have no committee, found before asking anyone. */
export interface Submit {
  readonly kind: 'submit';
  readonly request: SignRequested;
  readonly refusal: {
    readonly code: string;
    readonly reason: string;
    readonly details?: Record<string, unknown>;
  } | null;
  readonly now: Date;
}

/** A signed record that names a request but is not one. */
export interface SubmitInvalid extends RequestFacts {
  readonly kind: 'submit-invalid';
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

export interface ChooseCommittee {
  readonly kind: 'choose-committee';
  readonly reservation: Reservation;
}

/** All partials of one attempt are there and their combination verifies. */
export interface Complete {
  readonly kind: 'complete';
  readonly attempt: number;
  readonly scheme: string;
  readonly signature: EcdsaSignature | ByteSignature;
  /** The key that it verifies under, 0x-hex: the compressed child key, or that of a Schnorr key. */
  readonly publicKey: string;
  /** Null for Schnorr keys. */
  readonly address: string | null;
  readonly now: Date;
}

/** An attempt cannot succeed any more, or has had its time. */
export interface GiveUpAttempt {
  readonly kind: 'give-up-attempt';
  readonly attempt: number;
  readonly reason: string;
  readonly refusals: readonly Refusal[];
  /** All nodes that answered with a partial in this attempt. */
  readonly answered: readonly string[];
  /** Nodes whose answers have arrived and are not stored yet. */
  readonly heard: readonly string[];
  /** The member whose share is wrong, where that shows. */
  readonly accused?: string;
  /** The key's nodes (n) and how many must sign (t). */
  readonly participants: readonly string[];
  readonly threshold: number;
  readonly now: Date;
}

/** The deadline passed. */
export interface Lapse {
  readonly kind: 'lapse';
  readonly now: Date;
}

/** Signing is halted in a scope that has this request. */
export interface HaltRequest {
  readonly kind: 'halt';
  readonly halt: Halt;
  readonly now: Date;
}

/** The key of the request was retired. */
export interface EndWithKey {
  readonly kind: 'end-with-key';
  readonly now: Date;
}

export type SignRequestCommand =
  Submit | SubmitInvalid | ChooseCommittee | Complete | GiveUpAttempt | Lapse | HaltRequest | EndWithKey;
