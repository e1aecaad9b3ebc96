import {
  type Amend,
  type IntentCommand,
  type Receive,
  type RefuseSignature,
  type Replace,
} from '../commands';
import { decide } from './decide';
import { type IntentEvent } from '../events';
import { evolve } from '../evolve';
import { unknownIntent } from '../intent';

const now = Date.parse('2026-12-01T12:00:00Z');
const expiresAt = '2026-12-01T12:10:00Z';
const [intentHash, otherHash, digest, hash] = ['0x01', '0x02', '0xd1', '0xaa'];
const from = '0x3535353535353535353535353535353535353535';
const block = { number: '100', hash: '0xb1' };

const receive: Receive = {
  ...{ kind: 'receive', intentHash, value: 'e30=', jws: 'a..b', approvals: [], now, servedChainId: '31337' },
  terms: { keyId: 'k_1', chainId: '31337', confirmations: 2, expiresAt },
};
const reserve: IntentCommand = {
  ...{ kind: 'reserve', nonce: '7', gasLimit: '21000', maxFeePerGas: '9', maxPriorityFeePerGas: '1' },
  ...{ digest, requestId: 'r0' },
};
const include: IntentCommand = {
  ...{ kind: 'note-inclusion', hash, block, status: 'success', gasUsed: '21000', effectiveGasPrice: '5' },
};
const refuse = (change: Partial<RefuseSignature> = {}): RefuseSignature => ({
  ...{ kind: 'refuse-signature', requestId: 'r0', code: 'failed', reason: 'why', mayBeSigned: true, now },
  ...change,
});

/** The events that commands lead to from the beginning. */
function given(...commands: IntentCommand[]) {
  const events: IntentEvent[] = [];
  let state = unknownIntent;
  for (const command of commands) {
    const decided = decide(command, state);
    events.push(...decided);
    state = decided.reduce(evolve, state);
  }
  return {
    state,
    events,
    when: (command: IntentCommand) => decide(command, state).map(({ type }) => type.split('.')[2]),
    decided: (command: IntentCommand) => decide(command, state),
  };
}

const received = [receive];
const authorize: IntentCommand = { kind: 'authorize', key: { found: true, from } };
const queued = [...received, authorize];
const signing = [...queued, reserve];
const signed = [...signing, { kind: 'accept-signature', attempt: 0, requestId: 'r0', hash } as const];
const broadcast = [...signed, { kind: 'note-broadcast', hash } as const];
const included = [...broadcast, include];
const head = (headNumber: number, finalizedNumber = 0): IntentCommand => ({
  ...{ kind: 'note-head', blockHash: block.hash, headNumber, finalizedNumber },
});
const confirmed = [...included, head(101)];
const finalized = [...confirmed, head(164, 100)];

/** The next transaction at the nonce. */
const replace = (change: Partial<Replace> = {}): Replace => ({
  ...{
    kind: 'replace',
    attempt: 1,
    attemptKind: 'payload',
    reason: 'stale',
    requestId: 'r1',
    digest: '0xd2',
  },
  ...{ gasLimit: '21000', maxFeePerGas: '12', maxPriorityFeePerGas: '3', ...change },
});
const cancel: IntentCommand = { kind: 'request-cancel', by: 'operator' };
const cancelling = [...broadcast, cancel, replace({ attemptKind: 'cancel' })];
const secondHash = '0xab';
const secondSigned = { kind: 'accept-signature', attempt: 1, requestId: 'r1', hash: secondHash } as const;

