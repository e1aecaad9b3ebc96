import { inspect } from 'node:util';

const MASK = '[secret]';

/** Holds a value that must never be printed: JSON, inspection and string conversion give `[secret]`. */
export class Secret<T extends string | Uint8Array = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself, for the one call that needs it. Do not keep the result. */
  reveal(): T {
    return this.#value;
  }

  /** Overwrites bytes with zeros. Strings cannot be wiped: they live until the garbage collector takes them. */
  wipe(): void {
    if (this.#value instanceof Uint8Array) this.#value.fill(0);
  }

  toJSON(): string {
    return MASK;
  }

  toString(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
