/** What holds of an intent's events, whatever happens in whatever order (submitter.md, invariants). */
import fc from 'fast-check';
import { type IntentCommand } from '../commands';
import { type IntentEvent, intentEventSchema } from '../events';
import { evolve } from '../evolve';
import { type IntentState, unknownIntent } from '../intent';
import { decide } from './decide';

const now = Date.parse('2026-12-01T12:00:00Z');
const small = fc.integer({ min: 0, max: 3 });
const requestId = small.map((n) => `r${n}`);
const hash = small.map((n) => `0xa${n}`);
const block = small.map((n) => ({ number: String(100 + n), hash: `0xb${n}` }));
const fee = fc.integer({ min: 1, max: 40 }).map(String);
const code = fc.constantFrom('policy', 'invalid', 'failed', 'no-quorum', 'expired');
const rule = fc.constantFrom(undefined, 'nonce-bound', 'destination');
const priced = { gasLimit: fc.constant('21000'), maxFeePerGas: fee, maxPriorityFeePerGas: fee, requestId };

/** Two rungs above the usual first transaction. */
const ladder = [1, 2].map((n) => ({
  ...{ gasLimit: '21000', maxFeePerGas: String(2 + 2 * n), maxPriorityFeePerGas: String(1 + n) },
  ...{ digest: `0xa${n}`, requestId: `r${n}` },
}));

const usual: fc.Arbitrary<IntentCommand> = fc.oneof(
  fc.record({
    ...{ kind: fc.constant('receive' as const), intentHash: fc.constantFrom('0x01', '0x02') },
    ...{ value: fc.constant('e30='), jws: fc.constant('a..b'), approvals: fc.constant<string[]>([]) },
    ...{ now: fc.constant(now), servedChainId: fc.constant('31337') },
    terms: fc.constant({ keyId: 'k', chainId: '31337', confirmations: 2, expiresAt: '2026-12-01T12:10:00Z' }),
  }),
  fc.constant({ kind: 'authorize' as const, key: { found: true as const, from: '0xf0' } }),
  fc.record({
    ...{ kind: fc.constant('reserve' as const), nonce: small.map(String), digest: hash, ...priced },
    rungs: fc.constantFrom([], ladder),
  }),
  fc.record({ kind: fc.constant('climb' as const), attempt: small, reason: fc.constant('stale') }),
  fc.record({
    ...{ kind: fc.constant('replace' as const), attempt: small, reason: fc.constant('stale') },
    ...{ attemptKind: fc.constantFrom('payload' as const, 'cancel' as const), digest: hash, ...priced },
  }),
  fc.record({ kind: fc.constant('accept-signature' as const), attempt: small, requestId, hash }),
  fc.record({
    ...{ kind: fc.constant('adopt-signature' as const), attempt: small, requestId },
    ...{ hash: fc.constantFrom('0xc0', '0xc1'), gasLimit: fc.constant('21000') },
  }),
  fc.record({ kind: fc.constant('ask-again' as const), attempt: small, try: small, requestId }),
  fc.record({
    kind: fc.constant('park' as const),
    code: fc.constantFrom('funds', 'fees'),
    reason: fc.constant('x'),
  }),
  fc.record({
    ...{
      kind: fc.constant('amend' as const),
      amendmentHash: hash,
      value: fc.constant('e30='),
      jws: fc.constant('a..b'),
    },
    cancel: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('note-broadcast' as const), hash }),
  fc.record({
    ...{ kind: fc.constant('note-inclusion' as const), hash, block, gasUsed: fc.constant('1') },
    ...{
      status: fc.constantFrom('success' as const, 'reverted' as const),
      effectiveGasPrice: fc.constant('1'),
    },
  }),
  fc.record({ kind: fc.constant('note-reorg' as const), blockHash: block.map((one) => one.hash) }),
  fc.record({
    ...{ kind: fc.constant('note-head' as const), blockHash: block.map((one) => one.hash) },
    ...{ headNumber: fc.integer({ min: 99, max: 110 }), finalizedNumber: fc.integer({ min: 90, max: 105 }) },
  }),
);