describe('an intent that arrives', () => {
  it('is requested, with the exact bytes', () => {
    expect(given().decided(receive)).toMatchObject([
      { type: 'quorate.tx.requested.v1', data: { value: 'e30=', jws: 'a..b' } },
    ]);
  });

  it('is rejected when it has expired or is for another chain', () => {
    expect(given().decided({ ...receive, now: now + 600_000 })[1]).toMatchObject({
      data: { code: 'expired' },
    });
    const elsewhere = { ...receive, servedChainId: '1' };
    expect(given().decided(elsewhere)[1]).toMatchObject({ data: { code: 'invalid', intentHash } });
    expect(given(elsewhere).state).toMatchObject({ stage: 'ended', end: 'rejected' });
  });

  it('changes nothing when it comes again, whatever happened since', () => {
    for (const past of [received, queued, signing, confirmed, finalized])
      expect(given(...past).when(receive)).toEqual([]);
  });

  it('is a conflict with other bytes, which leaves the first untouched', () => {
    const other = { ...receive, intentHash: otherHash };
    for (const past of [received, signing, confirmed, finalized]) {
      const before = given(...past);
      expect(before.decided(other)).toMatchObject([
        { type: 'quorate.tx.rejected.v1', data: { intentHash: otherHash, code: 'conflict' } },
      ]);
      expect(given(...past, other).state).toEqual(before.state);
    }
  });

  it('takes its identity only when it is valid', () => {
    const refused: IntentCommand = { kind: 'refuse', intentHash: otherHash, code: 'invalid', reason: 'bad' };
    expect(given(refused).state.stage).toBe('unknown');
    expect(given(refused).when(receive)).toEqual(['requested']);
  });
});

describe('an intent with a key', () => {
  it('is authorized once', () => {
    expect(given(...queued).state).toMatchObject({ stage: 'queued', from });
    expect(given(...queued).when(authorize)).toEqual([]);
  });

  it('is rejected when there is no such key', () => {
    const unknown: IntentCommand = {
      kind: 'authorize',
      key: { found: false, code: 'unknown-key', reason: 'who' },
    };
    expect(given(...received).when(unknown)).toEqual(['rejected']);
    expect(given(...received, unknown).state).toMatchObject({ stage: 'ended' });
  });
});

describe('a queued intent', () => {
  it('gets a nonce, a price and a request together', () => {
    expect(given(...queued).when(reserve)).toEqual(['nonce-reserved', 'priced', 'signature-requested']);
  });

  it('gets one nonce for ever', () => {
    for (const past of [signing, signed, broadcast, included, confirmed, finalized]) {
      expect(given(...past).when({ ...reserve, nonce: '8' })).toEqual([]);
    }
  });

  it('can be given up, but not once it has a nonce', () => {
    const giveUp: IntentCommand = { kind: 'give-up', code: 'expired', reason: 'late' };
    expect(given(...queued).when(giveUp)).toEqual(['failed']);
    expect(given(...signing).when(giveUp)).toEqual([]);
  });
});

