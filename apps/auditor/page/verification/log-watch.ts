import { type AuditApi } from '../api/audit-api';
import { type ApiProblem, asProblem } from '../api/problem';
import { Signal } from '../parts/signal';
import { type KeyRing } from '../trust/trusted-keys';
import { type HeadVerdict, Verifier } from './verifier';
import { type Memory } from './memory';

/** The log that the page follows. */
export const LOG = 0;
const EVERY_MS = 4_000;
const ALARM = 'quorate.alarm';

/** Something that this browser saw and that cannot be: it stays on the screen until somebody has dealt with it. */
export interface Alarm {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly texts: readonly string[];
  /** The notes that contradict each other, for whoever has to show them to others. */
  readonly evidence: string;
}

/** Follows the head of the log while the page is looked at, and checks each new one. */
export class LogWatch {
  readonly verdict = new Signal<HeadVerdict | undefined>(undefined);
  /** Why the last look at the log failed; undefined when it did not. */
  readonly problem = new Signal<ApiProblem | undefined>(undefined);
  readonly alarm: Signal<Alarm | undefined>;
  readonly verifier: Verifier;
  private looking = false;

  constructor(
    private readonly api: AuditApi,
    keys: KeyRing,
    private readonly memory: Memory,
    private readonly storage: Storage,
  ) {
    this.alarm = new Signal(readAlarm(storage));
    this.verifier = new Verifier(api, keys, memory, (verdict) => this.raise(verdict));
    keys.trusted.subscribe(() => void this.look(true));
  }

  /** @param document looked at only while it is visible */
  start(document: Document): void {
    const look = () => {
      if (document.visibilityState === 'visible') void this.look();
    };
    look();
    setInterval(look, EVERY_MS);
    document.addEventListener('visibilitychange', look);
  }

  /** Looks at the log now. @param isAnew also when nothing was appended */
  async look(isAnew = false): Promise<void> {
    if (this.looking && !isAnew) return;
    this.looking = true;
    try {
      const note = await this.api.checkpoint(LOG);
      if (isAnew || note !== this.verdict.value?.head?.note)
        this.verdict.set(await this.verifier.head(LOG, note));
      this.problem.set(undefined);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.looking = false;
    }
  }

  /** Takes the alarm off, and begins anew with the log as it is. */
  forget(): void {
    this.memory.forget(LOG);
    this.storage.removeItem(ALARM);
    this.alarm.set(undefined);
    void this.look(true);
  }

  private raise({ head, checks }: HeadVerdict): void {
    if (this.alarm.value !== undefined) return;
    const alarm = {
      at: Date.now(),
      texts: checks.flatMap(({ state, text }) => (state === 'failed' ? [text] : [])),
      evidence: [this.memory.read(LOG)?.note, head?.note].filter((note) => note !== undefined).join('\n\n'),
    };
    this.storage.setItem(ALARM, JSON.stringify(alarm));
    this.alarm.set(alarm);
  }
}

function readAlarm(storage: Storage): Alarm | undefined {
  try {
    return (JSON.parse(storage.getItem(ALARM) ?? 'null') as Alarm | null) ?? undefined;
  } catch {
    return undefined;
  }
}
