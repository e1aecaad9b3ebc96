/**
 * Leases of lanes in Postgres. A submitter says every few seconds that it lives; while it does, the lanes that name it are
 * its own. Taking a lane from another raises its epoch; what the other still writes to it fails by that.
 */
import { type StoreTransaction } from '@quorate/event-store';
import { streams } from '@quorate/protocol';

import { type LaneId } from './lane';
import { openLanes } from './lane-table';

/** How long a submitter counts as alive after its last word, by the clock of the database, in milliseconds. */
export const leaseMs = 10_000;

/** A lane that belongs to this process until another raises the epoch. */
export interface Lease {
  lane: LaneId;
  /** Decimal. */
  epoch: string;
}

/** A lane with open intents, and who has it. */
export interface SurveyedLane extends LaneId {
  /** Of its living holder. */
  holder: string | null;
  /** Null for a lane that nobody ever had. */
  epoch: string | null;
}

interface LaneRow extends LaneId {
  epoch: string;
  before: string | null;
}

const lanesNamed = 'unnest($2::text[], $3::text[]) AS named (chain_id, address)';
const isAlive = 'replica.alive_until >= clock_timestamp()';
const aliveUntil = `clock_timestamp() + ${leaseMs} * interval '1 millisecond'`;

/** Begins a life under a name that nobody else has. */
export async function joinReplicas(tx: StoreTransaction, name: string, owner: string): Promise<void> {
  await tx.query(`INSERT INTO replica (name, owner, alive_until) VALUES ($1, $2, ${aliveUntil})`, [
    name,
    owner,
  ]);
}

/** Renews all leases of a submitter at once; false when it was declared dead, so that none is its own. */
export async function stayAlive(tx: StoreTransaction, name: string): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE replica SET alive_until = ${aliveUntil} WHERE name = $1 RETURNING name`,
    [name],
  );
  return rows.length > 0;
}

/** Ends a life: its lanes are anybody's. */
export async function leaveReplicas(tx: StoreTransaction, name: string): Promise<void> {
  await tx.query('DELETE FROM replica WHERE name = $1', [name]);
}

/** Declares those dead whose time has run out, or whose connection is gone. */
export async function buryDead(tx: StoreTransaction, name: string): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `DELETE FROM replica USING (
       SELECT name FROM replica
       WHERE name <> $1 AND (NOT ${isAlive} OR pg_try_advisory_xact_lock(owner)) FOR UPDATE SKIP LOCKED) AS dead
     WHERE replica.name = dead.name RETURNING replica.name`,
    [name],
  );
  return rows.map((row) => row.name);
}

/** How many submitters live. */
export async function countReplicas(tx: StoreTransaction): Promise<number> {
  const [row] = await tx.query<{ alive: number }>(
    `SELECT count(*)::int AS alive FROM replica WHERE ${isAlive}`,
  );
  return row?.alive ?? 0;
}

/** Every lane of a chain with open intents. */
export function surveyLanes(
  tx: StoreTransaction,
  chainId: string,
  patienceMs: number,
): Promise<SurveyedLane[]> {
  return tx.query<SurveyedLane & Record<string, unknown>>(
    `SELECT open.chain_id AS "chainId", open.address, replica.name AS holder, lane.epoch::text
     FROM (${openLanes('$1', '$2')}) AS open
     LEFT JOIN lane ON lane.chain_id = open.chain_id AND lane.address = open.address
     LEFT JOIN replica ON replica.name = lane.holder AND ${isAlive}`,
    [chainId, patienceMs],
  );
}

/**
 * Takes up to `limit` of these lanes, as far as nobody living holds them. Waits for nobody: a lane that is being written
 * is passed over.
 */
export async function takeLanes(
  tx: StoreTransaction,
  name: string,
  lanes: LaneId[],
  limit: number,
): Promise<Lease[]> {
  const named = [lanes.map(({ chainId }) => chainId), lanes.map(({ address }) => address)];
  await tx.query(
    `INSERT INTO lane (chain_id, address, next_nonce)
     SELECT chain_id, address, 0 FROM unnest($1::text[], $2::text[]) AS named (chain_id, address)
     ORDER BY chain_id, address ON CONFLICT (chain_id, address) DO NOTHING`,
    named,
  );
  // FOR UPDATE: nobody takes a lane while a transaction is under way that found itself its holder.
  const rows = await tx.query<LaneRow & Record<string, unknown>>(
    `UPDATE lane SET holder = $1, epoch = lane.epoch + (free.holder IS DISTINCT FROM $1)::int
     FROM (
       SELECT lane.chain_id, lane.address, lane.holder FROM lane JOIN ${lanesNamed} USING (chain_id, address)
       WHERE lane.holder = $1
         OR NOT EXISTS (SELECT FROM replica WHERE replica.name = lane.holder AND ${isAlive})
       LIMIT $4 FOR UPDATE OF lane SKIP LOCKED) AS free
     WHERE lane.chain_id = free.chain_id AND lane.address = free.address
     RETURNING lane.chain_id AS "chainId", lane.address, lane.epoch::text, free.holder AS before`,
    [name, ...named, limit],
  );
  for (const { chainId, address, epoch, before } of rows) {
    if (before === name) continue;
    const streamId = streams.lane(chainId, address);
    const data = { chainId, from: address, holder: name, epoch, ...(before !== null && { before }) };
    const type = 'quorate.tx.lane-lease-taken.v1';
    tx.appendNext(streamId, [{ type, data, correlationId: streamId, causationId: streamId }]);
  }
  return rows.map(({ chainId, address, epoch }) => ({ lane: { chainId, address }, epoch }));
}

/** Lets lanes go that belong to this submitter. */
export async function letGo(tx: StoreTransaction, name: string, lanes: LaneId[]): Promise<void> {
  await tx.query(
    `UPDATE lane SET holder = NULL FROM ${lanesNamed}
     WHERE lane.chain_id = named.chain_id AND lane.address = named.address AND lane.holder = $1`,
    [name, lanes.map(({ chainId }) => chainId), lanes.map(({ address }) => address)],
  );
}

/**
 * The lanes among these that still have the epoch of their lease: nobody can take them before `tx` ends. Others may write
 * to them as well meanwhile.
 */
export async function stillLeased(tx: StoreTransaction, leases: Lease[]): Promise<LaneId[]> {
  return tx.query<{ chainId: string; address: string }>(
    `SELECT lane.chain_id AS "chainId", lane.address FROM lane
     JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS mine (chain_id, address, epoch)
       ON lane.chain_id = mine.chain_id AND lane.address = mine.address
     WHERE lane.epoch = mine.epoch FOR KEY SHARE OF lane`,
    [
      leases.map(({ lane }) => lane.chainId),
      leases.map(({ lane }) => lane.address),
      leases.map(({ epoch }) => epoch),
    ],
  );
}
