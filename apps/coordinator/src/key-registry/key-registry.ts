import { type EventStore } from '@quorate/event-store';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { type KeyState } from '@quorate/protocol';
import { type KeyLives, type Retirement } from '../ports/key-lives.port';
import { isSameContent } from './key-content';
import { contradictsCertified } from './published-certificate';
import { type UsableKey, usableKeyOf } from './usable-key';

export { type UsableKey } from './usable-key';

/**
 * The keys of this deployment: what all members of a key generation or reshare signed and a trial confirmed, as the
 * coordinators' database holds it. What the nodes publish on their state topics is compared with it: two certified contents
 * of one epoch are an incident that stops the use of the key; what nobody certified is ignored.
 */
export class KeyRegistry {
  private readonly keys = new Map<string, UsableKey>();
  private readonly records = new Map<string, Map<string, KeyState>>();
  private readonly contradicted = new Set<string>();
  private readonly listeners: ((key: UsableKey) => void)[] = [];
  private readonly endListeners: ((key: UsableKey) => void)[] = [];

  constructor(
    private readonly store: EventStore,
    private readonly lives: KeyLives,
    private readonly peers: PeerDirectory,
    private readonly logger: Logger,
  ) {}

  /** Called for each key when an epoch of it becomes usable here. */
  onUsable(listener: (key: UsableKey) => void): void {
    this.listeners.push(listener);
  }

  /** Called for each key that served requests here, when it has ended. */
  onRetired(listener: (key: UsableKey) => void): void {
    this.endListeners.push(listener);
  }

  /** A key that serves requests. */
  usable(keyId: string): UsableKey | undefined {
    const key = this.keys.get(keyId);
    return key?.retirement === null && !this.contradicted.has(keyId) ? key : undefined;
  }

  /** A key whatever became of it: what nodes signed before its end still counts. */
  known(keyId: string): UsableKey | undefined {
    return this.keys.get(keyId);
  }

  /** The keys that serve requests. */
  all(): UsableKey[] {
    return this.everyKey().filter((key) => this.usable(key.keyId) !== undefined);
  }

  retired(): UsableKey[] {
    return this.everyKey().filter((key) => key.retirement !== null);
  }

  /** Those that serve requests, and those that did. */
  everyKey(): UsableKey[] {
    return [...this.keys.values()];
  }

  isContradicted(keyId: string): boolean {
    return this.contradicted.has(keyId);
  }

  retirementOf(keyId: string): Retirement | undefined {
    return this.keys.get(keyId)?.retirement ?? undefined;
  }

  /** Reads what became usable, or ended, at any coordinator. */
  async refresh(): Promise<void> {
    const known = this.everyKey().map(({ keyId, epoch, retirement }) => ({
      keyId,
      epoch,
      isRetired: retirement !== null,
    }));
    const found = await this.store.transaction((tx) => this.lives.usable(tx, known), { durable: false });
    for (const epoch of found) this.put(usableKeyOf(epoch));
  }

  /** Whether all members have published the epoch that serves requests. */
  isPublished(keyId: string): boolean {
    const key = this.keys.get(keyId);
    const records = this.records.get(keyId);
    return key !== undefined && key.participants.every((node) => records?.get(node)?.epoch === key.epoch);
  }

  /** Nodes with a share of a retired key whose own record does not say so yet. */
  unconfirmedRetirements(keyId: string): string[] {
    const key = this.keys.get(keyId);
    const records = this.records.get(keyId) ?? new Map<string, KeyState>();
    if (key?.retirement === null || key === undefined) return [];
    const holders = [...records].filter(([, record]) => record.status !== 'left').map(([node]) => node);
    return [...new Set([...key.participants, ...holders])].filter(
      (node) => records.get(node)?.status !== 'retired',
    );
  }

  /** Records of epochs above the one that serves requests, the highest first. */
  newerRecords(): KeyState[] {
    return [...this.records]
      .flatMap(([keyId, records]) =>
        [...records.values()].filter(({ epoch }) => epoch > (this.keys.get(keyId)?.epoch ?? epoch)),
      )
      .sort((a, b) => b.epoch - a.epoch);
  }

  /** A verified key record of a node's state topic. */
  learn(node: string, record: KeyState): void {
    const records = this.records.get(record.keyId) ?? new Map<string, KeyState>();
    this.records.set(record.keyId, records.set(node, record));
    this.compare(record.keyId);
  }

  private put(key: UsableKey): void {
    const { keyId } = key;
    const former = this.keys.get(keyId);
    this.keys.set(keyId, key);
    this.compare(keyId);
    if (key.retirement === null && former?.epoch !== key.epoch) {
      for (const listener of this.listeners) listener(key);
    }
    if (key.retirement !== null && former?.retirement === null) {
      for (const listener of this.endListeners) listener(key);
    }
  }

  private compare(keyId: string): void {
    const key = this.keys.get(keyId);
    const records = this.records.get(keyId);
    if (key === undefined || records === undefined || this.contradicted.has(keyId)) return;
    for (const [node, record] of records) {
      if (record.epoch !== key.epoch || isSameContent(record, key)) continue;
      if (contradictsCertified(record, key, this.peers)) {
        this.contradicted.add(keyId);
        this.logger.error({ keyId, node }, 'two contents of this key are certified: it is not used any more');
      } else {
        records.delete(node);
        this.logger.error(
          { keyId, node },
          'a node publishes what the parties of the key did not certify: its record is ignored',
        );
      }
    }
  }
}
