import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ed25519FrameSigner, encodeFrame, type FrameSigner, parseFrame } from '../session/frame';
import { type ProtocolFailure } from '../errors';
import { createKeygenSession, createSchnorrKeygenSession } from '../keygen/keygen';
import {
  type KeyShare,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
} from '../keygen/key-share';
import { type RandomSource } from '../random';
import { type Session, type SessionOutcome } from '../session/session';
import { type KeygenStart, type Participant } from '../session/session-start';
import { type SchnorrSuiteId, type SuiteId } from '../suite';
import { seededRandom } from './seeded-random';

/** A party of a test: identity, randomness. */
export interface TestParty extends Participant {
  readonly sign: FrameSigner;
  readonly random: RandomSource;
}

/** n parties with deterministic identities and randomness. */
export function testParties(n: number, seed = 'test'): TestParty[] {
  return Array.from({ length: n }, (_, k) => {
    const index = k + 1;
    const random = seededRandom(`${seed}/${index}`);
    const privateKey = ed25519PrivateKey(random(32));
    return {
      index,
      identityKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32),
      bootId: random(16),
      sign: ed25519FrameSigner(privateKey),
      random,
    };
  });
}

/** The start of a key generation of these parties. */
export function keygenStart(
  parties: readonly TestParty[],
  threshold: number,
  suite: SuiteId = 1,
): KeygenStart {
  return {
    suite,
    purpose: 'dkg',
    epoch: 0,
    threshold,
    parties: parties.length,
    participants: parties.map(({ index, identityKey, bootId }) => ({ index, identityKey, bootId })),
    notAfter: 1_800_000_000,
    rnd: seededRandom('rnd')(32),
  };
}

/** Changes, drops (`[]`) or multiplies a frame on its way. */
export type Tamper = (frame: Buffer, from: number, to: number) => Buffer[];

export interface Run<R, P> {
  readonly outcomes: Map<number, SessionOutcome<R>>;
  readonly pending: Map<number, P>;
  /** Every frame that was sent, with its receiver. */
  readonly sent: { readonly from: number; readonly to: number; readonly frame: Buffer }[];
}

/** Which of the waiting frames is delivered next: an index below their number. */
export type Order = (waiting: number) => number;

/** Delivers all frames among sessions until none is left; without `order` in the order in which they were sent. */
export function runSessions<R, P>(
  sessions: ReadonlyMap<number, Session<R, P>>,
  tamper: Tamper = (frame) => [frame],
  order: Order = () => 0,
): Run<R, P> {
  const run: Run<R, P> = { outcomes: new Map(), pending: new Map(), sent: [] };
  const queue: { from: number; to: number; frame: Buffer }[] = [];
  const take = (from: number, step: ReturnType<Session<R, P>['start']>) => {
    if (step.pending !== undefined) run.pending.set(from, step.pending);
    if (step.outcome) run.outcomes.set(from, step.outcome);
    for (const { to, frame } of step.outgoing) {
      const receivers = to === 'all' ? [...sessions.keys()].filter((party) => party !== from) : [to];
      for (const receiver of receivers) {
        run.sent.push({ from, to: receiver, frame });
        for (const delivered of tamper(frame, from, receiver))
          queue.push({ from, to: receiver, frame: delivered });
      }
    }
  };
  for (const [party, session] of sessions) take(party, session.start());
  while (queue.length > 0) {
    const [next] = queue.splice(order(queue.length), 1);
    if (!next) throw new RangeError('order is out of range');
    const session = sessions.get(next.to);
    if (session) take(next.to, session.receive(next.frame));
  }
  return run;
}

/** A frame as its sender could have signed it with another payload. */
export function resigned(frame: Buffer, party: TestParty, change: (payload: Buffer) => Buffer): Buffer {
  const parsed = parseFrame(frame);
  if (!parsed) throw new Error('not a frame');
  return encodeFrame(parsed, change(Buffer.from(parsed.payload)), party.sign);
}

/** Key generation sessions of all parties. */
export function keygenSessions(
  parties: readonly TestParty[],
  threshold: number,
): Map<number, Session<KeyShare, PendingKeyShare>> {
  const start = keygenStart(parties, threshold);
  return new Map(
    parties.map(({ index, sign, random }) => [index, createKeygenSession({ start, index, sign, random })]),
  );
}

/** The same for FROST: quick, as it has no base OTs. */
export function schnorrKeygenSessions(
  parties: readonly TestParty[],
  threshold: number,
  suite: SchnorrSuiteId = 3,
): Map<number, Session<SchnorrKeyShare, PendingSchnorrKeyShare>> {
  const start = keygenStart(parties, threshold, suite);
  return new Map(
    parties.map(({ index, sign, random }) => [
      index,
      createSchnorrKeygenSession({ start, index, sign, random }),
    ]),
  );
}

/** Key shares of a run without faults, by party. */
export function generateKey(threshold: number, n: number, seed = 'test'): Map<number, KeyShare> {
  return resultsOf(runSessions(keygenSessions(testParties(n, seed), threshold)));
}

/** Key shares for FROST of a run without faults, by party. */
export function generateSchnorrKey(
  threshold: number,
  n: number,
  suite: SchnorrSuiteId = 3,
): Map<number, SchnorrKeyShare> {
  return resultsOf(runSessions(schnorrKeygenSessions(testParties(n), threshold, suite)));
}

/** The results of a run in which nobody failed. */
export function resultsOf<R, P>({ outcomes }: Run<R, P>): Map<number, R> {
  return new Map(
    [...outcomes].map(([party, outcome]) => {
      if (outcome.kind === 'failure') throw outcome.failure;
      return [party, outcome.value];
    }),
  );
}

/** The failures of a run, by party. */
export function failuresOf<R, P>({ outcomes }: Run<R, P>): Map<number, ProtocolFailure> {
  return new Map(
    [...outcomes].flatMap(([party, outcome]) =>
      outcome.kind === 'failure' ? [[party, outcome.failure] as const] : [],
    ),
  );
}

function ed25519PrivateKey(secret: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