/** What often ends a story. */
const rare: fc.Arbitrary<IntentCommand> = fc.oneof(
  fc.record({
    ...{ kind: fc.constant('refuse-signature' as const), requestId, code, rule },
    reason: fc.constantFrom('no', 'why', 'then'),
    ...{ mayBeSigned: fc.boolean(), now: fc.constantFrom(now, now + 900_000) },
  }),
  fc.constant({ kind: 'request-cancel' as const, by: 'operator' }),
  fc.constant({ kind: 'close' as const, code: 'too-large', reason: 'why' }),
  fc.constant({ kind: 'give-up' as const, code: 'expired', reason: 'late' }),
  fc.constant({ kind: 'note-superseded' as const, reason: 'foreign' }),
);
const filler = fc.constant({
  ...{ kind: 'fill' as const, keyId: 'k', chainId: '31337', from: '0xf0', nonce: '7', instead: 'tx:alice:i' },
});
const command = fc.oneof(
  { arbitrary: filler, weight: 1 },
  { arbitrary: usual, weight: 12 },
  { arbitrary: rare, weight: 1 },
);

/** The command as it would come from parts that know the state: at random alone, hardly any would fit. */
function aimed(command: IntentCommand, state: IntentState): IntentCommand {
  if (state.stage !== 'active') return command;
  const { attempts, requests, inclusion, ending } = state;
  /** One of the open requests, as the command's own number says. */
  const open = (number: number) => requests[number % requests.length];
  const n = attempts.length;
  const signed = attempts.findLast((attempt) => attempt.hash !== undefined)?.hash;
  switch (command.kind) {
    case 'accept-signature':
      return { ...command, ...open(command.attempt), hash: `0xa${open(command.attempt)?.attempt}` };
    case 'adopt-signature':
      return { ...command, attempt: command.attempt % Math.max(1, n) };
    case 'refuse-signature':
      return { ...command, requestId: open(command.reason.length)?.requestId ?? '' };
    case 'ask-again':
      return {
        ...command,
        attempt: open(command.attempt)?.attempt ?? 0,
        try: (open(command.attempt)?.try ?? 0) + 1,
      };
    case 'replace': {
      const highest = Math.max(0, ...attempts.map(({ maxFeePerGas }) => Number(maxFeePerGas)));
      const more = { maxFeePerGas: String(highest + 2), maxPriorityFeePerGas: String(highest + 1) };
      const attemptKind = ending === undefined ? ('payload' as const) : ('cancel' as const);
      return { ...command, ...more, attempt: n, attemptKind, requestId: `r${n}` };
    }
    case 'note-broadcast':
    case 'note-inclusion':
      return { ...command, hash: signed ?? command.hash };
    case 'note-reorg':
    case 'note-head':
      return { ...command, blockHash: inclusion?.block.hash ?? command.blockHash };
    default:
      return command;
  }
}

/** Most stories begin well, or nearly all commands would come too early. */
const beginning: IntentCommand[] = [
  {
    ...{
      kind: 'receive',
      intentHash: '0x01',
      value: 'e30=',
      jws: 'a..b',
      approvals: [],
      now,
      servedChainId: '31337',
    },
    terms: { keyId: 'k', chainId: '31337', confirmations: 2, expiresAt: '2026-12-01T12:10:00Z' },
  },
  { kind: 'authorize', key: { found: true, from: '0xf0' } },
  {
    ...{ kind: 'reserve', nonce: '7', digest: '0xa0', requestId: 'r0' },
    ...{ gasLimit: '21000', maxFeePerGas: '2', maxPriorityFeePerGas: '1' },
  },
];
/** Half of them with a ladder. */
const begin = (count: number, isLadder: boolean) =>
  beginning
    .slice(0, count)
    .map((one): IntentCommand => (one.kind === 'reserve' && isLadder ? { ...one, rungs: ladder } : one));
const story = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.array(fc.record({ command, isAimed: fc.boolean() }), { minLength: 20, maxLength: 60, size: 'max' }),
  )
  .map(([begun, isLadder, rest]) => [
    ...begin(begun, isLadder).map((one) => ({ command: one, isAimed: false })),
    ...rest,
  ]);
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

interface Told {
  events: IntentEvent[];
  states: IntentState[];
}

function tell(commands: Story): Told {
  const told: Told = { events: [], states: [] };
  let state = unknownIntent;
  for (const { command: one, isAimed } of commands) {
    for (const event of decide(isAimed ? aimed(one, state) : one, state)) {
      state = evolve(state, event);
      told.events.push(event);
      told.states.push(state);
    }
  }
  return told;
}

