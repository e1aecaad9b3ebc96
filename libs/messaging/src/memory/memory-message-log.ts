import { type MessageLog } from '../message-log.port';

/** A message log in memory, for tests of what reads and writes one. */
export function memoryMessageLog(): MessageLog {
  throw new Error('not built yet');
}
