import { createHash } from 'node:crypto';
import { type TopicNames } from '@quorate/protocol';
import { type TappedRecord } from '../observation/record-tap';
import { type ServiceSignatures } from './service-signature';
import { type Violations } from './violations';

/** An outcome as a coordinator or submitter signed it. */
export interface Outcome {
  readonly value: Buffer;
  readonly jws: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export function sha256Hex(...parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `0x${hash.digest('hex')}`;
}

/**
 * What the oracle remembers of every record over all runs, and the promises that hold for each record the moment it
 * appears: one outcome per request, one share per presignature, no dead letter but for bad records.
 */
export class Books {
  private readonly finals = new Map<string, Outcome>();
  private readonly ends = new Map<string, Outcome>();
  /** Ends, and what took them back, that count no more when they are read again. */
  private readonly undone = new Set<string>();
  private readonly presignatures = new Map<string, string>();
  private readonly shares = new Map<string, string>();
  private readonly epochs = new Map<string, string>();
  /** Records of clients that must be answered, by topic, value and signature. */
  private readonly genuine = new Set<string>();
  private readonly deadLettered = new Set<string>();
  private readonly submitterRequests = new Map<string, TappedRecord>();
  private readonly planted = new Set<string>();
  /** By request hash, by presignature: the nodes whose shares are out. */
  private readonly signers = new Map<string, Map<string, Set<string>>>();
  private readonly rivals: (readonly string[])[] = [];

  constructor(
    private readonly topics: TopicNames,
    private readonly signatures: ServiceSignatures,
    private readonly violations: Violations,
  ) {}

  /** A client's own well-signed record: it must be answered and never be dead-lettered. */
  expectAnswer(topic: string, value: Buffer, jws: string): void {
    this.genuine.add(sha256Hex(topic, value, jws));
  }

  /** At most one of these requests may ever be signed. */
  addRivals(values: readonly Buffer[]): void {
    this.rivals.push(values.map((value) => sha256Hex(value)));
  }

  /** @param threshold how many shares make a signature */
  checkRivals(threshold: number): void {
    const isSigned = (hash: string) =>
      [...(this.signers.get(hash)?.values() ?? [])].some((nodes) => nodes.size >= threshold);
    for (const hashes of this.rivals) {
      const signed = hashes.filter(isSigned);
      if (signed.length > 1) this.violations.add('an intent is signed at one nonce', signed.join(' and '));
    }
  }

  /** A record that the attacker wrote under a stolen key: it says nothing about the service. */
  plant(jws: string): void {
    this.planted.add(jws);
  }

  /** The final that answers exactly these bytes. */
  finalOf(value: Buffer): Outcome | undefined {
    return this.finals.get(sha256Hex(value));
  }

  /** How an intent ended well: its confirmation, or another end. */
  endOf(value: Buffer): Outcome | undefined {
    return this.ends.get(sha256Hex(value));
  }

  wasDeadLettered(value: Buffer): boolean {
    return this.deadLettered.has(sha256Hex(value));
  }

  /** The sign request that the submitter made, by its hash. */
  submitterRequest(hash: string): TappedRecord | undefined {
    return this.submitterRequests.get(hash);
  }

  take(record: TappedRecord): void {
    const jws = record.headers['jws']?.toString() ?? '';
    if (this.planted.has(jws) || record.value === null) return;
    const { topics } = this;
    if (record.topic === topics.finals) this.takeFinal(record, record.value, jws);
    else if (record.topic === topics.partials) this.takePartial(record, record.value, jws);
    else if (record.topic === topics.outcomes) this.takeOutcome(record, record.value, jws);
    else if (record.topic === topics.deadLetters) this.takeDeadLetter(record, record.value);
    else if (record.topic === topics.requests && record.json['requester'] === 'submitter')
      this.submitterRequests.set(sha256Hex(record.value), record);
  }

