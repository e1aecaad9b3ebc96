import { type AuditClient, type AuditEvent } from '@quorate/client';
import { type Sample } from './load';

export interface StageShare {
  readonly stage: string;
  /** Mean over the samples. */
  readonly milliseconds: number;
  /** Of the whole time from produce to final, 0 to 1. */
  readonly share: number;
}

const STAGES = [
  'client to coordinator: produce, consume, verify',
  'coordinator to nodes: commit, assign, verify, policy, share',
  'nodes to coordinator: commit, publish, consume, combine',
  'coordinator to client: commit, publish, consume, verify',
] as const;

const STORY_TIMEOUT_MS = 60_000;

/** Where the time of a request goes, from the times of its events in the audit log (1 ms resolution, means). */
export async function stageShares(audit: AuditClient, samples: readonly Sample[]): Promise<StageShare[]> {
  const sums = STAGES.map(() => 0);
  let total = 0;
  for (const sample of samples) {
    const events = await completeStory(audit, sample.requestId);
    const marks = [
      sample.sentAt,
      time(events, 'quorate.sign.requested.v1'),
      time(events, 'quorate.sign.partial-issued.v1'),
      time(events, 'quorate.sign.completed.v1'),
      sample.receivedAt,
    ];
    STAGES.forEach((_, stage) => {
      sums[stage] = (sums[stage] ?? 0) + (marks[stage + 1] ?? 0) - (marks[stage] ?? 0);
    });
    total += sample.receivedAt - sample.sentAt;
  }
  return STAGES.map((stage, i) => ({
    stage,
    milliseconds: (sums[i] ?? 0) / samples.length,
    share: (sums[i] ?? 0) / total,
  }));
}

/** The last time at which an event of the type happened. */
function time(events: readonly AuditEvent[], type: string): number {
  const times = events
    .filter((event) => event.type === type)
    .map(({ data }) => Date.parse(typeof data?.occurredAt === 'string' ? data.occurredAt : ''));
  return Math.max(...times);
}

/** The auditor follows the final by moments. */
async function completeStory(audit: AuditClient, requestId: string): Promise<AuditEvent[]> {
  for (const deadline = Date.now() + STORY_TIMEOUT_MS; Date.now() < deadline;) {
    const events = (await audit.story(requestId))?.events ?? [];
    const issued = events.filter(({ type }) => type === 'quorate.sign.partial-issued.v1').length;
    if (issued >= 2 && events.some(({ type }) => type === 'quorate.sign.completed.v1')) return events;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the audit log has no complete story of ${requestId}`);
}
