import { type EventStoreOptions } from '@quorate/event-store';
import { FailureEvidenceTable1764400000000 } from '../attribution/failure-evidence-table';
import { KeyLifeTables1764200000000 } from './key-life-tables';
import { LedgerBaseTable1764300000000 } from './ledger-base-table';
import { NodeTables1764000000000 } from './migrations';
import { WindowUsageTable1764100000000 } from './window-usage-table';

/** The tables of a node, in the order in which they came. */
export const NODE_MIGRATIONS: EventStoreOptions['migrations'] = [
  NodeTables1764000000000,
  WindowUsageTable1764100000000,
  KeyLifeTables1764200000000,
  LedgerBaseTable1764300000000,
  FailureEvidenceTable1764400000000,
];
