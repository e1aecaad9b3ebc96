import fc from 'fast-check';
import { ProtocolFailure } from '../errors';
import { mod, scalarToBytes } from '../group/scalar';
import { reshareContext } from '../reshare/context';
import { parseFrame } from '../session/frame';
import { groupOf } from '../suite';
import {
  generateSchnorrKey,
  resigned,
  runSessions,
  schnorrKeygenSessions,
  type Tamper,
  testParties,
} from '../testing/ceremony-network';
import { reshareConfig, reshareSessions } from '../testing/reshare-network';
import { identityOf } from '../testing/trusted-dealer';
import { aggregateShare } from './shares';

/** The cheater signs whatever bytes, of the right length or not, in place of one of its messages. */
const noise = fc.record({
  round: fc.integer({ min: 1, max: 4 }),
  at: fc.nat(500),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.constantFrom(...[0, 1, 0xff].map((value) => new Uint8Array(33).fill(value))),
  ),
  cut: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(40)),
});

function noisy({
  round,
  at,
  bytes,
  cut,
}: {
  round: number;
  at: number;
  bytes: Uint8Array;
  cut: number;
}): Tamper {
  const cheater = identityOf(3);
  const change = (payload: Buffer) => {
    const offset = at % payload.length;
    payload.set(bytes.subarray(0, payload.length - offset), offset);
    return payload.subarray(0, payload.length - cut);
  };
  return (frame, from) => {
    const parsed = parseFrame(frame);
    const isTarget = from === 3 && parsed?.round === round && parsed.payload.length > cut;
    return [isTarget ? resigned(frame, cheater, change) : frame];
  };
}

describe.each([3, 4] as const)('dealings of suite %i', (suite) => {
  const group = groupOf(suite);
  const key = generateSchnorrKey(2, 3, suite);
  const plan = { dealers: [1, 2, 3], threshold: 2, receivers: [2, 3, 4] };

  test('whatever a party signs, nobody throws, and nobody accuses an honest party', () => {
    fc.assert(
      fc.property(noise, fc.boolean(), (change, isReshare) => {
        const run = isReshare
          ? runSessions(reshareSessions(key, plan), noisy(change))
          : runSessions(schnorrKeygenSessions(testParties(3), 2, suite), noisy(change));
        for (const [party, outcome] of run.outcomes) {
          if (party === 3 || outcome.kind === 'result') continue;
          expect([3, undefined]).toContain(outcome.failure.accused);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['a share of zero', [0n, 77n]],
    ['nothing but shares of zero, but for one', [0n, 0n, 77n]],
    ['shares that cancel each other', [5n, -5n, 77n]],
    ['a partial sum of zero', [5n, -2n, -3n, 77n]],
  ])('%s, from dealers who aim at that, changes nothing: the sum is what counts', (_, values) => {
    const context = reshareContext(reshareConfig(key, plan, 4));
    const terms = values.map((value) => scalarToBytes(mod(value, group.order)));
    const expected = scalarToBytes(77n);
    expect(aggregateShare(context, terms, group.multiplyBase(expected))).toEqual(expected);
    expect(() => aggregateShare(context, terms, group.multiplyBase(scalarToBytes(78n)))).toThrow(
      new ProtocolFailure('UNATTRIBUTED', 'reshare.r3.own-share'),
    );
  });
});
