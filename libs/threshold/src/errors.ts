/** Failure classes and mandatory reactions: specification section 9. */

/**
 * - `CONFIG` parameters differ; never penalise. `TIMEOUT` a message is missing.
 * - `AGREE` a digest echo differs; the parties exchange signed messages to find the equivocator.
 * - `IDENT` the accused is convicted by signed broadcasts. `IDENT-P` only the victim can tell.
 * - `BAN` an oblivious-transfer check failed: the pair is dead, persisted before any reply.
 * - `UNATTRIBUTED` nobody can be blamed.
 */
export type FailureClass = 'CONFIG' | 'TIMEOUT' | 'AGREE' | 'IDENT-P' | 'IDENT' | 'BAN' | 'UNATTRIBUTED';

/**
 * A protocol session failed. Carries public values only.
 *
 * @param check short stable name of the failed check, e.g. `keygen.r2.com`
 * @param accused party index, where the class names one
 * @param evidence signed frames, as received, that convict the accused (only with `IDENT`)
 */
export class ProtocolFailure extends Error {
  override readonly name = 'ProtocolFailure';

  constructor(
    readonly failureClass: FailureClass,
    readonly check: string,
    readonly accused?: number,
    readonly evidence: readonly Buffer[] = [],
  ) {
    super(accused === undefined ? `${failureClass}: ${check}` : `${failureClass}(${accused}): ${check}`);
  }
}

/** The caller passed arguments outside the documented domain: a defect or a wrong configuration, not an attack. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
}
