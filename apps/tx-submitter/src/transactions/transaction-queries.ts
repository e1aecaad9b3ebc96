import { Inject, Injectable } from '@nestjs/common';
import { type EventStore, type StoredEvent } from '@quorate/event-store';

import { type IntentIdentity, streamOf } from '../intent/events';
import { SUBMITTER_CONFIG, type SubmitterConfig } from '../configuration';
import { type LaneId } from '../lane/lane';
import { chainPause, type ChainPause } from '../lane/chain-pause';
import { EVENT_STORE } from '../ports/tokens';
import { type TransactionRow } from './transaction-view';

export interface TransactionFilter {
  hash?: string | undefined;
  address?: string | undefined;
  status?: string | undefined;
  /** Only what arrived before this place. */
  before?: string | undefined;
}

export interface LaneSummary {
  chainId: string;
  address: string;
  /** `active`, or why it does not go on. */
  status: string;
  /** The submitter that goes on with it; null while none does. */
  holder: string | null;
  /** How often it went from one submitter to another. */
  epoch: string;
  nextNonce: string;
  /** Below nextNonce, given back by intents that were never signed. */
  vacantNonces: string[];
  /** Intents without a nonce. */
  queued: number;
  /** With a nonce, without a signed transaction. */
  signing: number;
  /** With a signed transaction that is not final. */
  inFlight: number;
}

const selectTransactions = `
  SELECT intent.arrival, intent.intent_id AS "intentId", intent.requester, intent.status, intent.chain_id AS "chainId",
    intent.address, intent.nonce, intent.hash, intent.block_number AS "blockNumber", intent.block_hash AS "blockHash",
    intent.parked_code AS "parkedCode", intent.parked_reason AS "parkedReason",
    coalesce((
      SELECT jsonb_agg(jsonb_build_object('n', n, 'kind', kind, 'hash', attempt.hash,
        'maxFeePerGas', max_fee_per_gas::text, 'maxPriorityFeePerGas', max_priority_fee_per_gas::text,
        'status', CASE WHEN is_held AND attempt.status = 'signed' THEN 'held' ELSE attempt.status END) ORDER BY n)
      FROM attempt WHERE attempt.stream_id = intent.stream_id), '[]') AS attempts
  FROM intent`;

/** Reads what the HTTP API shows. */
@Injectable()
export class TransactionQueries {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(SUBMITTER_CONFIG) private readonly config: SubmitterConfig,
  ) {}

  /** All intents with this id, of one requester or of each that has one. */
  named(intentId: string, requester: string | undefined): Promise<TransactionRow[]> {
    return this.select(
      `${selectTransactions} WHERE intent.intent_id = $1 AND ($2::text IS NULL OR intent.requester = $2)
       ORDER BY intent.requester`,
      [intentId, requester ?? null],
    );
  }

  /** Intents that match, newest first. */
  page({ hash, address, status, before }: TransactionFilter, limit: number): Promise<TransactionRow[]> {
    return this.select(
      `${selectTransactions} WHERE ($1::text IS NULL OR intent.hash = $1) AND ($2::text IS NULL OR intent.address = $2)
       AND ($3::text IS NULL OR intent.status = $3) AND ($4::bigint IS NULL OR intent.arrival < $4)
       ORDER BY intent.arrival DESC LIMIT $5`,
      [hash ?? null, address ?? null, status ?? null, before ?? null, limit],
    );
  }

  /** The intent that has a nonce of a lane. */
  async at({ chainId, address }: LaneId, nonce: string): Promise<TransactionRow | undefined> {
    const [row] = await this.select<TransactionRow>(
      `${selectTransactions} WHERE intent.chain_id = $1 AND intent.address = $2 AND intent.nonce = $3`,
      [chainId, address, nonce],
    );
    return row;
  }

  /** The events of an intent, in order. */
  async history(identity: IntentIdentity): Promise<StoredEvent[]> {
    const streamId = streamOf(identity);
    const streams = await this.store.transaction((tx) => tx.readStreams([streamId]), { durable: false });
    return streams.get(streamId) ?? [];
  }

  /** From the indexes of what is open: what has ended is not looked at. */
  lanes(): Promise<LaneSummary[]> {
    const ofLane = 'intent.chain_id = lane.chain_id AND intent.address = lane.address';
    return this.select(
      `SELECT lane.chain_id AS "chainId", lane.address, lane.status, replica.name AS holder, lane.epoch::text,
         lane.next_nonce::text AS "nextNonce",
         ARRAY(SELECT nonce::text FROM vacant_nonce
           WHERE vacant_nonce.chain_id = lane.chain_id AND vacant_nonce.address = lane.address
           ORDER BY vacant_nonce.nonce) AS "vacantNonces",
         (SELECT count(*)::int FROM intent WHERE ${ofLane} AND queue_place IS NOT NULL) AS queued,
         (SELECT count(*)::int FROM intent WHERE ${ofLane} AND nonce >= coalesce(lane.watched_nonce, 0)
           AND NOT in_flight AND intent.status IN ('signing', 'parked')) AS signing,
         (SELECT count(*)::int FROM intent WHERE ${ofLane} AND in_flight) AS "inFlight"
       FROM lane LEFT JOIN replica ON replica.name = lane.holder AND replica.alive_until > now()
       ORDER BY lane.chain_id, lane.address`,
      [],
    );
  }

  /** Whether all lanes are paused. */
  pause(): Promise<ChainPause | undefined> {
    return this.store.transaction((tx) => chainPause(tx, this.config.CHAIN_ID), { durable: false });
  }

  private select<T extends object>(sql: string, params: unknown[]): Promise<T[]> {
    return this.store.transaction((tx) => tx.query<T>(sql, params), { durable: false, adHoc: true });
  }
}