describe('an intent that is being signed', () => {
  it('takes the answer to its open request once', () => {
    const answer: IntentCommand = { kind: 'accept-signature', attempt: 0, requestId: 'r0', hash };
    expect(given(...signing).when(answer)).toEqual(['signed']);
    expect(given(...signed).when(answer)).toEqual([]);
    expect(given(...signing).when({ ...answer, attempt: 1 })).toEqual([]);
  });

  it.each(['policy', 'unauthorized', 'invalid'])('fails on %s and gives its nonce back', (code) => {
    const decided = given(...signing).decided(refuse({ code, rule: 'chain' }));
    expect(decided).toMatchObject([
      { data: { code } },
      { type: 'quorate.tx.failed.v1', data: { code, nonce: '7', rule: 'chain' } },
    ]);
    expect(given(...signing, refuse({ code })).state).toMatchObject({ stage: 'ended', end: 'failed' });
  });

  it('uses its nonce up when a node is bound to something at it', () => {
    const past = given(...signing, refuse({ code: 'policy', rule: 'nonce-bound' }));
    expect(past.events.slice(-3).map(({ type }) => type.split('.')[2])).toEqual([
      ...['signature-failed', 'attempt-dropped', 'cancel-requested'],
    ]);
    expect(past.when(replace())).toEqual([]);
    expect(
      past.when(replace({ attemptKind: 'cancel', maxFeePerGas: '9', maxPriorityFeePerGas: '1' })),
    ).toEqual([...['priced', 'replaced', 'signature-requested']]);
  });

  it.each(['expired', 'failed', 'no-quorum', 'halted', 'overloaded', 'unknown-key', 'conflict'])(
    'asks again after %s with the same digest',
    (code) => {
      const past = [...signing, refuse({ code })];
      expect(given(...past).events.at(-1)?.type).toBe('quorate.tx.signature-failed.v1');
      expect(
        given(...past).decided({ kind: 'ask-again', attempt: 0, try: 1, requestId: 'r1' }),
      ).toMatchObject([{ data: { try: 1, requestId: 'r1', digest, attempt: 0 } }]);
      const again = given(...past, { kind: 'ask-again', attempt: 0, try: 1, requestId: 'r1' });
      expect(again.when({ kind: 'ask-again', attempt: 0, try: 1, requestId: 'r1' })).toEqual([]);
      expect(again.when(refuse())).toEqual([]);
    },
  );

  it('gives its nonce back after its expiry when nobody was asked, and uses it up when nobody finishes it', () => {
    const late = now + 600_001;
    expect(given(...signing).when(refuse({ now: late, mayBeSigned: false }))).toEqual([
      ...['signature-failed', 'failed'],
    ]);
    expect(given(...signing).when(refuse({ now: late }))).toEqual(['signature-failed']);
    const tries = Array.from({ length: 8 }, (_, i): IntentCommand[] => [
      refuse({ now: late, requestId: `r${i}`, mayBeSigned: i === 0 }),
      { kind: 'ask-again', attempt: 0, try: i + 1, requestId: `r${i + 1}` },
    ]).flat();
    const tired = given(...signing, ...tries);
    expect(tired.when(refuse({ now: late, requestId: 'r8', mayBeSigned: false }))).toEqual([
      ...['signature-failed', 'attempt-dropped', 'cancel-requested'],
    ]);
    expect(tired.when(refuse({ now: late, requestId: 'r8', code: 'no-quorum' }))).toEqual([
      'signature-failed',
    ]);
  });

  it('has its nonce used up when it is refused for good after a request that may have been signed', () => {
    const again: IntentCommand = { kind: 'ask-again', attempt: 0, try: 1, requestId: 'r1' };
    const refused = refuse({ requestId: 'r1', code: 'policy' });
    expect(given(...signing, refuse(), again).when(refused)).toEqual([
      ...['signature-failed', 'attempt-dropped', 'cancel-requested'],
    ]);
    expect(given(...signing, refuse({ mayBeSigned: false }), again).when(refused)).toEqual([
      ...['signature-failed', 'failed'],
    ]);
  });
});

