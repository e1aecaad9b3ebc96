/** One thing being done, whose duration the user sees. */
export interface Step {
  /** Prints the finished line; `result` says what came of it. */
  done(result?: string): void;
  failed(): void;
}

/** Receives what happens, in words. */
export interface Progress {
  step(label: string): Step;
  note(text: string): void;
}

const REMINDER_MS = 5000;

/** Prints one aligned line per finished step with its seconds, and what is still waited for every 5 s. */
export function terminalProgress(write: (line: string) => void = console.log): Progress {
  const open = new Map<symbol, { label: string; began: number }>();
  const seconds = (began: number) => (performance.now() - began) / 1000;
  const remind = () => {
    const waiting = [...open.values()].filter(({ began }) => seconds(began) * 1000 >= REMINDER_MS - 50);
    if (waiting.length === 0) return;
    const longest = Math.max(...waiting.map(({ began }) => seconds(began)));
    write(`  ... ${waiting.map(({ label }) => label).join(', ')} ... ${longest.toFixed(0)} s`);
  };
  let reminder: NodeJS.Timeout | undefined;
  return {
    note: (text) => write(`  ${text.replaceAll('\n', '\n  ')}`),
    step(label) {
      const id = Symbol(label);
      const began = performance.now();
      if (open.size === 0) reminder = setInterval(remind, REMINDER_MS);
      open.set(id, { label, began });
      const end = (result: string) => {
        open.delete(id);
        if (open.size === 0) clearInterval(reminder);
        write(`  ${label.padEnd(30)} ${result.padEnd(44)} ${seconds(began).toFixed(1).padStart(5)} s`);
      };
      return { done: (result = '') => end(result), failed: () => end('failed') };
    },
  };
}

/** For tests: says nothing. */
export const silentProgress: Progress = {
  note: () => undefined,
  step: () => ({ done: () => undefined, failed: () => undefined }),
};

/** Runs `work` as one step of `progress`; `result` words the outcome. */
export async function asStep<T>(
  progress: Progress,
  label: string,
  work: () => Promise<T>,
  result: (value: T) => string = () => '',
): Promise<T> {
  const step = progress.step(label);
  try {
    const value = await work();
    step.done(result(value));
    return value;
  } catch (error) {
    step.failed();
    throw error;
  }
}
