/** Answers and sessions that happen twice (threats 1 and 5; specification sections 1.4, 6.2 and 16). */
import * as hash from '../hash';
import * as scalar from '../group/scalar';
import { invert, mod, randomScalar, scalarFromBytes } from '../group/scalar';
import { correlationCipher } from '../multiplication/correlation-hash';
import { startExtension } from '../multiplication/ot-extension';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { type RvoleMessage } from '../multiplication/rvole';
import { presignContext } from '../presign/context';
import { createPairJudge } from '../presign/pair-judge';
import { beginRound1 } from '../presign/round1';
import { answerRound1 } from '../presign/round2';
import { type RoundMessages } from '../session/session';
import { exclusiveOr } from '../testing/cheating-receiver';
import { openRun } from '../testing/multiplication-run';
import { presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey } from '../testing/trusted-dealer';

/** Draws ahat instead of deriving it, which section 6.2 forbids. */
let drawAhat: (() => Buffer) | undefined;
jest.mock('../group/scalar', () => {
  const real = jest.requireActual<typeof scalar>('../group/scalar');
  return {
    ...real,
    secretScalarHash: (label: hash.Label, ...parts: hash.HashInput[]) =>
      label === 'rv/ahat' && drawAhat ? drawAhat() : real.secretScalarHash(label, ...parts),
  };
});
afterEach(() => (drawAhat = undefined));

const { shares } = dealKey(2, 2, seededRandom('key'));
const start = presignStart(shares, [1, 2], 2);

function party(index: number) {
  const key = shares.get(index);
  if (!key) throw new RangeError('no share');
  const random = seededRandom(`party ${index}`);
  const judge = createPairJudge(new Set(), () => undefined);
  const context = presignContext(start, index, { key, random, kernel: wasmKernel, judge });
  return { context, ...beginRound1(context, random(32)) };
}

describe('one R1 answered twice gives the same bytes (6.2)', () => {
  const [victim, peer] = [party(1), party(2)];
  const direct = Buffer.from(peer.payloads.p2p?.get(1) ?? []);
  const messages = (bytes: Buffer, broadcast = peer.payloads.broadcast): RoundMessages => ({
    broadcast: (from) => Buffer.from(from === 1 ? victim.payloads.broadcast : broadcast),
    direct: () => Buffer.from(bytes),
    frame: () => Buffer.alloc(0),
  });
  const answer = () => {
    const { payloads } = answerRound1(victim.context, victim.state, messages(direct));
    return [Buffer.from(payloads.broadcast), Buffer.from(payloads.p2p?.get(2) ?? [])];
  };

  it('at once, and after wrong messages in between', () => {
    const first = answer();
    const isSame = (again: Buffer[]) => again.every((bytes, k) => bytes.equals(first[k] ?? Buffer.alloc(0)));
    expect(first[1]?.length).toBe(2 * 72_322);
    expect(isSame(answer())).toBe(true);

    const otherCounter = Buffer.from(direct);
    otherCounter.writeUInt32BE(1, 0);
    expect(() => answerRound1(victim.context, victim.state, messages(otherCounter))).toThrow('CONFIG(2)');
    expect(isSame(answer())).toBe(true);

    const otherNonce = Buffer.from(peer.payloads.broadcast);
    otherNonce[0] = (otherNonce[0] ?? 0) ^ 1;
    const patient = { ...victim.context, judge: <T>(_: number, check: () => T) => check() };
    expect(() => answerRound1(patient, victim.state, messages(direct, otherNonce))).toThrow('presign.r1.ote');
    expect(() => answerRound1(patient, victim.state, messages(Buffer.from(direct).fill(9, 4)))).toThrow(
      'presign.r1.ote',
    );
    expect(isSame(answer())).toBe(true);
  });

  it('another R1 gets another ahat and theta: nothing of the two answers can be subtracted', () => {
    const [one, two] = ['one', 'two'].map((seed) => openRun(seed, 1).send(0, [5n, 6n]).message);
    expect(one?.eta).not.toEqual(two?.eta);
  });

  it('why: with a fresh ahat for each answer, three answers to one R1 give r_i and sk_i', () => {
    const { send, run } = openRun('fresh ahat', 1);
    const random = seededRandom('ahat');
    drawAhat = () => scalar.scalarToBytes(randomScalar(random));
    const inputs: [bigint, bigint] = [randomScalar(random), randomScalar(random)];
    const equations = [0, 1, 2].map(() => equationOf(send(0, inputs).message, run.context));
    expect(new Set(equations.map(({ eta }) => eta)).size).toBe(3);
    const [a, b, c] = equations;
    if (!a || !b || !c) throw new RangeError('three answers');
    // eta - eta' = (ahat - ahat') + (theta_1 - theta_1') a_1 + (theta_2 - theta_2') a_2; the third column of atilde is
    // alpha0 - alpha1 + ahat, so ahat - ahat' is its difference.
    const line = (x: typeof a) => ({
      p: mod(a.theta1 - x.theta1),
      q: mod(a.theta2 - x.theta2),
      sum: mod(a.eta - x.eta - (a.third - x.third)),
    });
    const [l1, l2] = [line(b), line(c)];
    const determinant = invert(mod(l1.p * l2.q - l2.p * l1.q));
    expect(mod((l1.sum * l2.q - l2.sum * l1.q) * determinant)).toBe(inputs[0]);
    expect(mod((l1.p * l2.sum - l2.p * l1.sum) * determinant)).toBe(inputs[1]);
  });
});

