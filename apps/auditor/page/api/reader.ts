/** Reads JSON of others: what is not as it must be is an error, never a guess. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

export type Json = Readonly<Record<string, unknown>>;
type Read<T> = (value: unknown, what: string) => T;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const object: Read<Json> = (value, what) => {
  if (isObject(value)) return value;
  throw new BadAnswer(`${what} is not an object`);
};

export const text: Read<string> = (value, what) => {
  if (typeof value === 'string') return value;
  throw new BadAnswer(`${what} is not text`);
};

/** A whole number from 0. */
export const count: Read<number> = (value, what) => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new BadAnswer(`${what} is not a whole number`);
};

export const flag: Read<boolean> = (value, what) => {
  if (typeof value === 'boolean') return value;
  throw new BadAnswer(`${what} is neither true nor false`);
};

export function nullable<T>(read: Read<T>): Read<T | null> {
  return (value, what) => (value === null || value === undefined ? null : read(value, what));
}

export function list<T>(read: Read<T>): Read<T[]> {
  return (value, what) => {
    if (!Array.isArray(value)) throw new BadAnswer(`${what} is not a list`);
    return value.map((item: unknown, i) => read(item, `${what}[${i}]`));
  };
}

/** Bytes in standard base64. */
export const bytes: Read<Uint8Array> = (value, what) => {
  try {
    return Uint8Array.from(atob(text(value, what)), (character) => character.charCodeAt(0));
  } catch {
    throw new BadAnswer(`${what} is not base64`);
  }
};
