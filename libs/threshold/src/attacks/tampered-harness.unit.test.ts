/** The harness of the tampering tests finds what it is there to find: each test breaks one rule in an honest party. */
import { inspect } from 'node:util';
import { type FailureClass, ProtocolFailure } from '../errors';
import { type NonceBatch } from '../frost/nonce-batch';
import { type StepOutput } from '../session/session';
import { Adversary } from '../testing/adversary';
import { nonceScene } from '../testing/scenes';
import { SecretSearch } from '../testing/secret-search';
import { seededRandom } from '../testing/seeded-random';
import { identityOf } from '../testing/trusted-dealer';

const honest = nonceScene(3);
const [batch] = new Adversary(honest).honest.results.values();
type Step = StepOutput<NonceBatch>;

/** The scene in which the steps of party 1 are changed, once an attack runs. */
function broken(change: (step: Step) => Step): { attack: () => unknown } {
  let isOn = false;
  const sessions: typeof honest.sessions = (randomOf) => {
    const all = new Map(honest.sessions(randomOf));
    const session = all.get(1);
    if (!session) throw new Error('a session');
    let hasEnded = false;
    return all.set(1, {
      sid: session.sid,
      start: () => session.start(),
      receive: (frame) => {
        if (hasEnded) return { outgoing: [], dropped: 'ended' };
        const step = isOn ? change(session.receive(frame)) : session.receive(frame);
        hasEnded = step.outcome !== undefined;
        return step;
      },
      abort: () => session.abort(),
    });
  };
  const adversary = new Adversary({ ...honest, sessions });
  return {
    attack: () => {
      isOn = true;
      return adversary.attack(({ frame }) => [frame.bytes]);
    },
  };
}

/** A step whose result is changed. */
const resulting =
  (change: (value: NonceBatch) => NonceBatch) =>
  (step: Step): Step =>
    step.outcome?.kind === 'result'
      ? { ...step, outcome: { kind: 'result', value: change(step.outcome.value) } }
      : step;

const failing =
  (failureClass: FailureClass, accused?: number, evidence?: Buffer[], outgoing: Step['outgoing'] = []) =>
  (): Step => ({
    outgoing,
    outcome: { kind: 'failure', failure: new ProtocolFailure(failureClass, 'test', accused, evidence) },
  });

const secret = batch?.nonces[0]?.hiding ?? Buffer.alloc(32);

describe('the harness notices', () => {
  test('nothing, when nothing is wrong', () => {
    expect(() => broken((step) => step).attack()).not.toThrow();
  });

  test.each<[string, (step: Step) => Step, string]>([
    ['an honest party that is blamed', failing('IDENT-P', 3), 'not the dishonest party'],
    ['a party that blames itself', failing('BAN', 1), 'not the dishonest party'],
    ['nobody named where somebody must be', failing('IDENT'), 'not the dishonest party'],
    ['a conviction without evidence', failing('IDENT', 2), 'no evidence'],
    ['evidence that nobody signed', failing('IDENT', 2, [Buffer.alloc(200)]), 'evidence that nobody sent'],
    [
      'a frame that leaves with a BAN',
      failing('BAN', 2, [], [{ to: 'all', frame: Buffer.alloc(200) }]),
      'a frame leaves with a BAN',
    ],
    ['a party that waits for nothing', () => ({ outgoing: [] }), 'waits although it has every message'],
    [
      'results that differ',
      resulting((value) => ({ ...value, digest: Buffer.alloc(32) })),
      'results that differ',
    ],
    [
      'a result of no use',
      resulting((value) => ({
        ...value,
        nonces: value.nonces.map((nonce) => ({ ...nonce, hiding: Buffer.alloc(32, 1) })),
      })),
      'not the nonces of this party',
    ],
    [
      'a secret on the wire',
      (step) => ({
        ...step,
        outgoing: step.outgoing.map((it) => ({ ...it, frame: Buffer.concat([it.frame, secret]) })),
      }),
      'a secret in a frame',
    ],
    [
      'a secret in an error',
      () => ({
        outgoing: [],
        outcome: { kind: 'failure', failure: new ProtocolFailure('AGREE', inspect(secret)) },
      }),
      'a secret in the failure',
    ],
    [
      'a secret in a property of an error',
      () => {
        const failure = Object.assign(new ProtocolFailure('AGREE', 'test'), { state: { d: secret } });
        return { outgoing: [], outcome: { kind: 'failure', failure } };
      },
      'a secret in the failure',
    ],
  ])('%s', (_, change, message) => {
    const scene = broken(change);
    expect(() => scene.attack()).toThrow(message);
  });

  test('an exception', () => {
    const scene = broken(() => {
      throw new TypeError('escaped');
    });
    expect(() => scene.attack()).toThrow('escaped');
  });
});

test('the search finds a secret in any spelling, in either byte order, and not what is published', () => {
  const random = seededRandom('search');
  const [secret, published] = [random(32), random(32)];
  const search = new SecretSearch();
  for (const value of [secret, published]) search.add(value);
  search.release([Buffer.concat([random(7), published, random(9)])]);
  expect(search.released).toBe(1);
  const texts = [
    secret.toString('hex'),
    secret.toString('hex').toUpperCase(),
    secret.toString('base64'),
    secret.toString('base64url'),
    JSON.stringify(secret),
    inspect(secret),
    inspect(new Uint8Array(secret), { maxArrayLength: null }),
    [...secret].join('\n'),
  ];
  for (const text of texts) expect([text, search.inText(`error: ${text}!`)]).toEqual([text, true]);
  expect(search.inText(published.toString('hex'))).toBe(false);
  expect(search.inBytes(Buffer.concat([random(5), secret]))).toBe(true);
  expect(search.inBytes(Buffer.concat([random(5), Buffer.from(secret).reverse()]))).toBe(true);
  expect(search.inBytes(Buffer.concat([published, identityOf(1).identityKey]))).toBe(false);
});
