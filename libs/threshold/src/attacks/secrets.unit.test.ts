/** Secrets in errors, outcomes and memory (threats 22; specification section 16, robustness). */
import { inspect } from 'node:util';
import { InvalidInput, ProtocolFailure } from '../errors';
import { decodeKeyShare, encodeKeyShare } from '../keygen/key-share-codec';
import { kernelInstance } from '../multiplication/kernel/kernel-module';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { presignContext } from '../presign/context';
import { createPairJudge } from '../presign/pair-judge';
import { beginRound1, wipeRound1 } from '../presign/round1';
import { answerRound1, wipeRound2 } from '../presign/round2';
import { parseFrame } from '../session/frame';
import { onlineShare } from '../sign/online';
import { resigned, runSessions } from '../testing/ceremony-network';
import { presignSessions, presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { combined, copyPresignatures, onlineShares, requestFor } from '../testing/signing-harness';
import { dealKey, identityOf } from '../testing/trusted-dealer';

const { secretKey, shares } = dealKey(2, 3, seededRandom('secrets'));
const start = presignStart(shares, [1, 2], 1);
const SEED = 'secrets';

/** What party 1 draws and derives in a session with this seed, as its generator repeats it. */
function stateOf(index: number) {
  const key = shares.get(index);
  if (!key) throw new RangeError('no share');
  const random = seededRandom(`${SEED}/${index}`);
  const judge = createPairJudge(new Set(), () => undefined);
  const context = presignContext(start, index, { key, random, kernel: wasmKernel, judge });
  const exchangeSecret = random(32);
  return { context, exchangeSecret, ...beginRound1(context, exchangeSecret) };
}

/** Every secret of both parties in the session: of the key, of the pairs and of the run. */
const secrets: Buffer[] = [1, 2].flatMap((index) => {
  const key = shares.get(index);
  const { state, exchangeSecret } = stateOf(index);
  const pairs = [...(key?.pairs.values() ?? [])].flatMap(({ asSender, asReceiver, zeroSeed }) => [
    asSender.nabla,
    zeroSeed,
    ...[asSender.seeds, asReceiver.seeds0, asReceiver.seeds1].flatMap((list) =>
      Array.from({ length: 128 }, (_, m) => list.subarray(32 * m, 32 * (m + 1))),
    ),
  ]);
  const run = [...state.extensions.values()].map((it) => it.secrets.beta.subarray(0, 32));
  return [key?.share ?? fail(), exchangeSecret, ...pairs, ...state.r, ...state.phi, ...run].map((it) =>
    Buffer.from(it),
  );
});

function fail(): never {
  throw new RangeError('missing');
}

/** Every secret as a log could spell it. */
const SPELLINGS = secrets.flatMap((secret) => [
  secret.toString('hex'),
  secret.toString('base64').replaceAll('=', '').toLowerCase(),
  secret.toString('base64url').toLowerCase(),
  BigInt(`0x${secret.toString('hex')}`).toString(),
  [...secret].join(''),
]);

/** Secrets that a text shows, in any of their spellings. */
function shownIn(text: string): string[] {
  const squeezed = text.replaceAll(/[\s,]+/g, '').toLowerCase();
  return SPELLINGS.filter((spelling) => squeezed.includes(spelling));
}

/** Everything that logging an error can print. */
function printed(error: unknown): string {
  const shown = inspect(error, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null });
  const text = error instanceof Error ? `${error.message} ${error.stack ?? ''}` : '';
  return [text, shown, JSON.stringify(error), String(error)].join(' ');
}

const flipAt = (position: number) => (bytes: Buffer) => {
  bytes[position] = (bytes[position] ?? 0) ^ 1;
  return bytes;
};

