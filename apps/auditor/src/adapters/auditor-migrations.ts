import { type MigrationClass } from '@quorate/event-store';
import { ActorAndType1791000000003 } from './actor-and-type.migration';
import { AuditTables1764000000000 } from './audit-tables.migration';
import { EntryHashes1790000000000 } from './entry-hashes.migration';
import { LeanAuditEntry1764000000001 } from './lean-audit-entry.migration';
import { LogSources1791000000002 } from './log-sources.migration';
import { MerkleTree1764000000002 } from './merkle-tree.migration';
import { NamedHashes1791000000000 } from './named-hashes.migration';
import { TimeBlocks1791000000001 } from './time-blocks.migration';

/** In order; each runs once in the life of a database. */
export const AUDITOR_MIGRATIONS: readonly MigrationClass[] = [
  AuditTables1764000000000,
  LeanAuditEntry1764000000001,
  MerkleTree1764000000002,
  EntryHashes1790000000000,
  NamedHashes1791000000000,
  TimeBlocks1791000000001,
  LogSources1791000000002,
  ActorAndType1791000000003,
];
