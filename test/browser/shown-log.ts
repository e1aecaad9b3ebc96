import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { kafkaMessageLog } from '@quorate/messaging';
import { publicKeyBytes } from '@quorate/platform';
import { topicNames } from '@quorate/protocol';
import { formatVerifierKey, ED25519, verifierKey } from '@quorate/transparency-log';
import { Client } from 'pg';
import {
  auditorKey,
  ensureTopics,
  eventRecord,
  heartbeatRecord,
  write,
} from '../../apps/auditor/src/testing/event-writer';
import { RunningAuditor } from '../../apps/auditor/src/testing/running-auditor';
import { KEY_ID, Teller } from '../../apps/auditor/src/testing/told-stories';
import { createTestDatabase } from '../integration/database';

/** A text that would run if anything of it ever got into the page as markup. */
export const HOSTILE = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

/** An auditor with a log worth looking at. */
export interface ShownLog {
  readonly url: string;
  /** The verifier key of the log. */
  readonly logKey: string;
  /** Entries of the log. */
  readonly size: number;
  /** Writes the story of one more signature; resolves when it is in the log. */
  grow(requestId: string): Promise<void>;
  end(): Promise<void>;
}

/** @param variables more of the auditor's environment */
export async function showLog(variables: Record<string, string> = {}): Promise<ShownLog> {
  const brokers = process.env['KAFKA_BROKERS'] ?? '';
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  const kafka = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'browser-test' });
  await ensureTopics(kafka, topicPrefix);
  const topics = topicNames(topicPrefix);
  const database = await createTestDatabase();
  const told = new Teller(topics.events, Date.now() - 180_000)
    .key()
    .payment('payout-77', 1_000)
    .signature('order-1042', 2_000)
    .signature('order-1043', 3_000, { isRefused: true });
  const hostile = eventRecord(topics.events, {
    kid: 'node-3',
    type: 'quorate.policy.refused.v1',
    correlationId: 'order-666',
    payload: { requester: HOSTILE, requestId: 'order-666', node: HOSTILE, code: 'policy', reason: HOSTILE },
  });
  const said = JSON.parse(String(hostile.value)) as object;
  const forged = { ...hostile, value: Buffer.from(JSON.stringify({ ...said, reason: `forged ${HOSTILE}` })) };
  const events = [...told.records, hostile, forged];
  await write(kafka, [
    ...events,
    heartbeatRecord(topics.heartbeats, 'node-1', {
      stock: stockOf('node-1', 'node-3', 118),
      policyVersion: '2026-11-20',
    }),
    heartbeatRecord(topics.heartbeats, 'node-2', {
      at: new Date(Date.now() - 3_600_000).toISOString(),
      stock: stockOf('node-2', 'node-3', 64),
    }),
  ]);
  const auditor = await RunningAuditor.start({ brokers, databaseUrl: database.url, topicPrefix, variables });
  await untilLogged(database.url, events.length);
  return {
    url: auditor.url,
    logKey: formatVerifierKey(
      verifierKey('quorate.local/auditor/log/0', ED25519, publicKeyBytes(auditorKey)),
    ),
    size: events.length,
    async grow(requestId) {
      const { records } = new Teller(topics.events, Date.now()).signature(
        requestId,
        randomInt(1_000_000, 2_000_000),
      );
      events.push(...records);
      await write(kafka, records);
      await untilLogged(database.url, events.length);
    },
    async end() {
      await auditor.stop();
      await kafka.close();
      await database.drop();
    },
  };
}

function stockOf(node: string, peer: string, unspent: number) {
  return [{ keyId: KEY_ID, committee: [node, peer], unspent }];
}

/** The API may want a token: the database does not. */
async function untilLogged(databaseUrl: string, count: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM audit_entry');
      if (Number(rows[0]?.count) >= count) return;
      await delay(50);
    }
  } finally {
    await client.end();
  }
}
