import { type EventStore } from '@quorate/event-store';
import { type Metrics } from '@quorate/platform';
import { type Assignments } from '../node-session/assignments';
import { type Shared } from './shared';

/** Gauges that are read at each scrape. */
export function wireGauges({ metrics, store, sessions, quarantine }: Shared, assignments: Assignments): void {
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
    labelName: 'key',
    sql: `SELECT key_id AS label, 1 AS value FROM exhausted_stock`,
  });
  tableGauge(metrics, store, {
    name: 'sign_open_requests',
    help: 'Requests without an outcome, at all coordinators',
    labelName: 'state',
    sql: `SELECT 'open' AS label, count(*)::int AS value FROM due WHERE kind = 'sign'
          UNION ALL SELECT 'waiting', count(*)::int FROM waiting_request`,
  });
  tableGauge(metrics, store, {
    name: 'ceremonies_running',
    help: 'Ceremonies under way, by purpose',
    labelName: 'purpose',
    sql: `SELECT purpose AS label, count(*)::int AS value FROM ceremony WHERE status = 'running' GROUP BY purpose`,
  });
  tableGauge(metrics, store, {
    name: 'key_changes_open',
    help: 'Refreshes and reshares under way, by what they do now; waiting: for nodes, or after a failure',
    labelName: 'state',
    sql: `SELECT kind || ' ' || status AS label, count(*)::int AS value FROM key_order
          WHERE kind IN ('refresh', 'reshare') AND status NOT IN ('usable', 'failed') GROUP BY kind, status`,
  });
  tableGauge(metrics, store, {
    name: 'presignature_stock',
    help: 'Presignatures left, by key and committee',
    labelName: 'committee',
    sql: `SELECT key_id || ' ' || array_to_string(committee, ',') AS label,
                 sum(cardinality(nonce_points) - next_index)::int AS value
          FROM presign_batch WHERE status = 'stocked' GROUP BY key_id, committee`,
  });
}

interface TableGauge {
  readonly name: string;
  readonly help: string;
  readonly labelName: string;
  /** Rows of label and value. */
  readonly sql: string;
}

function tableGauge(metrics: Metrics, store: EventStore, { name, help, labelName, sql }: TableGauge): void {
  metrics.gauge({
    name,
    help,
    labelNames: [labelName],
    async collect() {
      const rows = await store.transaction((tx) => tx.query<{ label: string; value: number }>(sql), {
        durable: false,
      });
      this.reset();
      for (const { label, value } of rows) this.set({ [labelName]: label }, value);
    },
  });
}