/** What the receiver sees of ahat, theta and eta in one answer. */
function equationOf(message: RvoleMessage, context: Parameters<typeof thetaSeed>[0]) {
  const seed = thetaSeed(context, message.atilde);
  return {
    eta: scalarFromBytes(message.eta),
    theta1: hash.HS('rv/theta-i', seed, 1),
    theta2: hash.HS('rv/theta-i', seed, 2),
    third: scalarFromBytes(Buffer.from(message.atilde.subarray(64, 96)).reverse()),
  };
}

function thetaSeed(
  context: { pairctx: Buffer; receiverNonce: Buffer; senderNonce: Buffer; messageDigest: Buffer },
  atilde: Buffer,
): Buffer {
  const { pairctx, receiverNonce, senderNonce, messageDigest } = context;
  return hash.H('rv/theta', pairctx, receiverNonce, senderNonce, messageDigest, 0, atilde);
}

describe('a replayed sid (1.4): new nonces give independent outputs', () => {
  const { base, run } = openRun('replayed', 1);
  const seeds = base.asReceiver;
  const random = seededRandom('replay');
  const extend = (receiverNonce: Buffer) =>
    startExtension(seeds, { pairctx: run.context.pairctx, receiverNonce }, 752, random);
  const rowsOf = (message: Buffer) => message.subarray(0, 128 * 112);

  it("why nonces are in the IV: the same nonce twice gives u xor u' = beta xor beta' to the sender", () => {
    const nonce = random(32);
    const [first, second] = [extend(nonce), extend(nonce)];
    const leaked = exclusiveOr(rowsOf(first.message), rowsOf(second.message));
    const difference = exclusiveOr(first.extension.beta, second.extension.beta);
    expect(leaked).toEqual(Buffer.concat(Array.from({ length: 128 }, () => difference)));
  });

  it('with fresh nonces no row gives the difference of the choices', () => {
    const [first, second] = [extend(random(32)), extend(random(32))];
    const leaked = exclusiveOr(rowsOf(first.message), rowsOf(second.message));
    const difference = exclusiveOr(first.extension.beta, second.extension.beta);
    for (let m = 0; m < 128; m++)
      expect(leaked.subarray(112 * m, 112 * (m + 1)).equals(difference)).toBe(false);
  });

  it("why nu_i is in the output hash: without it atilde - atilde' = r_i - r_i', with it nothing", () => {
    const { send, run: sender } = openRun('sender', 1);
    const other = { ...sender.context, senderNonce: random(32) };
    const difference = (x: RvoleMessage, y: RvoleMessage) => mod(firstEntry(x) - firstEntry(y));
    const one = send(0, [1000n, 4n]).message;
    expect(difference(one, send(0, [600n, 4n]).message)).toBe(400n);
    const cipher = correlationCipher(other);
    const fresh = send(0, [600n, 4n], { ...sender, context: other, encrypt: cipher }).message;
    expect(difference(one, fresh)).not.toBe(400n);
  });
});

function firstEntry({ atilde }: RvoleMessage): bigint {
  return scalarFromBytes(Buffer.from(atilde.subarray(0, 32)).reverse());
}
