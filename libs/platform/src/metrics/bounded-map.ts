/** Sets an entry of what is only remembered for a while: where there are `most` already, the oldest gives way. */
export function setBounded<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  const [oldest] = map.keys();
  if (map.size >= most && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}