/** Sessions of parties 1 and 2 in which party 2 alters one of its messages to party 1. */
function failing(round: number, isDirect: boolean, change: (payload: Buffer) => Buffer) {
  const run = runSessions(presignSessions(shares, [1, 2], 1, SEED), (frame, from) => {
    const header = parseFrame(frame);
    const isIt = from === 2 && header?.round === round && (header.to === 1) === isDirect;
    return [isIt ? resigned(frame, identityOf(2), change) : frame];
  });
  return run.outcomes.get(1);
}

describe('secrets never in errors', () => {
  it('the search finds a secret in any of its spellings', () => {
    const [secret] = secrets;
    if (!secret) throw new RangeError('no secrets');
    for (const text of [
      secret.toString('hex'),
      secret.toString('base64'),
      inspect(secret),
      JSON.stringify(secret),
    ]) {
      expect(shownIn(`error: ${text}!`)).not.toEqual([]);
    }
    expect(secrets.length).toBeGreaterThan(1500);
  });

  it.each([
    ['u altered (BAN)', 1, true, flipAt(400)],
    ['pair counter (CONFIG)', 1, true, flipAt(3)],
    ['commitment (AGREE)', 1, false, flipAt(70)],
    ['h1 (AGREE)', 2, false, flipAt(0)],
    ['salt (IDENT)', 2, false, flipAt(66)],
    ['point (IDENT)', 2, false, (b: Buffer) => Buffer.from(b.fill(0, 32, 65))],
    ['AEAD (IDENT-P)', 2, true, flipAt(10)],
    ['h2 (AGREE)', 3, false, flipAt(0)],
    ['AEAD of psi (IDENT-P)', 3, true, flipAt(0)],
  ] as const)('%s', (_name, round, isDirect, change) => {
    const outcome = failing(round, isDirect, change);
    if (outcome?.kind !== 'failure') throw new Error('the session must fail');
    expect(shownIn(printed(outcome.failure) + printed(outcome))).toEqual([]);
    for (const frame of outcome.failure.evidence) {
      expect(secrets.filter((secret) => frame.includes(secret))).toEqual([]);
    }
  });

  it('errors of decoders, of the online phase and of the combiner', () => {
    const errors: unknown[] = [];
    const capture = (action: () => unknown) => {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    };
    const encoded = encodeKeyShare(shares.get(1) ?? fail());
    for (let at = 0; at < 200; at += 5) capture(() => decodeKeyShare(flipAt(at)(Buffer.from(encoded))));
    capture(() => decodeKeyShare(encoded.subarray(1)));
    const { outcomes } = runSessions(presignSessions(shares, [1, 2], 1, SEED));
    const batches = new Map(
      [...outcomes].flatMap(([k, it]) => (it.kind === 'result' ? [[k, it.value] as const] : [])),
    );
    const signers = copyPresignatures(batches, 0);
    const request = requestFor(secretKey, [1, 2], Buffer.alloc(32, 1));
    const online = onlineShares(signers, request);
    capture(() => onlineShare(signers.get(1) ?? fail(), request));
    capture(() => combined(signers, requestFor(secretKey, [1, 2], Buffer.alloc(32, 2)), online));
    capture(() => combined(signers, request, new Map()));
    expect(errors.length).toBeGreaterThan(20);
    const isTyped = (error: unknown) => error instanceof InvalidInput || error instanceof ProtocolFailure;
    expect(errors.every(isTyped)).toBe(true);
    expect(shownIn(errors.map(printed).join(' | '))).toEqual([]);
  });

  it('no frame of an honest run shows a secret', () => {
    const { sent } = runSessions(presignSessions(shares, [1, 2], 1, SEED));
    for (const { frame } of sent) expect(secrets.filter((secret) => frame.includes(secret))).toEqual([]);
  });
});

