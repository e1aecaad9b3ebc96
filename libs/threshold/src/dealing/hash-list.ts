import { type HashInput } from '../hash';

/** A list in a hash (specification section 1.5): its length, then index and fields of each element. */
export function hashList<T>(
  elements: Iterable<readonly [number, T]>,
  fields: (element: T) => HashInput[],
): HashInput[] {
  const entries = [...elements];
  return [entries.length, ...entries.flatMap(([index, element]) => [index, ...fields(element)])];
}
