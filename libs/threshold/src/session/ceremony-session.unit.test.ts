import { InvalidInput } from '../errors';
import { parseFrame } from './frame';
import { createKeygenSession } from '../keygen/keygen';
import { DealingCeremony } from '../dealing/ceremony';
import { keygenContext } from '../keygen/context';
import { keygenDealing } from '../keygen/dealing';
import { ecdsaShare } from '../keygen/key-share';
import {
  type Advance,
  type Ceremony,
  createSession,
  type RoundPayloads,
  type SessionConfig,
} from './session';
import { keygenSessions, keygenStart, runSessions, testParties } from '../testing/ceremony-network';

/** A ceremony that sends other payloads than the honest one would; the session encrypts and signs them. */
function dishonest<R, P>(
  ceremony: Ceremony<R, P>,
  change: (round: number, payloads: RoundPayloads) => RoundPayloads,
): Ceremony<R, P> {
  return {
    rounds: ceremony.rounds,
    begin: (exchangeKey) => change(1, ceremony.begin(exchangeKey)),
    advance: (round, messages): Advance<R, P> => {
      const advance = ceremony.advance(round, messages);
      if (advance.kind !== 'send') return advance;
      return { ...advance, payloads: change(round + 1, advance.payloads) };
    },
    wipe: () => ceremony.wipe(),
  };
}

/** What party 1 concludes when party 2's direct message of the round has an invalid point at the offset. */
function outcomeOfInvalidPoint(round: number, offset: number) {
  const parties = testParties(2);
  const [, cheater] = parties;
  if (!cheater) throw new Error('two parties');
  const start = keygenStart(parties, 2);
  const config: SessionConfig = { start, ...cheater };
  const dealing = keygenDealing(keygenContext(start, config, ecdsaShare(1)));
  const ceremony = dishonest(new DealingCeremony(dealing), (sent, payloads) => {
    const message = payloads.p2p?.get(1);
    if (sent === round && message)
      Buffer.from(message.buffer, message.byteOffset).fill(0, offset, offset + 33);
    return payloads;
  });
  const sessions = keygenSessions(parties, 2).set(2, createSession(config, ceremony));
  return runSessions(sessions).outcomes.get(1);
}

describe('session (2)', () => {
  test.each([
    [2, 'keygen.r2.base-ot'],
    [3, 'keygen.r3.base-ot'],
  ])('an invalid base OT point inside encryption in round %i: only the victim can tell', (round, check) => {
    for (const offset of [0, 33, 8448 - 33]) {
      expect(outcomeOfInvalidPoint(round, offset)).toMatchObject({
        kind: 'failure',
        failure: { failureClass: 'IDENT-P', check, accused: 2 },
      });
    }
  });

  test('starts once, and not after an abort', () => {
    const parties = testParties(2);
    const [party] = parties;
    if (!party) throw new Error('a party');
    const session = createKeygenSession({ start: keygenStart(parties, 2), ...party });
    session.start();
    expect(() => session.start()).toThrow(InvalidInput);
    session.abort();
    expect(() => session.start()).toThrow(InvalidInput);
  });

  test('frames that come before the start are held', () => {
    const [first, second] = keygenSessions(testParties(2), 2).values();
    const early = second?.start().outgoing[0]?.frame ?? Buffer.alloc(0);
    expect(first?.receive(early)).toEqual({ outgoing: [] });
    const rounds = first?.start().outgoing.map(({ frame }) => parseFrame(frame)?.round);
    expect(rounds).toEqual([1, 2, 2]);
  });

  test('after the end nothing changes', () => {
    const sessions = keygenSessions(testParties(2), 2);
    const { sent } = runSessions(sessions);
    for (const { to, frame } of sent) {
      expect(sessions.get(to)?.receive(frame)).toEqual({ outgoing: [], dropped: 'ended' });
    }
  });

  test('messages of one session mean nothing in another', () => {
    const { sent } = runSessions(keygenSessions(testParties(2), 2));
    const parties = testParties(2);
    const start = { ...keygenStart(parties, 2), rnd: Buffer.alloc(32, 1) };
    const [party] = parties;
    if (!party) throw new Error('a party');
    const session = createKeygenSession({ start, ...party });
    session.start();
    for (const { frame } of sent.filter(({ to }) => to === 1)) {
      expect(session.receive(frame)).toEqual({ outgoing: [], dropped: 'other-session' });
    }
  });
});
