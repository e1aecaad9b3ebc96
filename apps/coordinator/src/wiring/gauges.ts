import { type EventStore } from '@quorate/event-store';
import { type Metrics } from '@quorate/platform';
import { type Assignments } from '../node-session/assignments';
import { type Shared } from './shared';

/** Gauges that are read at each scrape. */
export function wireGauges(
  { metrics, store, sessions, quarantine, halts }: Shared,
  assignments: Assignments,
): void {
  metrics.gauge({
    name: 'sign_assigned_requests',
    help: 'Requests whose committee this coordinator waits for',
    collect() {
      this.set(assignments.count());
    },
  });
  metrics.gauge({
    name: 'nodes_connected',
    help: 'Nodes with an open session at this coordinator',
    collect() {
      this.set(sessions.connectedCount());
    },
  });
  metrics.gauge({
    name: 'halts_in_force',
    help: 'Halts that are not ended by a resume',
    collect() {
      this.set(halts.active().length);
    },
  });
  metrics.gauge({
    name: 'node_suspected',
    help: '1 for each node that is suspected: others do its work where they can',
    labelNames: ['node'],
    collect() {
      this.reset();
      for (const node of quarantine.suspects()) this.set({ node }, 1);
    },
  });
  tableGauge(metrics, store, {
    name: 'presignature_stock_exhausted',
    help: '1 for each key that has run out of presignatures: its requests wait for presigning',
    labelNames: ['key'],
    sql: `SELECT key_id AS key, 1 AS value FROM exhausted_stock`,
  });
  tableGauge(metrics, store, {
    name: 'sign_open_requests',
    help: 'Requests without an outcome, at all coordinators',
    labelNames: ['state'],
    sql: `SELECT 'open' AS state, count(*)::int AS value FROM due WHERE kind = 'sign'
          UNION ALL SELECT 'waiting', count(*)::int FROM waiting_request`,
  });
  tableGauge(metrics, store, {
    name: 'ceremonies_running',
    help: 'Ceremonies under way, by purpose',
    labelNames: ['purpose'],
    sql: `SELECT purpose, count(*)::int AS value FROM ceremony WHERE status = 'running' GROUP BY purpose`,
  });
  tableGauge(metrics, store, {
    name: 'key_changes_open',
    help: 'Refreshes and reshares under way, by what they do now; waiting: for nodes, or after a failure',
    labelNames: ['state'],
    sql: `SELECT kind || ' ' || status AS state, count(*)::int AS value FROM key_order
          WHERE kind IN ('refresh', 'reshare') AND status NOT IN ('usable', 'failed') GROUP BY kind, status`,
  });
  tableGauge(metrics, store, {
    name: 'presignature_stock',
    help: 'Presignatures left, by key and committee',
    labelNames: ['key', 'committee'],
    sql: `SELECT key_id AS key, array_to_string(committee, ',') AS committee,
                 sum(cardinality(nonce_points) - next_index)::int AS value
          FROM presign_batch WHERE status = 'stocked' GROUP BY key_id, committee`,
  });
}

interface TableGauge {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  /** Rows of the labels and `value`. */
  readonly sql: string;
}

interface TableRow {
  readonly value: number;
  readonly [label: string]: string | number;
}

function tableGauge(metrics: Metrics, store: EventStore, { name, help, labelNames, sql }: TableGauge): void {
  metrics.gauge({
    name,
    help,
    labelNames,
    async collect() {
      const rows = await store.transaction((tx) => tx.query<TableRow>(sql), { durable: false });
      this.reset();
      for (const { value, ...labels } of rows) this.set(labels, value);
    },
  });
}
