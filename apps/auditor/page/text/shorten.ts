/** Long ids and hashes, with both ends: `0xe52c91…6c28dc`. What is at most `longest` characters stays whole. */
export function shorten(text: string, longest = 20): string {
  if (text.length <= longest) return text;
  const kept = longest - 1;
  const head = Math.ceil(kept * 0.55);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}
