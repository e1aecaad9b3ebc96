/**
 * The Fiat-Shamir transcript of a range proof.
 *
 * The transform of the paper's first versions (section 4.4 hashed A and S only) is unsound: who picks the commitments
 * after the challenges proves anything ("Frozen Heart", Trail of Bits, 2022). Here every challenge depends on the whole
 * statement and on every message before it.
 */
import { H, type HashInput, HS } from '../hash';
import { type Point } from '../group/point';
import { type Generators } from './generators';

/** What is proven: each commitment opens to an integer of `bits` bits, in the context of the caller. */
export interface Statement {
  /** Whatever the proof must not be valid outside of, such as the session: any bytes, hashed. */
  readonly context: Uint8Array;
  /** n of the paper. */
  readonly bits: number;
  /** V_1..V_m. */
  readonly commitments: readonly Point[];
  /** With n * m entries in each vector. */
  readonly generators: Generators;
}

/** A running hash. Both sides feed it with the same messages and draw the same challenges. */
export class Transcript {
  private state: Buffer;

  /** state = H("rp/statement", parts..) */
  constructor(...parts: readonly HashInput[]) {
    this.state = H('rp/statement', ...parts);
  }

  /** state = H("rp/absorb", state, messages..) */
  absorb(...messages: readonly HashInput[]): void {
    this.state = H('rp/absorb', this.state, ...messages);
  }

  /**
   * A challenge in [1, q): HS("rp/challenge", state, counter) for the first counter from 0 on that does not give zero.
   * The state absorbs nothing but moves on, so that the next challenge is another one.
   */
  challenge(): bigint {
    for (let counter = 0; ; counter++) {
      const challenge = HS('rp/challenge', this.state, counter);
      if (challenge === 0n) continue;
      this.absorb();
      return challenge;
    }
  }
}

/** The transcript after the statement: the context, n, m, g, h, u and every commitment. The vectors are fixed by n * m. */
export function statementTranscript(statement: Statement): Transcript {
  const { context, bits, commitments, generators } = statement;
  const { valueBase, blindingBase, innerProductBase } = generators;
  return new Transcript(
    context,
    bits,
    commitments.length,
    valueBase,
    blindingBase,
    innerProductBase,
    ...commitments,
  );
}
