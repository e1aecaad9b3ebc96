type Condition = () => boolean | Promise<boolean>;

/** Resolves when the condition holds; fails with its text. */
export function until(condition: Condition, limitMs = 30_000): Promise<void> {
  return waitFor(condition.toString().slice(0, 200), condition, limitMs);
}

/** Resolves when the condition holds; fails with what was waited for. A condition that takes long is asked more rarely. */
export async function waitFor(what: string, condition: Condition, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const began = Date.now();
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
    const spent = 10 * (Date.now() - began);
    await new Promise((resolve) => setTimeout(resolve, Math.max(10, Math.min(250, spent))));
  }
}
