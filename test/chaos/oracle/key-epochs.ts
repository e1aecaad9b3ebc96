import { setTimeout as delay } from 'node:timers/promises';
import { type TopicNames } from '@quorate/protocol';
import { type DemoKey } from '../../../deploy/embedded/stack/stack-description';
import { type TappedRecord } from '../observation/record-tap';
import { type Databases } from './databases';
import { type ServiceSignatures } from './service-signature';
import { type Violations } from './violations';

const POLL_MS = 200;

/**
 * The life of the key as nodes publish it and databases hold it: its public key never changes, an epoch has one certificate,
 * no pair is banned of which neither node has lied, and every change ends in one epoch everywhere.
 */
export class KeyEpochs {
  private readonly certificates = new Map<number, string>();

  /** @param isLiar whether the node has sent wrong messages in ceremonies */
  constructor(
    private readonly key: Pick<DemoKey, 'keyId' | 'publicKey'>,
    private readonly nodes: readonly string[],
    private readonly topics: TopicNames,
    private readonly databases: Pick<Databases, 'query'>,
    private readonly signatures: ServiceSignatures,
    private readonly isLiar: (node: string) => boolean,
    private readonly violations: Violations,
  ) {}

  take({ topic, value, headers, json }: TappedRecord): void {
    if (value === null || json['keyId'] !== this.key.keyId) return;
    const signedBy = (typ: string) => this.signatures.signer(headers['jws']?.toString() ?? '', value, typ);
    const node = this.nodes.find((name) => topic === this.topics.state(name));
    if (json['type'] === 'quorate.state.key.v1') {
      if (node !== undefined && signedBy('state') === node) this.takeState(node, json);
    } else if (topic === this.topics.events && signedBy('event') !== undefined) this.takeEvent(json);
  }

  /**
   * Resolves when no change of the key is under way and all nodes and coordinators are in one epoch.
   * @throws Error saying what is missing after `timeoutMs`
   */
  async untilSettled(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const missing = await this.missing();
      if (missing === undefined) return;
      if (performance.now() > deadline) throw new Error(missing);
      await delay(POLL_MS);
    }
  }

  /** Whether two nodes cannot work together in the present epoch, for what one of them did. */
  async isAnyPairDead(): Promise<boolean> {
    for (const node of this.nodes) {
      const dead = await this.databases.query(
        node,
        `SELECT 1 FROM dead_pair WHERE key_id = $1
         AND epoch = (SELECT max(epoch) FROM key_share WHERE key_share.key_id = $1)`,
        [this.key.keyId],
      );
      if (dead.length > 0) return true;
    }
    return false;
  }

  private takeState(node: string, { publicKey, epoch, certificate }: TappedRecord['json']): void {
    if (publicKey !== this.key.publicKey)
      this.violations.add('the public key stays', `${node} publishes ${String(publicKey)}`);
    const sid = typeof certificate === 'object' && certificate !== null && 'sid' in certificate;
    const session = sid ? String(certificate.sid) : 'none';
    const known = this.certificates.get(Number(epoch));
    if (known === undefined) this.certificates.set(Number(epoch), session);
    else if (known !== session)
      this.violations.add('one certificate per epoch', `epoch ${Number(epoch)}: ${known} and ${session}`);
  }

  private takeEvent({ type, node, peer, epoch }: TappedRecord['json']): void {
    if (type === 'quorate.key.contradicted.v1')
      this.violations.add(
        'one certificate per epoch',
        `${String(node)} was shown another of ${Number(epoch)}`,
      );
    if (type !== 'quorate.node.banned.v1' || this.isLiar(String(node)) || this.isLiar(String(peer))) return;
    this.violations.add(
      'no ban of honest nodes',
      `${String(node)} and ${String(peer)}, epoch ${Number(epoch)}`,
    );
  }

  /** What stands between now and one epoch everywhere. */
  private async missing(): Promise<string | undefined> {
    const { keyId } = this.key;
    const [open] = await this.databases.query<{ kind: string; status: string; failure: string | null }>(
      'coordinator',
      `SELECT kind, status, failure FROM key_order WHERE status NOT IN ('usable', 'failed')`,
    );
    if (open !== undefined) return `a ${open.kind} is ${open.status}: ${open.failure ?? 'no failure so far'}`;
    const [usable] = await this.databases.query<{ epoch: number }>(
      'coordinator',
      `SELECT (facts->>'epoch')::int AS epoch FROM usable_key WHERE key_id = $1`,
      [keyId],
    );
    const epochs = [`coordinators ${usable?.epoch}`];
    for (const node of this.nodes) {
      const [newest] = await this.databases.query<{ epoch: number }>(
        node,
        'SELECT max(epoch) AS epoch FROM key_share WHERE key_id = $1',
        [keyId],
      );
      epochs.push(`${node} ${newest?.epoch}`);
    }
    const isOne = new Set(epochs.map((text) => text.split(' ').at(-1))).size === 1;
    return isOne ? undefined : `epochs: ${epochs.join(', ')}`;
  }
}
