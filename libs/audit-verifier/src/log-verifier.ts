import { createHash } from 'node:crypto';
import { eventSchema, type JsonObject, type LogKeyLookup, verifyServiceRecord } from '@quorate/protocol';
import { type Checkpoint, emptyRoot, Frontier, leafHash } from '@quorate/transparency-log';
import { Story, type StoryReport } from './story';
import { type Violation } from './violation';

/** A leaf of a log, and the record that it stands for. */
export interface LogLeaf {
  readonly leaf: Uint8Array;
  /** Absent for a gap, and where the leaf holds digests only. */
  readonly record?: { readonly headers: Record<string, Buffer>; readonly value: Buffer | null } | undefined;
}

export interface VerifierOptions {
  /** The head that the log is compared with. */
  readonly checkpoint: Checkpoint;
  /** An earlier head that somebody kept. */
  readonly older?: Checkpoint | undefined;
  /** Identities of all services; without them no signature of a record is checked, and no story told. */
  readonly services?: LogKeyLookup | undefined;
  /** Keys of clients and submitters. */
  readonly requesters?: LogKeyLookup | undefined;
  /** Number of the log; default 0. */
  readonly log?: number | undefined;
}

export interface VerifierReport {
  readonly leaves: number;
  /** Records that are verified events of known services. */
  readonly verified: number;
  /** Records that are not, with the first reason: anybody who may write to the topic can cause them. */
  readonly unverified: { readonly count: number; readonly first?: Violation };
  /** Records whose leaf holds digests, so that their signature cannot be checked here. */
  readonly unread: number;
  readonly story: StoryReport | undefined;
  /** In the order of the log; those of the tree first. */
  readonly violations: readonly Violation[];
}

/** Checks a log that is read from its first leaf to its last, trusting only keys. */
export class LogVerifier {
  private readonly frontier = Frontier.empty();
  private readonly violations: Violation[] = [];
  /** SHA-256 of each event's record, in base64, by its id and service. */
  private readonly seen = new Map<string, string>();
  private readonly story: Story | undefined;
  private verified = 0;
  private unread = 0;
  private unverified = 0;
  private firstUnverified: Violation | undefined;

  constructor(private readonly options: VerifierOptions) {
    this.story = options.services === undefined ? undefined : new Story(options.requesters, options.log);
    this.compare(options.older, 'the older checkpoint');
  }

  /** Takes the next leaf. What is beyond the checkpoint is not looked at. */
  take({ leaf, record }: LogLeaf): void {
    const index = this.frontier.size;
    const { checkpoint, older } = this.options;
    if (index >= checkpoint.size) return;
    this.frontier.append(leafHash(leaf));
    if (older?.size === this.frontier.size) this.compare(older, 'the older checkpoint');
    if (record === undefined) this.unread += 1;
    else this.read(index, record);
  }

  report(): VerifierReport {
    const { checkpoint, older } = this.options;
    const leaves = this.frontier.size;
    if (leaves < checkpoint.size) {
      const reason = `the log has ${leaves} leaves, its checkpoint ${checkpoint.size}`;
      this.violations.push({ index: leaves, rule: 'truncated', reason });
    } else {
      this.compare(checkpoint, 'the checkpoint');
    }
    if (older !== undefined && older.size > checkpoint.size) {
      const reason = `the older checkpoint has ${older.size} leaves, the newer one ${checkpoint.size}`;
      this.violations.push({ index: checkpoint.size, rule: 'shrunk', reason });
    }
    const story = this.story?.report();
    return {
      ...{ leaves, verified: this.verified, unread: this.unread, story },
      unverified: {
        count: this.unverified,
        ...(this.firstUnverified === undefined ? {} : { first: this.firstUnverified }),
      },
      violations: [...this.violations, ...(story?.violations ?? [])],
    };
  }

  private compare(head: Checkpoint | undefined, name: string): void {
    if (head === undefined || head.size !== this.frontier.size) return;
    const root = head.size === 0 ? emptyRoot : this.frontier.root();
    if (Buffer.from(root).equals(head.root)) return;
    const reason = `the first ${head.size} leaves do not lead to the root of ${name}`;
    this.violations.push({ index: Math.max(0, head.size - 1), rule: 'root', reason });
  }

  private read(index: number, record: NonNullable<LogLeaf['record']>): void {
    const { services } = this.options;
    if (services === undefined) return;
    const place = { log: this.options.log ?? 0, index };
    const raw = { topic: 'mpc.events', partition: place.log, offset: BigInt(index), key: null, ...record };
    const verdict = verifyServiceRecord(raw, {
      typ: 'event',
      schema: eventSchema,
      lookup: (kid) => services(kid, place),
    });
    if (!verdict.ok) {
      this.unverified += 1;
      this.firstUnverified ??= { index, rule: verdict.code, reason: verdict.reason };
      return;
    }
    this.verified += 1;
    const data: JsonObject = verdict.data;
    const source = record.headers['ce_source']?.toString() ?? '';
    const identity = JSON.stringify([data['eventId'], source]);
    const hash = createHash('sha256')
      .update(record.value ?? '')
      .digest('base64');
    const before = this.seen.get(identity);
    // A record that was published twice is one event.
    if (before === hash) return;
    if (before === undefined) this.seen.set(identity, hash);
    else {
      const reason = `${source} signed another event with the id ${String(data['eventId'])} before`;
      this.violations.push({ index, rule: 'event-id-reused', reason });
    }
    this.story?.take(index, source, data);
  }
}
