import { randomBytes, randomUUID } from 'node:crypto';
import { encodeRecord, encodeClientRecord, fromHex } from '@quorate/protocol';
import { presignatureIdOf } from '@quorate/threshold';
import { type ForgedRecord } from './forged-record';
import { type TappedRecord } from '../observation/record-tap';
import { type Books, sha256Hex } from '../oracle/books';
import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';
import { type EvilCoordinator, type KnownPresignature } from './evil-coordinator';
import { ForgedRequests, type SignedRequest } from './forged-requests';
import { StolenKeys } from './stolen-keys';

const KNOWN_BATCHES = 12;

interface StockedBatch {
  readonly sessionId: string;
  readonly h2: string;
  readonly epoch: number;
  readonly size: number;
  readonly members: Set<string>;
}

/** Compromised parties at work: a coordinator, a node and the submitter, with the keys of their real selves. */
export class Attacker {
  private readonly keys: StolenKeys;
  private readonly requests: ForgedRequests;
  private readonly batches = new Map<string, StockedBatch>();
  private readonly keyId: string;
  /** Hashes of the requests that the compromised coordinator ordered nodes to sign. */
  readonly ordered = new Set<string>();

  constructor(
    private readonly stack: ChaosStack,
    private readonly coordinator: EvilCoordinator,
    private readonly books: Books,
    private readonly oracle: {
      publish(records: readonly ForgedRecord[]): Promise<void>;
      /** Tells the oracle that nodes may sign these bytes. */
      allow(value: Buffer): void;
      /** Tells the oracle that nodes whose clocks are behind may. */
      allowToTheLate(value: Buffer): void;
    },
  ) {
    const { key, chain, requester } = stack.description;
    this.keyId = key.keyId;
    this.keys = new StolenKeys(requester.privateKeyFile);
    const submitter = this.keys.signer('submitter');
    this.requests = new ForgedRequests(key.keyId, chain.chainId, this.keys.signer(requester.kid), submitter);
  }

  /** Remembers what presigning sessions made, as every coordinator learns it. */
  watch({ json }: TappedRecord): void {
    const { type, purpose, outcome, sessionId, epoch, h2, R, node } = json;
    if (type !== 'quorate.ceremony.ended.v1' || purpose !== 'presign' || outcome !== 'ok') return;
    if (
      typeof sessionId !== 'string' ||
      typeof h2 !== 'string' ||
      typeof epoch !== 'number' ||
      typeof node !== 'string' ||
      !Array.isArray(R)
    )
      return;
    const batch = this.batches.get(sessionId) ?? { sessionId, h2, epoch, size: R.length, members: new Set() };
    batch.members.add(node);
    this.batches.set(sessionId, batch);
    const [oldest] = this.batches.keys();
    if (this.batches.size > KNOWN_BATCHES && oldest !== undefined) this.batches.delete(oldest);
  }

  /** One presignature for two requests, at once and one after the other. */
  askTwice(random: Random): void {
    const presignature = this.presignature(random);
    if (presignature === undefined) return;
    const requests = [this.requests.good(), this.requests.good()];
    for (const { value } of requests) this.oracle.allow(value);
    const [first, second] = presignature.committee;
    for (const request of random.sample([...requests, ...requests], 4))
      this.order(
        request,
        presignature,
        random.sample(
          [first, second].filter((node) => node !== undefined),
          2,
        ),
      );
  }

  /** Requests that no node may sign, each with a fresh presignature of each committee. */
  askForTheForbidden(random: Random): void {
    const { requests } = this;
    const expired = requests.expired();
    this.oracle.allowToTheLate(expired.value);
    const forbidden = [
      expired,
      requests.rawDigest(),
      requests.swapped(),
      requests.otherSigner(),
      requests.otherTyp(),
      requests.submitterAlone(),
    ];
    const { otherReceiver, otherValue } = requests.forIntent();
    for (const request of [...forbidden, otherReceiver, otherValue]) {
      const presignature = this.presignature(random);
      if (presignature) this.order(request, presignature, presignature.committee);
    }
  }

  /** One intent at two nonces: at most one of them may be signed. */
  askForTwoNonces(random: Random): void {
    const { first, secondNonce } = this.requests.forIntent();
    for (const { value } of [first, secondNonce]) this.oracle.allow(value);
    this.books.addRivals([first.value, secondNonce.value]);
    for (const request of [first, secondNonce, first, secondNonce]) {
      const presignature = this.presignature(random);
      if (presignature) this.order(request, presignature, presignature.committee);
    }
  }

