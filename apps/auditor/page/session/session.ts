import { Signal } from '../parts/signal';

const KEY = 'quorate.token';

/** The bearer token, in this tab only: `sessionStorage` ends with it. */
export class Session {
  /** Whether the auditor asked for a token that it did not get: the views wait behind the form then. */
  readonly locked = new Signal(false);

  constructor(private readonly storage: Storage) {}

  get token(): string | undefined {
    return this.storage.getItem(KEY) ?? undefined;
  }

  unlock(token: string): void {
    this.storage.setItem(KEY, token);
    this.locked.set(false);
  }

  lock(): void {
    this.locked.set(true);
  }
}