describe('memory after the end', () => {
  const isZero = (bytes: Buffer) => bytes.every((byte) => byte === 0);

  /** What one party drew, and how often each length came before. */
  function drawnIn(end: 'result' | 'failure' | 'abort'): Buffer[] {
    const drawn: Buffer[] = [];
    const sessions = presignSessions(shares, [1, 2], 1, SEED, (index) => {
      const random = seededRandom(`${SEED}/${index}`);
      return {
        random: (bytes) => {
          const fresh = random(bytes);
          if (index === 1) drawn.push(fresh);
          return fresh;
        },
      };
    });
    if (end === 'abort') {
      sessions.get(1)?.start();
      sessions.get(1)?.abort();
    } else {
      runSessions(sessions, (frame, from) => {
        const isBad = end === 'failure' && from === 2 && parseFrame(frame)?.round === 2;
        return [isBad ? resigned(frame, identityOf(2), flipAt(0)) : frame];
      });
    }
    return drawn;
  }

  it.each(['result', 'failure', 'abort'] as const)(
    '%s: exchange key, hedge bytes and choice bits are wiped',
    (end) => {
      const [exchangeKey, nonce, salt, forR, forPhi, beta] = drawnIn(end);
      const secretDraws = [exchangeKey, forR, forPhi, beta].map((it) => it && isZero(it));
      expect(secretDraws).toEqual([true, true, true, true]);
      expect([nonce, salt].map((it) => it && isZero(it))).toEqual([false, false]);
    },
  );

  it('the states of rounds 1 and 2 hold nothing after they are wiped', () => {
    const [own, peer] = [stateOf(1), stateOf(2)];
    const { state } = answerRound1(own.context, own.state, {
      broadcast: (from) => Buffer.from(from === 1 ? own.payloads.broadcast : peer.payloads.broadcast),
      direct: () => Buffer.from(peer.payloads.p2p?.get(1) ?? []),
      frame: () => Buffer.alloc(0),
    });
    const held = [
      state.sk,
      ...state.terms.flatMap(({ u, v }) => [...u, ...v]),
      ...own.state.r,
      ...own.state.phi,
      ...[...own.state.extensions.values()].flatMap(({ secrets: it }) => [it.beta, it.columns]),
    ];
    expect(held.some(isZero)).toBe(false);
    wipeRound1(own.state);
    wipeRound2(state);
    expect(held.every(isZero)).toBe(true);
  });

  it('the memory of the kernel holds no secret after a run, nor after a failed one', () => {
    runSessions(presignSessions(shares, [1, 2], 1, SEED));
    const { memory } = kernelInstance();
    const littleEndian = (secret: Buffer) => Buffer.from(secret).reverse();
    const found = () =>
      secrets.filter((secret) => memory.includes(secret) || memory.includes(littleEndian(secret)));
    expect(found()).toEqual([]);
    failing(1, true, flipAt(400));
    expect(found()).toEqual([]);
    failing(2, true, flipAt(10));
    expect(found()).toEqual([]);
  });
});

describe('fault injection: drop each message', () => {
  it('no presignature is produced by only a part of S that is later usable', () => {
    const committee = [1, 2, 3];
    const request = requestFor(secretKey, committee, Buffer.alloc(32, 4));
    const partial: number[] = [];
    for (let lost = 0; lost < 36; lost++) {
      let sent = 0;
      const sessions = presignSessions(shares, committee, 1, `lost ${lost}`);
      const { outcomes } = runSessions(sessions, (frame) => (sent++ === lost ? [] : [frame]));
      const batches = new Map(
        [...outcomes].flatMap(([k, it]) => (it.kind === 'result' ? [[k, it.value] as const] : [])),
      );
      expect(sent).toBeGreaterThan(lost);
      expect(batches.size).toBeLessThan(3);
      if (batches.size === 0) continue;
      partial.push(batches.size);
      const signers = copyPresignatures(batches, 0);
      expect(() => combined(signers, request, onlineShares(signers, request))).toThrow(InvalidInput);
      const alone = { ...request, committee: [...batches.keys()] };
      const again = copyPresignatures(batches, 0);
      expect(() => combined(again, alone, onlineShares(again, alone))).toThrow(
        'UNATTRIBUTED: combine.signature',
      );
    }
    expect(partial.length).toBeGreaterThan(0); // in round 3 the others do finish
  });
});
