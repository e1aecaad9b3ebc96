import { randomBytes } from 'node:crypto';
import { backOff, pauseFor, type StructuredLogger } from '@quorate/messaging';
import { type Client, escapeIdentifier } from 'pg';
import { fromDatabaseError } from '../database/database-errors';
import { waitForDatabase } from '../database/wait-for-database';

/**
 * This process as the owner of outbox rows: alive as long as its connection holds an advisory lock. Postgres frees the
 * lock when the process dies, and whoever gets it may take over the rows. The connection also hears what others announce.
 */
export class Owner {
  /** 63 random bits. */
  readonly id = String(randomBytes(8).readBigUInt64BE() >> 1n);
  private readonly stopping = new AbortController();
  private readonly channels = new Map<string, (message: string) => void>();
  private client: Client | undefined;

  constructor(
    private readonly url: string,
    private readonly logger: StructuredLogger,
    /** The lock was lost and is held again: others may have taken over rows meanwhile. */
    private readonly regained: () => void,
  ) {}

  async start(): Promise<void> {
    await this.hold();
  }

  /** Hears what is announced on a channel, from now on and whenever the connection is there. */
  async listen(channel: string, hear: (message: string) => void): Promise<void> {
    this.channels.set(channel, hear);
    try {
      await this.client?.query(`LISTEN ${escapeIdentifier(channel)}`);
    } catch (error) {
      throw fromDatabaseError(error);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => undefined);
  }

  private async hold(): Promise<void> {
    const client = await waitForDatabase(this.url, this.logger, this.stopping.signal);
    this.client = client;
    await client.query(`SET application_name = 'quorate owner'`);
    await client.query('SELECT pg_advisory_lock($1)', [this.id]);
    client.on('notification', ({ channel, payload = '' }) => this.channels.get(channel)?.(payload));
    for (const channel of this.channels.keys()) await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    client.once('end', () => {
      if (!this.stopping.signal.aborted) void this.holdAgain();
    });
  }

  private async holdAgain(): Promise<void> {
    for (let attempt = 0; !this.stopping.signal.aborted; attempt += 1) {
      try {
        await this.hold();
        return this.regained();
      } catch (error) {
        if (!this.stopping.signal.aborted) this.logger.warn({ reason: String(error) }, 'Owner lock not held');
        await pauseFor(backOff(attempt, 2000), this.stopping.signal);
      }
    }
  }
}
