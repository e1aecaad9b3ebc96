import { type EventStore } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type NodeIdentity } from '../identity/node-identity';
import { type PolicySource } from '../policy/policy-source';
import { type PresignaturePool } from '../presignature-pool/presignature-pool';
import { Adoptions } from './adoption';
import { Erasure } from './erasure';
import { type NodeOfKey } from './key-epoch';
import { KeyRing } from './key-ring';
import { KeyShareStore } from './key-share-store';
import { PairStore } from './pair-store';
import { Pairs } from './pairs';
import { Retirement } from './retirement';
import { type ShareSeal } from './seal';

/** Everything that a node keeps of keys. */
export interface NodeKeys {
  readonly shares: KeyShareStore;
  readonly keys: KeyRing;
  readonly pairs: Pairs;
  readonly adoptions: Adoptions;
  readonly retirement: Retirement;
  readonly erasure: Erasure;
}

export function nodeKeys(parts: {
  readonly identity: NodeIdentity;
  readonly store: EventStore;
  readonly seal: ShareSeal;
  readonly nodeOf: NodeOfKey;
  readonly policy: PolicySource;
  readonly pool: PresignaturePool;
  readonly logger: Logger;
}): NodeKeys {
  const { identity, store, seal, nodeOf, policy, pool, logger } = parts;
  const shares = new KeyShareStore(store, seal, identity.nodeId);
  const keys = new KeyRing(identity, store, shares, nodeOf, logger);
  const adoptions = new Adoptions(identity, store, shares, keys, nodeOf, logger);
  return {
    shares,
    keys,
    adoptions,
    pairs: new Pairs(identity, store, new PairStore(shares), keys, logger),
    retirement: new Retirement(identity, keys, adoptions, policy),
    erasure: new Erasure(shares, keys, pool, logger),
  };
}
