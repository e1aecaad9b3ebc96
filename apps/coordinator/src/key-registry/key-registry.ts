import { type EventStore } from '@quorate/event-store';
import { addressOf } from '@quorate/evm';
import { Fatal, type Logger } from '@quorate/platform';
import { fromHex, type KeyFacts, type KeyState } from '@quorate/protocol';
import { ChildKeyCache, parsePoint } from '@quorate/threshold';
import { type KeyOrders } from '../ports/key-orders.port';

/** A key that passed its health check. */
export interface UsableKey {
  readonly keyId: string;
  readonly scheme: string;
  readonly epoch: number;
  readonly threshold: number;
  /** In order of index, from 1. */
  readonly participants: readonly string[];
  /** The root key, compressed, 0x-hex. */
  readonly publicKey: string;
  readonly chainCode: string;
  readonly address: string;
  readonly usableAt: Date;
  readonly children: ChildKeyCache;
}

/**
 * The keys of this deployment: what all participants of a key generation signed and the health check confirmed, as the
 * coordinators' database holds it. What the nodes publish on their state topics is compared with it; a contradiction is
 * an incident that stops the use of the key.
 */
export class KeyRegistry {
  private readonly keys = new Map<string, UsableKey>();
  private readonly published = new Map<string, Map<string, KeyState>>();
  private readonly contradicted = new Set<string>();
  private readonly listeners: ((key: UsableKey) => void)[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly orders: KeyOrders,
    private readonly logger: Logger,
  ) {}

  /** Called for each key when it becomes usable here. */
  onUsable(listener: (key: UsableKey) => void): void {
    this.listeners.push(listener);
  }

  usable(keyId: string): UsableKey | undefined {
    return this.contradicted.has(keyId) ? undefined : this.keys.get(keyId);
  }

  all(): UsableKey[] {
    return [...this.keys.values()].filter((key) => !this.contradicted.has(key.keyId));
  }

  /** Reads the keys that became usable at any coordinator. */
  async refresh(): Promise<void> {
    const found = await this.store.transaction((tx) => this.orders.usable(tx), { durable: false });
    for (const { facts, usableAt } of found) this.add(facts, usableAt);
  }

  /** Whether all participants have published the key as this registry knows it. */
  isPublished(keyId: string): boolean {
    const key = this.keys.get(keyId);
    const records = this.published.get(keyId);
    return key !== undefined && key.participants.every((node) => records?.has(node) === true);
  }

  /** A verified key record of a node's state topic. */
  learn(node: string, record: KeyState): void {
    const records = this.published.get(record.keyId) ?? new Map<string, KeyState>();
    this.published.set(record.keyId, records.set(node, record));
    this.compare(record.keyId);
  }

  private add(facts: KeyFacts, usableAt: Date): void {
    if (this.keys.has(facts.keyId)) return;
    const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode } = facts;
    const root = parsePoint(fromHex(publicKey));
    if (root === undefined) throw new Fatal('key', `the public key of ${keyId} in the database is no point`);
    const key: UsableKey = {
      keyId,
      scheme,
      epoch,
      threshold,
      participants,
      publicKey,
      chainCode,
      address: addressOf(publicKey),
      usableAt,
      children: new ChildKeyCache(root, fromHex(chainCode)),
    };
    this.keys.set(keyId, key);
    this.compare(keyId);
    for (const listener of this.listeners) listener(key);
  }

  private compare(keyId: string): void {
    const key = this.keys.get(keyId);
    if (key === undefined || this.contradicted.has(keyId)) return;
    for (const [node, record] of this.published.get(keyId) ?? []) {
      if (record.epoch !== key.epoch || isSameKey(record, key)) continue;
      this.contradicted.add(keyId);
      this.logger.error(
        { keyId, node },
        'a node publishes another content for this key: it is not used any more',
      );
    }
  }
}

/** Compares what must never differ within one epoch. */
function isSameKey(a: KeyState, b: UsableKey): boolean {
  return (
    a.publicKey === b.publicKey &&
    a.chainCode === b.chainCode &&
    a.threshold === b.threshold &&
    a.participants.join() === b.participants.join()
  );
}