const holds = (check: (told: Told) => void): void =>
  fc.assert(
    fc.property(story, (commands) => check(tell(commands))),
    { numRuns: 3000 },
  );

const ofType = <Type extends IntentEvent['type']>(events: IntentEvent[], type: Type) =>
  events.filter((event): event is Extract<IntentEvent, { type: Type }> => event.type === type);

describe('whatever happens to an intent', () => {
  it('is told in stories that have every kind of event in them', () => {
    const told = fc.sample(story, { numRuns: 3000, seed: 6 }).flatMap((commands) => tell(commands).events);
    const types = intentEventSchema.options.map(({ shape }) => shape.type.value);
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(types));
  });

  it('has one nonce for ever (I1)', () =>
    holds(({ events }) =>
      expect(ofType(events, 'quorate.tx.nonce-reserved.v1').length).toBeLessThanOrEqual(1),
    ));

  it('sends nothing that was not signed and stored before (I3)', () =>
    holds(({ events }) => {
      const signed = new Set<string>();
      for (const event of events) {
        if (event.type === 'quorate.tx.signed.v1') signed.add(event.data.hash);
        if (event.type === 'quorate.tx.broadcast.v1') expect(signed).toContain(event.data.hash);
        if (event.type === 'quorate.tx.included.v1') expect(signed).toContain(event.data.hash);
      }
    }));

  it('sends no rung of a ladder once it is to be cancelled (I4)', () =>
    holds(({ events }) => {
      const end = events.findIndex(({ type }) => type === 'quorate.tx.cancel-requested.v1');
      const since = end < 0 ? [] : ofType(events.slice(end), 'quorate.tx.replaced.v1');
      expect(since.every(({ data }) => data.kind === 'cancel')).toBe(true);
    }));

  it('asks for no payload once it is to be cancelled, and for no cancel before (I4)', () =>
    holds(({ events }) => {
      let isEnding = false;
      const requested = ofType(events, 'quorate.tx.signature-requested.v1');
      const asked = new Set(requested.map(({ data }) => data.attempt));
      for (const event of events) {
        if (event.type === 'quorate.tx.cancel-requested.v1' || event.type === 'quorate.tx.filler-created.v1')
          isEnding = true;
        if (event.type === 'quorate.tx.priced.v1' && asked.has(event.data.attempt))
          expect(event.data.kind === 'cancel').toBe(isEnding);
      }
    }));

  it('is over only by the block that holds it, when that is final, and tells its client first (I5)', () =>
    holds(({ events, states }) => {
      events.forEach((event, i) => {
        if (event.type !== 'quorate.tx.finalized.v1') return;
        const before = states[i - 1];
        expect(before).toMatchObject({
          ...{
            stage: 'active',
            inclusion: { hash: event.data.hash, block: event.data.block, isConfirmed: true },
          },
        });
        expect(states[i]?.stage).toBe('ended');
      });
    }));

  it('pays more with every transaction that it sends (I7)', () =>
    holds(({ states }) => {
      for (const state of states) {
        if (state.stage !== 'active') continue;
        const kept = state.attempts.filter(
          ({ dropped, isHeld }) => dropped === undefined && isHeld === undefined,
        );
        kept.slice(1).forEach((attempt, i) => {
          expect(BigInt(attempt.maxFeePerGas)).toBeGreaterThan(BigInt(kept[i]?.maxFeePerGas ?? 0));
          expect(BigInt(attempt.maxPriorityFeePerGas)).toBeGreaterThan(
            BigInt(kept[i]?.maxPriorityFeePerGas ?? 0),
          );
        });
      }
    }));

  it('fails, and gives its nonce back, only while nothing of it is signed', () =>
    holds(({ events, states }) => {
      events.forEach((event, i) => {
        if (event.type !== 'quorate.tx.failed.v1' || event.data.hash !== undefined) return;
        const before = states[i - 1];
        if (before?.stage === 'active')
          expect(before.attempts.every((attempt) => attempt.hash === undefined)).toBe(true);
      });
    }));

  it('does nothing after its end but refuse', () =>
    holds(({ events, states }) => {
      const end = states.findIndex(({ stage }) => stage === 'ended');
      if (end < 0) return;
      expect(events.slice(end + 1).every(({ type }) => type === 'quorate.tx.rejected.v1')).toBe(true);
    }));
});
