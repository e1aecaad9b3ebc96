import { addressOf } from '@quorate/evm';
import { Fatal } from '@quorate/platform';
import { fromHex, type KeyCertificate } from '@quorate/protocol';
import { ChildKeyCache, groupOf, isEcdsaSuite, parsePoint, type SuiteId } from '@quorate/threshold';
import { type Retirement, type UsableEpoch } from '../ports/key-lives.port';
import { suiteOf } from './key-content';

/** A key in the epoch that serves requests: its trial has passed. */
export interface UsableKey {
  readonly keyId: string;
  readonly scheme: string;
  readonly suite: SuiteId;
  readonly epoch: number;
  readonly threshold: number;
  /** In ascending order of index. */
  readonly participants: readonly string[];
  /** Party index of every node that ever held a share, so that work of the epoch before can end. */
  readonly indices: ReadonlyMap<string, number>;
  /** The root key, 0x-hex: compressed, or the 32 bytes of Ed25519. */
  readonly publicKey: string;
  /** Public share of each party by its index, 0x-hex. */
  readonly publicShares: Readonly<Record<string, string>>;
  readonly chainCode: string;
  /** With those of all epochs before. */
  readonly certificate: KeyCertificate;
  /** Of ECDSA keys. */
  readonly address?: string;
  readonly usableAt: Date;
  /** Of keys on secp256k1. */
  readonly children?: ChildKeyCache;
  /** The operators' command that ended the key. */
  readonly retirement: Retirement | null;
}

/** @throws Fatal `key` when the database holds what this version cannot use */
export function usableKeyOf({ facts, usableAt, indices, retirement }: UsableEpoch): UsableKey {
  const { keyId, scheme, epoch, threshold, participants, publicKey, publicShares, chainCode, certificate } =
    facts;
  const suite = suiteOf(facts);
  if (suite === undefined || groupOf(suite).parsePoint(fromHex(publicKey)) === undefined) {
    throw new Fatal('key', `the public key of ${keyId} in the database is none of a known suite`);
  }
  const root = parsePoint(fromHex(publicKey));
  return {
    keyId,
    scheme,
    suite,
    epoch,
    threshold,
    participants,
    indices: new Map(Object.entries(indices)),
    publicKey,
    publicShares,
    chainCode,
    certificate,
    ...(isEcdsaSuite(suite) && { address: addressOf(publicKey) }),
    usableAt,
    ...(root !== undefined && { children: new ChildKeyCache(root, fromHex(chainCode)) }),
    retirement,
  };
}
