import { type MigrationClass } from '@quorate/event-store';
import { CoordinatorTables1764000000000 } from './coordinator-tables.migration';
import { KeyLifeTables1764200000000 } from './key-life-tables.migration';
import { PresignMaterial1764300000000 } from './presign-material.migration';
import { QuarantineTables1764100000001 } from './quarantine-tables.migration';

/** In the order in which they run. */
export const COORDINATOR_MIGRATIONS: readonly MigrationClass[] = [
  CoordinatorTables1764000000000,
  QuarantineTables1764100000001,
  KeyLifeTables1764200000000,
  PresignMaterial1764300000000,
];
