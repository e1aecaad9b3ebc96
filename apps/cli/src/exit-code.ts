import { CommanderError } from 'commander';
import { QuorateError } from '@quorate/platform';

/** What the exit status of `quorate` means; documented in its help. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** Unknown id, or no answer in time: the same command may succeed later. */
  notFound: 3,
  /** The installation answered no: a rejected request, a failed or reverted transaction. */
  rejected: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * A failure whose message says cause and remedy to the user, with the exit status it leads to.
 * `document` is what --json prints then; without one, code and message.
 */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    readonly code: string,
    message: string,
    readonly document: object = { error: { code, message } },
  ) {
    super(message);
    this.name = 'CommandFailure';
  }
}

/** The command line itself is wrong. */
export function usageError(message: string): CommandFailure {
  return new CommandFailure(EXIT.usage, 'usage', message);
}

/** How a thrown error ends the program. */
export function asFailure(thrown: unknown): CommandFailure {
  if (thrown instanceof CommandFailure) return thrown;
  if (thrown instanceof CommanderError) {
    return new CommandFailure(thrown.exitCode === 0 ? EXIT.ok : EXIT.usage, 'usage', thrown.message);
  }
  if (thrown instanceof QuorateError) {
    const exitCode = exitCodeOf(thrown);
    const away = thrown.kind === 'unavailable' && exitCode === EXIT.failure;
    const remedy = away ? '. Is the stack running? `quorate doctor` tells' : '';
    return new CommandFailure(exitCode, thrown.code, thrown.message + remedy);
  }
  return new CommandFailure(
    EXIT.failure,
    'unexpected',
    thrown instanceof Error ? thrown.message : String(thrown),
  );
}

function exitCodeOf({ kind, code }: QuorateError): ExitCode {
  if (code === 'not-found' || code === 'timeout' || code === 'deadline-exceeded') return EXIT.notFound;
  if (kind === 'refused') return EXIT.rejected;
  // What the client refuses before anything is sent is a matter of the options that were given.
  return code === 'request' || code === 'intent' || code === 'command' || code === 'path'
    ? EXIT.usage
    : EXIT.failure;
}
