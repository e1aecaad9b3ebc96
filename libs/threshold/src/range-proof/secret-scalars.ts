/** Constant-time arithmetic of the range proof's prover: results in native 32-byte buffers, owned and wiped together. */
import { addScalarBytes, multiplyScalarBytes, randomScalarBytes } from '../group/scalar';
import { OwnedSecrets } from '../owned-secrets';
import { type RandomSource } from '../random';
import { zip } from './vectors';

/**
 * Scalars modulo q, 32 bytes big-endian. Every operand is in [1, q): operands are drawn so, or are blinded by what is.
 * A sum of zero has probability 2^-256 and is fatal, as in {@link addScalarBytes}.
 */
export class SecretScalars {
  private readonly owned = new OwnedSecrets();

  constructor(private readonly random: RandomSource) {}

  /** Uniform in [1, q). */
  draw(): Buffer {
    return this.owned.own(randomScalarBytes(this.random));
  }

  add(a: Uint8Array, b: Uint8Array): Buffer {
    return this.owned.own(addScalarBytes(a, b));
  }

  multiply(a: Uint8Array, b: Uint8Array): Buffer {
    return this.owned.own(multiplyScalarBytes(a, b));
  }

  /** <a, b> of vectors of the same length, at least 1. */
  innerProduct(a: readonly Uint8Array[], b: readonly Uint8Array[]): Buffer {
    return zip(a, b)
      .map(([x, y]) => this.multiply(x, y))
      .reduce((sum, product) => this.add(sum, product));
  }

  /** {@link select}, owned. */
  select(bit: number, one: Uint8Array, zero: Uint8Array): Buffer {
    return this.owned.own(select(bit, one, zero));
  }

  /** Overwrites everything that was returned with zeros. */
  wipe(): void {
    this.owned.wipe();
  }
}

/** A copy of `one` for bit 1, of `zero` for bit 0: without a branch or an index that depends on the bit. */
export function select(bit: number, one: Uint8Array, zero: Uint8Array): Buffer {
  const mask = (0 - bit) & 0xff;
  const selected = Buffer.from(zero);
  for (let k = 0; k < selected.length; k++) {
    const byte = zero[k] ?? 0;
    selected[k] = byte ^ (mask & (byte ^ (one[k] ?? 0)));
  }
  return selected;
}
