export interface ProgressNote {
  readonly kind: 'ceremony' | 'key' | 'node' | 'halt';
  readonly subject: string;
  readonly phase: string;
  readonly detail: string;
  readonly at: string;
}

type Listener = (note: ProgressNote) => void;

/** What operators watch: ceremonies, keys, nodes and halts as this coordinator sees them, from now on. */
export class Progress {
  private readonly listeners = new Set<Listener>();

  tell(kind: ProgressNote['kind'], subject: string, phase: string, detail = ''): void {
    const note = { kind, subject, phase, detail, at: new Date().toISOString() };
    for (const listener of this.listeners) listener(note);
  }

  /** @returns ends the watching */
  watch(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
