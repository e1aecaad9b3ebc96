/**
 * The one error taxonomy of the project. Every thrown error is of one of these kinds, and the kind alone
 * decides what happens to the record or call that caused it:
 * `invalid` (the input is wrong), `refused` (policy or authorisation), `conflict` (an expected version or an
 * identity is taken), `unavailable` (a dependency is down: retry), `fatal` (the process must stop).
 */
export type ErrorKind = 'invalid' | 'refused' | 'conflict' | 'unavailable' | 'fatal';

export interface ErrorOptions {
  /** Machine-readable facts for logs and answers. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Base of all errors. `code` is stable and machine-readable, `message` says cause and remedy to a person. */
export abstract class QuorateError extends Error {
  abstract readonly kind: ErrorKind;
  readonly code: string;
  readonly details?: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string = code, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    if (options.details !== undefined) this.details = options.details;
  }
}

/** The input breaks a documented rule. The same input fails again. */
export class Invalid extends QuorateError {
  readonly kind = 'invalid';
}

/** The input is well formed, but the caller is not allowed to have it done. */
export class Refused extends QuorateError {
  readonly kind = 'refused';
}

/** Somebody else was first: an expected version, or another content under the same identity. */
export class Conflict extends QuorateError {
  readonly kind = 'conflict';
}

/** A dependency is away or busy. The same call may succeed later. */
export class Unavailable extends QuorateError {
  readonly kind = 'unavailable';
}

/** The process cannot go on: configuration, corrupted state, a broken invariant. */
export class Fatal extends QuorateError {
  readonly kind = 'fatal';
}

/** Whether what failed may succeed when it is tried again: a dependency was away, or somebody else was first. */
export function isPassing(error: unknown): error is Unavailable | Conflict {
  return error instanceof Unavailable || error instanceof Conflict;
}

/** Any thrown value as an error of the taxonomy; what is unknown becomes `fatal` with code `unexpected`. */
export function asQuorateError(thrown: unknown): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  if (thrown instanceof Error) return new Fatal('unexpected', thrown.message, { cause: thrown });
  return new Fatal('unexpected', String(thrown), { cause: thrown });
}