  /** Ceremonies, a halt and the end of the key, without the operators. */
  orderWithoutOperators(): void {
    const { nodes } = this.stack.shape;
    const { identities } = this.stack.description;
    const raw = new Map(nodes.map((node) => [node, Buffer.from(identities[node]?.x ?? '', 'base64url')]));
    const command = Buffer.from(
      JSON.stringify({
        what: 'CreateKey',
        scheme: 'ecdsa-secp256k1',
        threshold: 2,
        participants: nodes,
        disjointQuorums: false,
        epoch: 0,
        expiry: new Date(Date.now() + 60_000).toISOString(),
        nonce: `0x${randomBytes(32).toString('hex')}`,
      }),
    );
    const orders = { keyId: this.keyId, identities: raw, command };
    // Signed by the coordinator itself, which is no operator.
    const signatures = [this.keys.signer('coordinator-2').sign('operator-command', command)];
    for (const purpose of ['DKG', 'RESHARE', 'REKEY'] as const) {
      this.coordinator.orderCeremony(nodes, { ...orders, purpose, signatures });
      this.coordinator.orderCeremony(nodes, { ...orders, purpose, signatures: [] });
    }
    this.coordinator.orderUnsigned(nodes, { keyCommand: { command, signatures } });
    this.coordinator.orderUnsigned(nodes, {
      halt: { scope: 'all', reason: 'forged', command, signatures: [] },
    });
  }

  /** The submitter asks over Kafka for what it may not have. */
  async submitForged(): Promise<void> {
    const { otherReceiver, otherValue } = this.requests.forIntent();
    const requests = [otherReceiver, otherValue, this.requests.submitterAlone()];
    const signer = this.keys.signer('submitter');
    await this.oracle.publish(
      requests.map(({ requestId, value }) => {
        const source = '/submitter/submitter';
        const record = encodeClientRecord(
          { typ: 'sign-request', data: value, key: requestId, time: new Date(), source },
          signer,
        );
        return forged('mpc.requests', record);
      }),
    );
  }

  /** Wrong shares in the name of a node, two different ones for each attempt that it takes part in. */
  async answerWrongly(node: string, records: readonly TappedRecord[]): Promise<void> {
    const chosen = records.filter(
      ({ json }) =>
        json['type'] === 'quorate.sign.committee-chosen.v1' &&
        Array.isArray(json['committee']) &&
        json['committee'].includes(node),
    );
    const signer = this.keys.signer(node);
    const wrong = chosen.flatMap(({ json }) =>
      [1, 2].map(() => {
        const { requester, requestId, requestHash, attempt, keyId, epoch, presignatureId } = json;
        const data = {
          type: 'quorate.sign.partial.v1',
          id: randomUUID(),
          node,
          bootId: scalar(),
          ...{ requester, requestId, requestHash, attempt, keyId, epoch, presignatureId },
          ...{ req: scalar(), u: scalar(), w: scalar(), digest: scalar() },
          at: new Date().toISOString(),
        };
        const source = `/node/${node}`;
        return encodeRecord(
          { typ: 'partial', source, data, key: String(requestId), time: new Date() },
          signer,
        );
      }),
    );
    for (const { headers } of wrong) this.books.plant(headers['jws'] ?? '');
    await this.oracle.publish(wrong.map((record) => forged('mpc.partials', record)));
  }

  /** A node writes more than anybody could want: well-signed nonsense, and frames that are none. */
  async flood(node: string, count: number): Promise<void> {
    const signer = this.keys.signer(node);
    const nonsense = Array.from({ length: count }, () => {
      const data = {
        type: 'quorate.ceremony.ended.v1',
        id: randomUUID(),
        node,
        bootId: scalar(),
        sessionId: scalar(),
        purpose: 'presign',
        outcome: 'ok',
        at: new Date().toISOString(),
      };
      const source = `/node/${node}`;
      const record = encodeRecord(
        { typ: 'partial', source, data, key: data.sessionId, time: new Date() },
        signer,
      );
      return forged('mpc.partials', record);
    });
    const others = this.stack.shape.nodes.filter((other) => other !== node);
    const frames = others.flatMap((other) =>
      Array.from({ length: count }, () => ({
        topic: `mpc.rounds.${other}`,
        key: randomBytes(32),
        value: randomBytes(2000),
        headers: {},
      })),
    );
    await this.oracle.publish([...nonsense, ...frames]);
  }

  private order(request: SignedRequest, presignature: KnownPresignature, nodes: readonly string[]): void {
    this.ordered.add(sha256Hex(request.value));
    this.coordinator.orderSignature(nodes, request, presignature, this.keyId);
  }

  /** One that nodes held when its session ended: perhaps it was spent since, which is for them to know. */
  private presignature(random: Random): KnownPresignature | undefined {
    const complete = [...this.batches.values()].filter(({ members, size }) => members.size >= 2 && size > 0);
    if (complete.length === 0) return undefined;
    const { sessionId, h2, epoch, size, members } = random.pick(complete.slice(-6));
    const index = random.below(size);
    const presignatureId = presignatureIdOf(fromHex(sessionId), fromHex(h2), index);
    return { presignatureId, sessionId: fromHex(sessionId), index, epoch, committee: [...members].sort() };
  }
}

function scalar(): string {
  return `0x00${randomBytes(31).toString('hex')}`;
}

function forged(
  topic: string,
  { key, value, headers }: { key: string; value: Buffer; headers: Record<string, string> },
): ForgedRecord {
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  return { topic, key: Buffer.from(key), value, headers: Object.fromEntries(bytes) };
}