describe('a signed transaction', () => {
  it('is broadcast once', () => {
    expect(given(...signed).when({ kind: 'note-broadcast', hash })).toEqual(['broadcast']);
    expect(given(...broadcast).when({ kind: 'note-broadcast', hash })).toEqual([]);
    expect(given(...signed).when({ kind: 'note-broadcast', hash: '0xother' })).toEqual([]);
  });

  it('can be found in a block before any endpoint said that it has it', () => {
    expect(given(...signed).when(include)).toEqual(['broadcast', 'included']);
  });

  it('is included once per block, and only under its own hash', () => {
    expect(given(...included).when(include)).toEqual([]);
    expect(given(...broadcast).when({ ...include, hash: '0xother' })).toEqual([]);
    expect(given(...included).when({ ...include, block: { number: '101', hash: '0xb2' } })).toEqual([
      'reorged',
      'included',
    ]);
  });

  it('is broadcast again when its block leaves the chain', () => {
    const reorg: IntentCommand = { kind: 'note-reorg', blockHash: block.hash };
    expect(given(...included).when(reorg)).toEqual(['reorged']);
    expect(given(...included, reorg).state).toMatchObject({ stage: 'active', inclusion: undefined });
    expect(given(...confirmed, reorg, include).when(head(101))).toEqual(['confirmed']);
    expect(given(...included).when({ kind: 'note-reorg', blockHash: '0xb0' })).toEqual([]);
  });

  it('is confirmed or reverted when its block is deep enough, once', () => {
    expect(given(...included).when(head(100))).toEqual([]);
    expect(given(...included).when(head(101))).toEqual(['confirmed']);
    expect(given(...confirmed).when(head(102))).toEqual([]);
    const failing = [...broadcast, { ...include, status: 'reverted' } as const];
    expect(given(...failing).when(head(101))).toEqual(['reverted']);
    expect(given(...failing, head(164, 100)).state).toMatchObject({ end: 'reverted' });
    expect(given(...included).when({ ...head(200), blockHash: '0xb0' } as IntentCommand)).toEqual([]);
  });

  it.each([
    ['reverted', 'success', 'finalized'],
    ['success', 'reverted', 'reverted'],
  ] as const)('that %s in one block and is %s in another ends as %s', (first, then, end) => {
    const told = { success: 'confirmed', reverted: 'reverted' };
    const before = [...broadcast, { ...include, status: first } as const, head(101)];
    const elsewhere: IntentCommand = { ...include, status: then, block: { number: '100', hash: '0xb2' } };
    const flipped = given(...before, elsewhere);
    expect(flipped.events.slice(-3).map(({ type }) => type.split('.')[2])).toEqual([
      ...[told[first], 'reorged', 'included'],
    ]);
    const deep = { ...head(164, 100), blockHash: '0xb2' } as IntentCommand;
    expect(flipped.when(deep)).toEqual([told[then], 'finalized']);
    expect(given(...before, elsewhere, deep).state).toMatchObject({ end });
  });

  it('is over when its block is final, and not before its client was told that it is confirmed', () => {
    expect(given(...included).when(head(100, 100))).toEqual([]);
    expect(given(...included).when(head(101, 100))).toEqual(['confirmed', 'finalized']);
    expect(given(...confirmed).when(head(164, 99))).toEqual([]);
    expect(given(...confirmed).when(head(164, 100))).toEqual(['finalized']);
    expect(given(...finalized).state).toMatchObject({ stage: 'ended', end: 'finalized' });
    expect(given(...finalized).when({ kind: 'note-reorg', blockHash: block.hash })).toEqual([]);
  });

  it('is superseded when something else used its nonce up, but not while a block holds it', () => {
    const superseded: IntentCommand = { kind: 'note-superseded', reason: 'nonce 7 is used by another' };
    expect(given(...broadcast).when(superseded)).toEqual(['superseded']);
    expect(given(...included).when(superseded)).toEqual([]);
    expect(given(...broadcast, superseded).when(reserve)).toEqual([]);
  });

  it('is carried out by its transaction with another signature, too', () => {
    const adopt: IntentCommand = {
      ...{ kind: 'adopt-signature', attempt: 0, requestId: 'r0', hash: '0xab', gasLimit: '21000' },
    };
    const included = { ...include, hash: '0xab' };
    expect(given(...broadcast).when(adopt)).toEqual(['priced', 'attempt-dropped', 'signed']);
    expect(given(...broadcast, adopt).when(adopt)).toEqual([]);
    const { state, when } = given(...broadcast, adopt, included);
    expect(state).toMatchObject({ inclusion: { attempt: 1, hash: '0xab' }, requests: [] });
    expect(when(head(164, 100))).toEqual(['confirmed', 'finalized']);
    expect(given(...broadcast, adopt).when(include)).toEqual(['included']);
    expect(given(...signing).when(adopt)).toEqual(['signed']);
    expect(given(...finalized).when(adopt)).toEqual([]);
  });

  it('is not superseded while a signature is awaited, which may be of what used its nonce', () => {
    const superseded: IntentCommand = { kind: 'note-superseded', reason: 'nonce 7 is used by another' };
    expect(given(...broadcast, replace()).when(superseded)).toEqual([]);
    const retried: IntentCommand[] = [
      ...signing,
      refuse(),
      { kind: 'ask-again', attempt: 0, try: 1, requestId: 'r1' },
    ];
    const [event] = given(...retried, {
      kind: 'accept-signature',
      attempt: 0,
      requestId: 'r1',
      hash,
    }).decided(superseded);
    expect(event?.data).toMatchObject({ reason: expect.stringContaining('may have been signed') as string });
  });
});

