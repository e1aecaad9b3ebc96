import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LogProducer } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { callChain } from '../../../deploy/embedded/parts/chain';
import { OPERATOR, serviceKids } from '../../../deploy/embedded/stack/stack-shape';
import { Attacker } from '../byzantine/attacker';
import { EvilCoordinator } from '../byzantine/evil-coordinator';
import { type ForgedRecord } from '../byzantine/forged-record';
import { RecordTap } from '../observation/record-tap';
import { AuditStories } from '../oracle/audit';
import { Books, sha256Hex } from '../oracle/books';
import { Databases } from '../oracle/databases';
import { FinalVerifier } from '../oracle/final-verifier';
import { KeyEpochs } from '../oracle/key-epochs';
import { Ledgers } from '../oracle/ledgers';
import { Memory } from '../oracle/memory';
import { ServiceSignatures } from '../oracle/service-signature';
import { Violations } from '../oracle/violations';
import { type Random } from '../random';
import { ChaosStack } from '../stack/chaos-stack';

/** A running stack with the oracle around it: what every run of a campaign works with. */
export class Arena {
  readonly violations = new Violations();
  readonly memory = new Memory();
  readonly books: Books;
  readonly databases: Databases;
  readonly epochs: KeyEpochs;
  readonly ledgers: Ledgers;
  readonly verifier: FinalVerifier;
  readonly stories: AuditStories;
  readonly requesterKey: KeyObject;
  private readonly allowed = new Set<string>();
  private readonly allowedToTheLate = new Set<string>();
  private readonly allowedIntents = new Set<string>();

  readonly attacker: Attacker;

  private constructor(
    readonly stack: ChaosStack,
    readonly tap: RecordTap,
    readonly producer: LogProducer,
    private readonly evilCoordinator: EvilCoordinator,
  ) {
    const { identities, databaseOwners: databases, key, audit, requester } = stack.description;
    const topics = topicNames();
    const signatures = new ServiceSignatures(identities);
    this.books = new Books(topics, signatures, this.violations);
    this.databases = new Databases(databases);
    const { nodes } = stack.shape;
    const isLiar = (node: string) => stack.compromised.liars.has(node);
    this.epochs = new KeyEpochs(key, nodes, topics, this.databases, signatures, isLiar, this.violations);
    this.ledgers = new Ledgers(
      this.databases,
      nodes,
      key.keyId,
      this.violations,
      (node, hash) => this.isAllowed(node, hash),
      (hash) => this.attacker.ordered.has(hash),
    );
    this.verifier = new FinalVerifier(key);
    this.stories = new AuditStories(audit);
    this.requesterKey = createPrivateKey(readFileSync(requester.privateKeyFile));
    this.attacker = new Attacker(stack, evilCoordinator, this.books, {
      publish: (records) => this.publish(records),
      allow: (value) => this.allow(value),
      allowToTheLate: (value) => this.allowToTheLate(value),
    });
    tap.listen((record) => {
      this.books.take(record);
      this.epochs.take(record);
      this.attacker.watch(record);
    });
  }

  /** @param root an empty folder for all files of the stack */
  static async open(root: string, random: Random, report: (text: string) => void): Promise<Arena> {
    const evilCoordinator = new EvilCoordinator();
    const stack = await ChaosStack.start(root, random, report, (tls) => evilCoordinator.listen(tls));
    try {
      const names = topicNames();
      const { requests, partials, finals, events, heartbeats, intents, outcomes, deadLetters } = names;
      const rounds = stack.shape.nodes.map((node) => names.rounds(node));
      const states = [...serviceKids(stack.shape), OPERATOR].map((writer) => names.state(writer));
      const topics = [
        requests,
        partials,
        finals,
        events,
        heartbeats,
        intents,
        outcomes,
        deadLetters,
        ...states,
        ...rounds,
        ...rounds,
      ];
      const tap = await RecordTap.open(stack.kafka, topics);
      return new Arena(stack, tap, await tap.log.producer(), evilCoordinator);
    } catch (error) {
      evilCoordinator.close();
      await stack.stop();
      throw error;
    }
  }

  /** Nodes may sign these bytes. */
  allow(value: Buffer): void {
    this.allowed.add(sha256Hex(value));
  }

  /** A node whose clock is behind cannot know that these bytes are out of time. */
  allowToTheLate(value: Buffer): void {
    this.allowedToTheLate.add(sha256Hex(value));
  }

  /** Nodes may sign what the submitter asks for this intent. */
  allowIntent(id: string): void {
    this.allowedIntents.add(id);
  }

  async publish(records: readonly ForgedRecord[]): Promise<void> {
    await this.producer.send(
      records.map(({ topic, key, value, headers }) => ({ topic, key, value, headers: { ...headers } })),
    );
  }

  /** Wei of an account on the chain. */
  readonly balanceOf = async (address: string): Promise<bigint> =>
    BigInt(
      String(await callChain(this.stack.description.chain.rpcUrl, 'eth_getBalance', [address, 'latest'])),
    );

  async close(): Promise<void> {
    this.evilCoordinator.close();
    await this.databases.close();
    await this.producer.close();
    await this.tap.close();
    await this.stack.stop();
  }

  private isAllowed(node: string, hash: string): boolean {
    if (this.allowed.has(hash)) return true;
    const isLate = this.stack.clocks
      .wrongSince(-Infinity)
      .some(({ service, offsetMs }) => service === node && offsetMs < 0);
    if (isLate && this.allowedToTheLate.has(hash)) return true;
    const request = this.books.submitterRequest(hash);
    return request !== undefined && this.allowedIntents.has(intentOf(request.json));
  }
}

/** The intent that a submitter's sign request carries as its client's exact bytes. */
function intentOf({ payload }: Readonly<Record<string, unknown>>): string {
  if (typeof payload !== 'object' || payload === null || !('intent' in payload)) return '';
  const { intent } = payload;
  if (typeof intent !== 'object' || intent === null || !('bytes' in intent)) return '';
  const content: unknown = JSON.parse(Buffer.from(String(intent.bytes), 'base64url').toString());
  return typeof content === 'object' && content !== null && 'intentId' in content
    ? String(content.intentId)
    : '';
}
