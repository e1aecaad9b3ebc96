import { type Metrics, setBounded } from '@quorate/platform';
import { type Ceremony } from '../ceremony/ceremony';
import { type Progress } from '../ceremony/progress';
import { type EndedVerdict } from '../ceremony/verdict';

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
/** Ceremonies under way whose begin is remembered. */
const MOST_FOLLOWED = 1_000;

/** What operators see of ceremonies on /metrics. */
export class CeremonyMetrics {
  private readonly ceremonies;
  private readonly durations;
  /** When this coordinator ordered each ceremony, in milliseconds of the process's clock. */
  private readonly orderedAt = new Map<string, number>();

  constructor(metrics: Metrics, progress: Pick<Progress, 'watch'>) {
    this.ceremonies = metrics.counter({
      name: 'ceremonies_total',
      help: 'Ceremonies that ended, by purpose and outcome: ok or failed',
      labelNames: ['purpose', 'outcome'],
    });
    this.durations = metrics.histogram({
      name: 'ceremony_seconds',
      help: 'From the order of a ceremony until the results of all its members are in, where one coordinator saw both',
      labelNames: ['purpose'],
      buckets: SECONDS,
    });
    progress.watch(({ kind, subject, phase }) => {
      if (kind === 'ceremony' && phase === 'started')
        setBounded(this.orderedAt, subject, performance.now(), MOST_FOLLOWED);
    });
  }

  /** Call after the commit. */
  ended({ sessionId, purpose }: Ceremony, verdict: EndedVerdict): void {
    this.ceremonies.inc({ purpose, outcome: verdict.kind === 'failed' ? 'failed' : 'ok' });
    const orderedAt = this.orderedAt.get(sessionId);
    this.orderedAt.delete(sessionId);
    if (orderedAt !== undefined && verdict.kind !== 'failed')
      this.durations.observe({ purpose }, (performance.now() - orderedAt) / 1_000);
  }
}
