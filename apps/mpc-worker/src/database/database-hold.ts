import { createHash } from 'node:crypto';
import { Fatal, type Logger } from '@quorate/platform';
import { Client } from 'pg';

const RETRY_MS = 500;

/**
 * The node's claim on its database: an advisory lock on a connection of its own. Two processes of one node would judge
 * pairs and spend presignatures side by side (threshold-ecdsa.md 5.7).
 *
 * When the connection breaks, the claim is taken again as soon as the database answers; until then `whenHeld` does not
 * resolve and nothing that needs the claim goes on. If another process had the database in between, this one must end.
 */
export class DatabaseHold {
  private client: Client | undefined;
  private held: Promise<void> = Promise.resolve();
  private released = false;

  private constructor(
    private readonly url: string,
    private readonly nodeId: string,
    private readonly bootId: Buffer,
    private readonly onFatal: (error: Error) => void,
    private readonly logger: Logger,
  ) {}

  /** @throws Fatal `node-runs-already` */
  static async take(
    url: string,
    nodeId: string,
    bootId: Buffer,
    onFatal: (error: Error) => void,
    logger: Logger,
  ): Promise<DatabaseHold> {
    const hold = new DatabaseHold(url, nodeId, bootId, onFatal, logger);
    await hold.connect(async (client) => {
      await client.query(
        `INSERT INTO process_hold (id, boot_id) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET boot_id = $1`,
        [bootId],
      );
    });
    return hold;
  }

  /** Resolves while the claim is held; waits while the database is away. */
  whenHeld(): Promise<void> {
    return this.held;
  }

  async release(): Promise<void> {
    this.released = true;
    await this.client?.end();
  }

  private async connect(claim: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({
      connectionString: this.url,
      keepAlive: true,
      application_name: `${this.nodeId}-hold`,
    });
    let isLost = false;
    const lost = (): void => {
      if (isLost || this.released || this.client !== client) return;
      isLost = true;
      this.logger.warn('the claim on the database is lost: signing waits until it is taken again');
      this.held = this.takeAgain();
      this.held.catch(this.onFatal);
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      const key = createHash('sha256').update(`quorate/node/${this.nodeId}`).digest().readBigInt64BE(0);
      const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
        key.toString(),
      ]);
      if (rows[0]?.held !== true) {
        throw new Fatal(
          'node-runs-already',
          `another process of ${this.nodeId} uses this database: stop it first`,
        );
      }
      await claim(client);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
  }

  private async takeAgain(): Promise<void> {
    while (!this.released) {
      try {
        await this.connect(async (client) => {
          const { rows } = await client.query<{ boot_id: Buffer }>(
            'SELECT boot_id FROM process_hold WHERE id = 1',
          );
          if (rows[0]?.boot_id.equals(this.bootId) !== true) {
            throw new Fatal(
              'node-ran-elsewhere',
              `another process of ${this.nodeId} had the database in between`,
            );
          }
        });
        this.logger.info('the claim on the database is taken again');
        return;
      } catch (error) {
        if (error instanceof Fatal) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
