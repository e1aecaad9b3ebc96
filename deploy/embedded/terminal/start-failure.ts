/**
 * Why a part of the embedded stack could not start, in words for the person at the terminal.
 * Has the shape of the project's error taxonomy; this folder's infrastructure modules stay free of
 * project imports because jest's global setups load them without the project's module aliases.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly kind = 'fatal';

  /**
   * @param code short machine-readable reason, such as `port-taken`
   * @param message what went wrong
   * @param remedy what the user can do about it
   */
  constructor(
    readonly code: string,
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