  private takeFinal({ json }: TappedRecord, value: Buffer, jws: string): void {
    if (!this.signatures.signer(jws, value, 'final')?.startsWith('coordinator')) return;
    const hash = String(json['requestHash']);
    const known = this.finals.get(hash);
    if (known === undefined) this.finals.set(hash, { value, jws, json });
    else if (!known.value.equals(value) || known.jws !== jws)
      this.violations.add('one outcome per request', `${known.value.toString()} and ${value.toString()}`);
    if (json['type'] !== 'quorate.sign.completed.v1') return;
    this.once(this.presignatures, String(json['presignatureId']), hash, 'one request per presignature');
  }

  private takePartial({ json }: TappedRecord, value: Buffer, jws: string): void {
    const node = this.signatures.signer(jws, value, 'partial');
    if (node === undefined || json['type'] !== 'quorate.sign.partial.v1') return;
    const { presignatureId, requestHash, req, u, w, epoch } = json;
    const shares = this.signers.get(String(requestHash)) ?? new Map<string, Set<string>>();
    this.signers.set(String(requestHash), shares);
    shares.set(String(presignatureId), (shares.get(String(presignatureId)) ?? new Set<string>()).add(node));
    this.once(this.epochs, String(presignatureId), String(epoch), 'one epoch per presignature');
    const share = [requestHash, req, u, w].map(String).join('/');
    this.once(this.shares, `${node}/${String(presignatureId)}`, share, 'one share per node and presignature');
  }

  private takeOutcome({ json }: TappedRecord, value: Buffer, jws: string): void {
    if (this.signatures.signer(jws, value, 'tx-outcome') !== 'submitter') return;
    if (this.undone.has(sha256Hex(value))) return;
    const hash = String(json['intentHash']);
    const known = this.ends.get(hash);
    if (json['code'] === 'reorged') {
      // The chain lost the block (a killed chain loses its last second): the intent ends once more.
      this.ends.delete(hash);
      for (const ended of [value, ...(known === undefined ? [] : [known.value])])
        this.undone.add(sha256Hex(ended));
    }
    if (!/confirmed|rejected|reverted|cancelled|superseded|failed/.test(String(json['type']))) return;
    if (known === undefined) this.ends.set(hash, { value, jws, json });
    else if (!known.value.equals(value))
      this.violations.add('one end per intent', `${known.value.toString()} and ${value.toString()}`);
  }

  private takeDeadLetter({ headers }: TappedRecord, value: Buffer): void {
    this.deadLettered.add(sha256Hex(value));
    const text = (name: string): string => headers[name]?.toString() ?? '';
    if (!this.isGenuine(text('dl_topic'), value, text('jws'))) return;
    this.violations.add(
      'no dead letter of a good record',
      `${text('dl_topic')}/${text('dl_partition')}@${text('dl_offset')} ${text('dl_code')}: ${text('dl_reason')}`,
    );
  }

  /** Whether the record was on a topic where it belongs, with its writer's signature. */
  private isGenuine(topic: string, value: Buffer, jws: string): boolean {
    const typ = this.typOf(topic);
    if (typ === undefined) return false;
    return (
      this.genuine.has(sha256Hex(topic, value, jws)) || this.signatures.signer(jws, value, typ) !== undefined
    );
  }

  private typOf(topic: string): string | undefined {
    const { requests, intents, partials, finals, events, heartbeats, outcomes } = this.topics;
    const typs: Record<string, string> = {
      [requests]: 'sign-request',
      [intents]: 'tx-intent',
      [partials]: 'partial',
      [finals]: 'final',
      [events]: 'event',
      [heartbeats]: 'heartbeat',
      [outcomes]: 'tx-outcome',
    };
    return typs[topic];
  }

  private once(seen: Map<string, string>, key: string, content: string, check: string): void {
    const known = seen.get(key);
    if (known === undefined) seen.set(key, content);
    else if (known !== content) this.violations.add(check, `${key}: ${known} and ${content}`);
  }
}
