import { type StoreTransaction } from '@quorate/event-store';
import { type Standing } from '../quarantine/standing';

/** How the nodes stand, shared by all coordinators. */
export interface NodeStandings {
  /** All that is stored. */
  all(tx: StoreTransaction): Promise<Map<string, Standing>>;
  /** Of these nodes, locked until the transaction ends; a node without a record is in good standing. */
  lock(tx: StoreTransaction, nodes: readonly string[]): Promise<Map<string, Standing>>;
  save(tx: StoreTransaction, standings: ReadonlyMap<string, Standing>): void;
}
