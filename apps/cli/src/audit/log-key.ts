import { Invalid } from '@quorate/platform';
import { Malformed, parseVerifierKey, type VerifierKey } from '@quorate/transparency-log';
import { usageError } from '../exit-code';
import { type Stack } from '../stack/stack-file';

/** The public key of a log: as given, or that of the stack. */
export function logKeyOf({ key, log }: { key?: string; log: number }, stack: () => Stack): VerifierKey {
  const text = key ?? stack().audit.logKeys[log];
  if (text === undefined) throw usageError(`stack.json has no key of log ${log}: give it with --key`);
  return wellFormed(() => parseVerifierKey(text), '--key');
}

/** @throws Invalid that names what was malformed. */
export function wellFormed<T>(work: () => T, what: string): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Malformed) throw new Invalid('malformed', `${what}: ${error.message}`);
    throw error;
  }
}
