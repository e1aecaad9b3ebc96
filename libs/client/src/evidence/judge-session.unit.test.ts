import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { identityJwk } from '@quorate/platform';
import {
  type CeremonyFailedInput,
  type SessionFactsInput,
  sessionFactsSchema,
  toHex,
} from '@quorate/protocol';
import {
  createKeygenSession,
  ed25519FrameSigner,
  type OutgoingFrame,
  type ProtocolFailure,
  sessionId,
  type StepOutput,
  systemRandom,
} from '@quorate/threshold';
import { createHash } from 'node:crypto';
import { judgeSession } from './judge-session';
import { sessionStartOf } from './session-start';

const NODES = ['node-1', 'node-2', 'node-3'];
const identities = new Map<string, KeyObject>(
  NODES.map((node) => [node, generateKeyPairSync('ed25519').privateKey]),
);
const privateKey = (node: string): KeyObject => {
  const key = identities.get(node);
  if (key === undefined) throw new Error(`no ${node}`);
  return key;
};
const pinned = (node: string) => {
  const key = identities.get(node);
  return key && createPublicKey(key);
};

const session: SessionFactsInput = {
  suite: 1,
  purpose: 'dkg',
  epoch: 0,
  threshold: 2,
  parties: 3,
  participants: NODES.map((node, i) => ({
    node,
    index: i + 1,
    identityKey: toHex(Buffer.from(identityJwk(privateKey(node)).x, 'base64url')),
    bootId: toHex(randomBytes(16)),
  })),
  notAfter: 2_000_000_000,
  rnd: toHex(randomBytes(32)),
  batch: 0,
  oldEpoch: 0,
  dealers: [],
  receivers: [],
  newThreshold: 0,
  pairCounter: 0,
};

function keygenStart(facts: SessionFactsInput) {
  const start = sessionStartOf(sessionFactsSchema.parse(facts));
  if (start?.purpose !== 'dkg') throw new Error('no key generation');
  return start;
}

const start = keygenStart(session);
const sid = toHex(sessionId(start));

/** A party of the key generation: keeps what it sends, and how it failed. */
class Party {
  failure: ProtocolFailure | undefined;
  private readonly sent: OutgoingFrame[] = [];
  private readonly session;

  constructor(
    node: string,
    private readonly index: number,
  ) {
    const sign = ed25519FrameSigner(privateKey(node));
    this.session = createKeygenSession({ start, index, sign, random: systemRandom });
    this.keep(this.session.start());
  }

  /** Hands all that others have sent so far to this party. */
  hear(...others: Party[]): void {
    const frames = others.flatMap(({ sent }) => sent.filter(({ to }) => to === 'all' || to === this.index));
    for (const { frame } of frames) this.keep(this.session.receive(frame));
  }

  private keep(step: StepOutput<unknown, unknown>): void {
    this.sent.push(...step.outgoing);
    if (step.outcome?.kind === 'failure') this.failure = step.outcome.failure;
  }
}

/** What a node publishes about its failure. */
function event(node: string, failure: ProtocolFailure | undefined, change: object = {}): CeremonyFailedInput {
  if (failure === undefined) throw new Error(`${node} did not fail`);
  return {
    sessionId: sid,
    node,
    class: failure.failureClass,
    check: failure.check,
    session,
    evidence: failure.evidence.map((frame) => ({
      hash: toHex(createHash('sha256').update(frame).digest()),
      frame: frame.toString('base64'),
    })),
    ...change,
  };
}

/** node-3 sends node-1 another first message than node-2; both of them see only that the transcripts differ. */
function equivocated(): { first: CeremonyFailedInput; second: CeremonyFailedInput } {
  const [one, two] = [new Party('node-1', 1), new Party('node-2', 2)];
  const [faceOne, faceTwo] = [new Party('node-3', 3), new Party('node-3', 3)];
  for (let round = 1; round <= 2; round++) {
    for (const face of [faceOne, faceTwo]) face.hear(one, two);
    one.hear(two, faceOne);
    two.hear(one, faceTwo);
  }
  return { first: event('node-1', one.failure), second: event('node-2', two.failure) };
}

describe('the judgement on a session', () => {
  const { first, second } = equivocated();

  test('of two messages for one slot needs the frames of both who received them', () => {
    expect(first.class).toBe('AGREE');
    expect(judgeSession([first], pinned)?.convicted).toBeUndefined();
    expect(judgeSession([second], pinned)?.convicted).toBeUndefined();
    const judgement = judgeSession([first, second], pinned);
    expect(judgement?.convicted).toEqual({ node: 'node-3', check: 'session.equivocation' });
    expect(judgement?.claims.map(({ node }) => node)).toEqual(['node-1', 'node-2']);
    expect(judgement?.frames).toBeGreaterThan(2);
  });

  test('is not moved by what a node merely says', () => {
    const slander = { ...first, class: 'IDENT', accused: 'node-2', evidence: [] };
    const judgement = judgeSession([slander], pinned);
    expect(judgement?.convicted).toBeUndefined();
    expect(judgement?.claims[0]).toMatchObject({ node: 'node-1', accused: 'node-2' });
  });

  test('counts no frame under keys that are not the nodes’ own', () => {
    const stranger = createPublicKey(generateKeyPairSync('ed25519').privateKey);
    const others = (node: string) => (node === 'node-3' ? stranger : pinned(node));
    expect(judgeSession([first, second], others)).toMatchObject({ convicted: undefined, frames: 0 });
  });

  test('counts no session facts that do not give the session’s id', () => {
    const invented = { ...session, notAfter: session.notAfter + 1 };
    const lying = [first, second].map((failure) => ({ ...failure, session: invented }));
    expect(judgeSession(lying, pinned)?.convicted).toBeUndefined();
    expect(judgeSession([...lying.slice(0, 1), first, second], pinned)?.convicted?.node).toBe('node-3');
  });

  test('says how many frames have to be asked for', () => {
    const withoutFrames = { ...first, evidence: first.evidence.map(({ hash }) => ({ hash })) };
    expect(judgeSession([withoutFrames, second], pinned)).toMatchObject({
      convicted: undefined,
      missingFrames: first.evidence.length,
    });
  });

  test('of nothing is nothing', () => {
    expect(judgeSession([{ sessionId: 'x' }, null], pinned)).toBeUndefined();
  });
});
