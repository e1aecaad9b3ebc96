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

const REMINDER_MS = 4000;

/** Prints one aligned line per finished step with its seconds, and a reminder every 4 s while one takes longer. */
export function terminalProgress(write: (line: string) => void = console.log): Progress {
  return {
    note: (text) => write(`  ${text}`),
    step(label) {
      const began = performance.now();
      const seconds = () => (performance.now() - began) / 1000;
      const reminder = setInterval(() => write(`  ... ${label} ... ${seconds().toFixed(0)} s`), REMINDER_MS);
      reminder.unref();
      return {
        done(result = '') {
          clearInterval(reminder);
          write(`  ${label.padEnd(34)} ${result.padEnd(44)} ${seconds().toFixed(1).padStart(5)} s`);
        },
        failed() {
          clearInterval(reminder);
          write(`  ${label.padEnd(34)} ${'failed'.padEnd(44)} ${seconds().toFixed(1).padStart(5)} s`);
        },
      };
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
