import { withProcessLock } from '@quorate/platform';
import { CommandFailure, EXIT } from '../exit-code';

/**
 * Keeps the rotation to this process while `use` runs: two at once would replace each other's keys.
 * @param file of the rotation
 * @throws CommandFailure `busy` while another process works on it
 */
export function holdRotation<T>(file: string, use: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  const busy = (holder: number): Error =>
    new CommandFailure(
      EXIT.failure,
      'busy',
      `process ${holder} rotates identities here: wait for it, or remove ${lock}`,
    );
  return withProcessLock(lock, busy, use);
}