describe('a replacement', () => {
  it('pays more in both fields, and is asked for once', () => {
    expect(given(...broadcast).when(replace())).toEqual(['priced', 'replaced', 'signature-requested']);
    expect(given(...broadcast).when(replace({ maxFeePerGas: '9' }))).toEqual([]);
    expect(given(...broadcast).when(replace({ maxPriorityFeePerGas: '1' }))).toEqual([]);
    expect(given(...broadcast, replace()).when(replace())).toEqual([]);
    expect(given(...broadcast, replace()).when(replace({ attempt: 2, maxFeePerGas: '15' }))).toEqual([]);
    expect(given(...included).when(replace())).toEqual([]);
  });

  it('leaves the transactions before it when the signers refuse it', () => {
    const refused = given(...broadcast, replace(), refuse({ requestId: 'r1', code: 'policy', rule: 'fee' }));
    expect(refused.events.slice(-2)).toMatchObject([
      { type: 'quorate.tx.attempt-dropped.v1', data: { attempt: 1 } },
      { type: 'quorate.tx.parked.v1', data: { code: 'replacement-refused' } },
    ]);
    expect(refused.when(include)).toEqual(['included']);
    expect(refused.when(replace({ attempt: 2, maxFeePerGas: '11', maxPriorityFeePerGas: '2' }))).toHaveLength(
      3,
    );
  });

  it('counts whichever of them the chain takes', () => {
    const both = [...broadcast, replace(), secondSigned];
    expect(given(...both, include, head(101)).state).toMatchObject({
      inclusion: { attempt: 0, isConfirmed: true },
    });
    const second = { ...include, hash: secondHash } as IntentCommand;
    expect(given(...both).when(second)).toEqual(['broadcast', 'included']);
    expect(given(...both, include).when(second)).toEqual(['reorged', 'broadcast', 'included']);
  });

  it('may come signed after another was included, and waits', () => {
    expect(given(...broadcast, replace(), include).when(secondSigned)).toEqual(['signed']);
  });
});

