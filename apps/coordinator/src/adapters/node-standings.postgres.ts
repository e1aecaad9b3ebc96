import { type StoreTransaction } from '@quorate/event-store';
import { type NodeStandings } from '../ports/node-standings.port';
import { goodStanding, type Standing } from '../quarantine/standing';

interface StandingRow {
  node: string;
  standing: Standing;
}

export class PostgresNodeStandings implements NodeStandings {
  async all(tx: StoreTransaction): Promise<Map<string, Standing>> {
    const rows = await tx.query<StandingRow>('SELECT node, standing FROM node_standing');
    return new Map(rows.map(({ node, standing }) => [node, standing]));
  }

  async lock(tx: StoreTransaction, nodes: readonly string[]): Promise<Map<string, Standing>> {
    // In one order everywhere, so that two coordinators never wait for each other.
    const names = [...nodes].sort();
    await tx.query(
      `INSERT INTO node_standing (node, standing)
       SELECT node, $2::jsonb FROM unnest($1::text[]) AS node ON CONFLICT DO NOTHING`,
      [names, JSON.stringify(goodStanding)],
    );
    const rows = await tx.query<StandingRow>(
      'SELECT node, standing FROM node_standing WHERE node = ANY($1) ORDER BY node FOR UPDATE',
      [names],
    );
    return new Map(rows.map(({ node, standing }) => [node, standing]));
  }

  save(tx: StoreTransaction, standings: ReadonlyMap<string, Standing>): void {
    if (standings.size === 0) return;
    tx.write(
      `UPDATE node_standing n SET standing = s.standing::jsonb
       FROM unnest($1::text[], $2::text[]) AS s (node, standing) WHERE n.node = s.node`,
      [[...standings.keys()], [...standings.values()].map((standing) => JSON.stringify(standing))],
    );
  }
}
