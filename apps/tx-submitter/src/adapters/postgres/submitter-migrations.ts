import { type MigrationClass } from '@quorate/event-store';

import { AddIntentApprovals1767312000000 } from './add-intent-approvals';
import { AddWebhooks1767398400000 } from './add-webhooks';
import { BudgetLanes1795320000000 } from './budget-lanes';
import { CountUnaccepted1795330000000 } from './count-unaccepted';
import { CreateSubmitterTables1767225600000 } from './create-submitter-tables';
import { FairQueue1795360000000 } from './fair-queue';
import { HoldAttempts1795340000000 } from './hold-attempts';
import { LeanIntent1795350000000 } from './lean-intent';
import { LeaseLanes1795310000000 } from './lease-lanes';
import { RememberChainIdentity1767500000000 } from './remember-chain-identity';
import { RememberFinalBlock1795300000000 } from './remember-final-block';
import { SeveralAttempts1795219200000 } from './several-attempts';
import { WatchForeignNonces1795321000000 } from './watch-foreign-nonces';

/** In order; each runs once in the life of a database. */
export const SUBMITTER_MIGRATIONS: readonly MigrationClass[] = [
  CreateSubmitterTables1767225600000,
  AddIntentApprovals1767312000000,
  AddWebhooks1767398400000,
  RememberChainIdentity1767500000000,
  SeveralAttempts1795219200000,
  RememberFinalBlock1795300000000,
  LeaseLanes1795310000000,
  BudgetLanes1795320000000,
  WatchForeignNonces1795321000000,
  CountUnaccepted1795330000000,
  HoldAttempts1795340000000,
  LeanIntent1795350000000,
  FairQueue1795360000000,
];