describe('an intent with a ladder', () => {
  const rung = (n: number, fee: string) => ({
    ...{ gasLimit: '21000', maxFeePerGas: fee, maxPriorityFeePerGas: String(1 + n) },
    ...{ digest: `0xd${n}`, requestId: `r${n}` },
  });
  const laddered = [...queued, { ...reserve, rungs: [rung(1, '12'), rung(2, '16')] } as IntentCommand];
  const sign = (attempt: number): IntentCommand => ({
    ...{ kind: 'accept-signature', attempt, requestId: `r${attempt}`, hash: `0xa${attempt}` },
  });
  const climb = (attempt: number): IntentCommand => ({ kind: 'climb', attempt, reason: 'stale' });
  const no = (n: number, change: Partial<RefuseSignature> = {}) =>
    refuse({ requestId: `r${n}`, code: 'policy', mayBeSigned: false, ...change });

  it('has all rungs asked for together, and all but the first held', () => {
    expect(
      given(...laddered)
        .events.slice(2)
        .map(({ type }) => type.split('.')[2]),
    ).toEqual(['nonce-reserved', ...[0, 1, 2].flatMap(() => ['priced', 'signature-requested'])]);
    expect(given(...laddered).state).toMatchObject({ attempts: [{}, { isHeld: true }, { isHeld: true }] });
    expect(given(...queued, reserve).events).toEqual(given(...queued, { ...reserve, rungs: [] }).events);
  });

  it('takes their signatures in any order, and sends a rung only once it is needed', () => {
    const all = given(...laddered, sign(2), sign(0), sign(1));
    expect(all.state).toMatchObject({
      requests: [],
      attempts: [{ hash: '0xa0' }, { isHeld: true }, { isHeld: true }],
    });
    expect(all.when(climb(1))).toEqual(['replaced']);
    expect(given(...laddered, sign(2), sign(0), sign(1), climb(2)).when(climb(1))).toEqual([]);
  });

  it('is not hurt when signers refuse a rung', () => {
    const refused = given(...laddered, sign(0), no(1), no(2, { code: 'failed', mayBeSigned: true }));
    expect(refused.state).toMatchObject({ stage: 'active', parked: undefined });
    expect(refused.events.at(-1)?.type).toBe('quorate.tx.signature-failed.v1');
    expect(refused.when(climb(1))).toEqual([]);
    expect(refused.when({ kind: 'ask-again', attempt: 2, try: 1, requestId: 'r9' })).toEqual([
      'signature-requested',
    ]);
  });

  it('goes on with a rung when signers refuse the first, and fails with the first reason when they refuse all', () => {
    expect(
      given(...laddered, sign(2))
        .decided(no(0))
        .at(-1),
    ).toMatchObject({
      ...{ type: 'quorate.tx.replaced.v1', data: { attempt: 2 } },
    });
    const two = given(...laddered, no(0, { reason: 'first' }), no(1));
    expect(two.when(no(2))).toEqual(['signature-failed', 'failed']);
    expect(two.decided(no(2, { reason: 'last' })).at(-1)).toMatchObject({
      data: { reason: 'first', nonce: '7' },
    });
  });

  it('uses its nonce up when any of the refused may have been signed, or a node is bound', () => {
    const spent = ['signature-failed', 'attempt-dropped', 'cancel-requested'];
    const bound = given(...laddered, no(0, { rule: 'nonce-bound' }), no(1));
    expect(bound.when(no(2, { rule: 'fee-per-gas' }))).toEqual(spent);
    const uncertain = given(...laddered, no(1, { mayBeSigned: true }), no(0));
    expect(uncertain.when(no(2))).toEqual(spent);
  });

  it('counts a rung that somebody else sent, signed late or not', () => {
    const leaked = { ...include, hash: '0xa2' } as IntentCommand;
    expect(given(...laddered, sign(0), sign(2)).when(leaked)).toEqual(['broadcast', 'included']);
    expect(given(...laddered, sign(0), no(2), sign(2)).when(leaked)).toEqual(['broadcast', 'included']);
  });

  it('has rungs that are not needed any more given up instead of asked for again', () => {
    const again: IntentCommand = { kind: 'ask-again', attempt: 2, try: 1, requestId: 'r9' };
    const tired = no(2, { code: 'failed' });
    const [included0, cancelled] = [{ ...include, hash: '0xa0' } as IntentCommand, cancel];
    for (const end of [included0, cancelled]) {
      const past = given(...laddered, sign(0), tired, end);
      expect(past.decided(again)).toMatchObject([{ data: { attempt: 2, code: 'not-needed' } }]);
    }
  });

  it('is cancelled above what was sent, whatever rungs there are, and climbs no more', () => {
    const cancelled = given(...laddered, sign(0), sign(1), cancel);
    const above = replace({
      attempt: 3,
      attemptKind: 'cancel',
      maxFeePerGas: '11',
      maxPriorityFeePerGas: '2',
    });
    expect(cancelled.when(above)).toEqual(['priced', 'replaced', 'signature-requested']);
    expect(cancelled.when(climb(1))).toEqual([]);
  });

  it('has transactions above all rungs only, beyond its ladder', () => {
    const top = given(...laddered, sign(0), sign(1), sign(2), climb(2));
    expect(top.when(replace({ attempt: 3, maxFeePerGas: '14', maxPriorityFeePerGas: '9' }))).toEqual([]);
    expect(top.when(replace({ attempt: 3, maxFeePerGas: '19', maxPriorityFeePerGas: '5' }))).toHaveLength(3);
  });
});

