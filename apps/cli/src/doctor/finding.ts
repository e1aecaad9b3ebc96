/** What `doctor` found out about one part of the stack. */
export interface Finding {
  readonly part: string;
  readonly state: 'ok' | 'warning' | 'broken';
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function ok(part: string, detail: string): Finding {
  return { part, state: 'ok', detail };
}

export function warning(part: string, detail: string, remedy: string): Finding {
  return { part, state: 'warning', detail, remedy };
}

export function broken(part: string, detail: string, remedy: string): Finding {
  return { part, state: 'broken', detail, remedy };
}

/** Runs one check; what it throws is a finding too. */
export async function finding(
  part: string,
  remedy: string,
  check: () => Promise<Finding | Finding[]>,
): Promise<Finding[]> {
  try {
    return [await check()].flat();
  } catch (error) {
    return [broken(part, error instanceof Error ? error.message : String(error), remedy)];
  }
}

/** Gives up on a check that hangs. */
export async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
