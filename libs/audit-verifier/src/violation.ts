/** What is wrong with a log, and where it shows. */
export interface Violation {
  /** The leaf at which it shows. */
  readonly index: number;
  /** A short name, for machines. */
  readonly rule: string;
  /** A sentence, for people. */
  readonly reason: string;
}