describe('a cancelled intent', () => {
  it('is over at once while it has no nonce', () => {
    for (const past of [received, queued]) {
      expect(given(...past).when(cancel)).toEqual(['cancelled']);
      expect(given(...past, cancel).state).toMatchObject({ stage: 'ended', end: 'cancelled' });
    }
  });

  it('has its nonce used up by an empty transfer, or by its payload if that wins', () => {
    const first = given(...cancelling, secondSigned, { ...include, hash: secondHash });
    expect(first.decided(head(164, 100))).toMatchObject([
      { type: 'quorate.tx.cancelled.v1', data: { by: 'operator', hash: secondHash } },
      { type: 'quorate.tx.finalized.v1' },
    ]);
    expect(given(...cancelling, include, head(164, 100)).state).toMatchObject({ end: 'finalized' });
  });

  it('cannot be replaced by its payload any more, nor cancelled twice or when a block holds it', () => {
    expect(given(...broadcast, cancel).when(replace())).toEqual([]);
    expect(given(...broadcast, cancel).when(cancel)).toEqual([]);
    expect(given(...included).when(cancel)).toEqual([]);
  });

  it('is parked when the signers refuse to cancel it', () => {
    const refused = given(...cancelling, refuse({ requestId: 'r1', code: 'policy', rule: 'cancel' }));
    expect(refused.state).toMatchObject({ stage: 'active', parked: 'cancel-refused' });
    expect(refused.when(include)).toEqual(['included']);
  });

  it('ends as failed when that is why its nonce was used up', () => {
    const past = [...signing, refuse({ code: 'policy', rule: 'nonce-bound' })];
    const closing = replace({ attemptKind: 'cancel' });
    const closed = given(...past, closing, secondSigned, { ...include, hash: secondHash });
    expect(closed.decided(head(101))).toMatchObject([
      { type: 'quorate.tx.failed.v1', data: { code: 'policy', rule: 'nonce-bound', hash: secondHash } },
    ]);
    const reorg: IntentCommand = { kind: 'note-reorg', blockHash: block.hash };
    expect(
      given(...past, closing, secondSigned, { ...include, hash: secondHash }, head(101), reorg).state,
    ).toMatchObject({ stage: 'active', nonce: '7' });
  });
});

describe('an amendment', () => {
  const amend = (change: Partial<Amend> = {}): Amend => ({
    ...{ kind: 'amend', amendmentHash: '0xe1', value: 'e30=', jws: 'a..b', cancel: false, ...change },
  });

  it('is taken once, at any time before the end', () => {
    for (const past of [received, queued, signing, included, confirmed]) {
      expect(given(...past).when(amend())).toEqual(['amended']);
      expect(given(...past, amend()).when(amend())).toEqual([]);
    }
    expect(given(...finalized).decided(amend())).toMatchObject([
      { data: { intentHash: '0xe1', code: 'too-late' } },
    ]);
    expect(given().decided(amend())).toMatchObject([{ data: { code: 'unknown-intent' } }]);
  });

  it('puts the expiry off, and never back', () => {
    const later = amend({ expiresAt: '2026-12-01T12:20:00Z' });
    const facts = { expiresAt: Date.parse('2026-12-01T12:20:00Z') };
    expect(given(...signing, later).state).toMatchObject({ facts });
    const sooner = amend({ amendmentHash: '0xe2', expiresAt: '2026-12-01T12:05:00Z' });
    expect(given(...signing, later, sooner).state).toMatchObject({ facts });
  });

  it('can cancel', () => {
    expect(given(...broadcast).when(amend({ cancel: true }))).toEqual(['amended', 'cancel-requested']);
    expect(given(...queued).when(amend({ cancel: true }))).toEqual(['amended', 'cancelled']);
  });

  it('cancels what a block holds once that leaves the chain', () => {
    const late = [...included, amend({ cancel: true })];
    expect(given(...late, head(164, 100)).state).toMatchObject({ end: 'finalized' });
    const reorg: IntentCommand = { kind: 'note-reorg', blockHash: block.hash };
    expect(given(...late, reorg).state).toMatchObject({ ending: { kind: 'cancelled', by: 'requester' } });
    expect(given(...late, reorg).when(replace({ attemptKind: 'cancel' }))).toHaveLength(3);
  });

  it('is one of eight at most', () => {
    const eight = Array.from({ length: 8 }, (_, n) => amend({ amendmentHash: `0xf${n}` }));
    expect(given(...queued, ...eight).decided(amend())).toMatchObject([{ data: { code: 'invalid' } }]);
  });
});

describe('a parked intent', () => {
  it('says so once for each reason, and goes on by itself', () => {
    const park: IntentCommand = { kind: 'park', code: 'funds', reason: 'empty' };
    expect(given(...queued).when(park)).toEqual(['parked']);
    expect(given(...queued, park).when(park)).toEqual([]);
    expect(given(...queued, park).when({ ...park, code: 'fee-ceiling' })).toEqual(['parked']);
    expect(given(...queued, park).when(reserve)).toHaveLength(3);
    expect(given(...included).when(park)).toEqual([]);
    expect(given(...broadcast, park, replace()).state).toMatchObject({ parked: undefined });
  });
});
