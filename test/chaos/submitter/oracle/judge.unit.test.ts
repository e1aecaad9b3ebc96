import { randomUUID } from 'node:crypto';
import { encodeUnsignedTransaction } from '@quorate/evm';
import { type TxOutcome, txOutcomeSchema } from '@quorate/protocol';
import { decide } from '../../../../apps/tx-submitter/src/intent/decide/decide';
import { type IntentCommand } from '../../../../apps/tx-submitter/src/intent/commands';
import { type IntentEvent } from '../../../../apps/tx-submitter/src/intent/events';
import { evolve } from '../../../../apps/tx-submitter/src/intent/evolve';
import { type IntentState, unknownIntent } from '../../../../apps/tx-submitter/src/intent/intent';
import { type MinedTransaction } from '../bench/local-chain';
import { type PlannedIntent } from '../load/plan';
import { type AttemptRow, type Evidence, type EventRow, type IntentRow } from './evidence';
import { judge } from './judge';

const gwei = 1_000_000_000n;
const lane = { path: 'm/1/0', address: `0x${'a1'.repeat(20)}` };
const stranger = `0x${'99'.repeat(32)}`;
const block = { number: '7', hash: `0x${'b7'.repeat(32)}` };
const fees = { maxFeePerGas: 2n * gwei, maxPriorityFeePerGas: gwei };
const expiresAt = '2100-01-01T00:00:00.000Z';

function payload(nonce: number, to: string, value: bigint): { unsigned: string; digest: string } {
  const transfer = { chainId: 31337n, nonce, to, value, data: '0x', gasLimit: 21_000n };
  return encodeUnsignedTransaction({ ...transfer, ...fees });
}

/** What one paid intent leaves behind. */
function paid(
  nonce: number,
): Pick<Evidence, 'intents' | 'rows' | 'attempts' | 'events' | 'outcomes' | 'transactions'> {
  const id = `run1-1-${nonce}`;
  const streamId = `tx:alice:${id}`;
  const to = `0x${String(nonce).padStart(40, '0')}`;
  const value = BigInt(1_000_000 + nonce);
  const { unsigned, digest } = payload(nonce, to, value);
  const hash = `0x${String(nonce).padStart(64, 'c')}`;
  const raw = `0x02${'00'.repeat(10)}${nonce}`;
  const terms = { keyId: 'k_1', chainId: '31337', confirmations: 1, expiresAt };
  const price = {
    gasLimit: '21000',
    maxFeePerGas: String(fees.maxFeePerGas),
    maxPriorityFeePerGas: String(gwei),
  };
  const events = eventsOf(streamId, [
    {
      kind: 'receive',
      intentHash: '0x1',
      value: '',
      jws: '',
      approvals: [],
      terms,
      now: 0,
      servedChainId: '31337',
    },
    { kind: 'authorize', key: { found: true, from: lane.address } },
    { kind: 'reserve', nonce: String(nonce), ...price, digest, requestId: 'r' },
    { kind: 'accept-signature', attempt: 0, requestId: 'r', hash },
    { kind: 'note-broadcast', hash },
    { kind: 'note-inclusion', hash, block, status: 'success', gasUsed: '21000', effectiveGasPrice: '1' },
    { kind: 'note-head', blockHash: block.hash, headNumber: 20, finalizedNumber: 12 },
  ]);
  const content = {
    intentId: id,
    requester: 'alice',
    keyId: 'k_1',
    path: lane.path,
    to,
    value: String(value),
  };
  const ceilings = { chainId: '31337', data: '0x', maxFeePerGas: '1', maxCost: '1', expiresAt };
  const intent: PlannedIntent = {
    ...{ id, kind: 'payment', lane: 0, content: { ...content, ...ceilings }, sentAt: [0], amended: [] },
  };
  const row: IntentRow = {
    ...{ streamId, requester: 'alice', intentId: id, status: 'finalized', address: lane.address },
    ...{ nonce: String(nonce), hash, blockHash: block.hash, inFlight: false, wantsCancel: false },
  };
  const attempt: AttemptRow = {
    streamId,
    n: 0,
    kind: 'payload',
    unsigned,
    ...fees,
    status: 'finalized',
    isHeld: false,
    raw,
    hash,
  };
  const mined: MinedTransaction = {
    ...{ hash, from: lane.address, to, value, input: '0x', nonce, blockNumber: 7, status: 'success' },
  };
  const outcomes = (['queued', 'broadcast', 'confirmed', 'finalized'] as const).map((status) =>
    outcome(id, status, status === 'queued' ? {} : { hash }),
  );
  return { intents: [intent], rows: [row], attempts: [attempt], events, outcomes, transactions: [mined] };
}

function eventsOf(streamId: string, commands: readonly IntentCommand[]): EventRow[] {
  let state: IntentState = unknownIntent;
  const events: IntentEvent[] = [];
  for (const command of commands) {
    for (const event of decide(command, state)) {
      events.push(event);
      state = evolve(state, event);
    }
  }
  return events.map(({ type, data }, i) => ({ streamId, position: i + 1, type, data }));
}

function outcome(intentId: string, status: string, more: Partial<TxOutcome> = {}): TxOutcome {
  return txOutcomeSchema.parse({
    ...{ type: `quorate.tx.${status === 'queued' ? 'accepted' : status}.v1`, id: randomUUID() },
    ...{ intentId, requester: 'alice', intentHash: `0x${'11'.repeat(32)}`, status },
    ...{ at: '2026-01-01T00:00:00.000Z', ...more },
  });
}

/** Two intents, both paid. */
function honest(): Evidence {
  const [one, two] = [paid(0), paid(1)];
  const both = <Key extends keyof typeof one>(key: Key) => [...one[key], ...two[key]];
  return {
    intents: both('intents'),
    rows: both('rows'),
    attempts: both('attempts'),
    events: both('events'),
    outcomes: both('outcomes'),
    transactions: both('transactions'),
    lanes: [lane],
    chainNonces: new Map([[lane.address, 2]]),
    vacant: [],
    sent: [...one.attempts, ...two.attempts].flatMap(({ raw }) => raw ?? []),
    ...{ sentTooEarly: [], signed: [], open: [], unheard: 0 },
    foreign: { hashes: new Set(), leaked: new Set(), jumps: [] },
    excuses: { failures: new Set(), clocks: false },
  };
}

/** The honest books, with something changed in the second of a list. */
function doctored<Key extends 'rows' | 'attempts' | 'transactions'>(
  key: Key,
  change: Partial<Evidence[Key][number]>,
): Evidence {
  const books = honest();
  return { ...books, [key]: books[key].map((item, i) => (i === 1 ? { ...item, ...change } : item)) };
}

function broken(evidence: Evidence): string[] {
  return [...new Set(judge(evidence).map(({ check }) => check))].sort();
}

describe('the oracle', () => {
  it('finds nothing in honest books', () => {
    expect(judge(honest())).toEqual([]);
  });

  it('notices a payment that was made twice', () => {
    const books = honest();
    const [, paidOnce] = books.transactions;
    if (paidOnce === undefined) throw new Error('no payment');
    const again = { ...paidOnce, hash: stranger, nonce: 2 };
    const twice = {
      ...books,
      transactions: [...books.transactions, again],
      chainNonces: new Map([[lane.address, 3]]),
    };
    expect(broken(twice)).toEqual([
      'executed exactly once, or never',
      'nothing on the chain that was not committed',
    ]);
  });

  it('notices a payment that was lost, and one that came from elsewhere', () => {
    const lost = { ...honest(), transactions: honest().transactions.slice(0, 1) };
    expect(broken(lost)).toEqual([
      'executed exactly once, or never',
      'the nonces of a lane are contiguous',
      'what is told is on the chain',
    ]);
    expect(broken(doctored('transactions', { hash: stranger }))).toContain(
      'the row names what the chain holds',
    );
  });

  it('notices an intent that vanished', () => {
    expect(broken({ ...honest(), rows: honest().rows.slice(0, 1) })).toContain('no intent is lost');
  });

  it.each(['cancelled', 'failed', 'superseded', 'rejected'])('notices a payment of what is %s', (status) => {
    expect(broken(doctored('rows', { status }))).toEqual(
      expect.arrayContaining(['executed exactly once, or never', 'the end that an intent deserves']),
    );
  });

  it('notices a payment that reverted and was called paid', () => {
    expect(broken(doctored('transactions', { status: 'reverted' }))).toEqual([
      'reverted when the chain says so',
    ]);
  });

  it('notices a missing nonce, and one that nobody uses', () => {
    expect(broken(doctored('transactions', { nonce: 2 }))).toEqual(['the nonces of a lane are contiguous']);
    expect(broken({ ...honest(), chainNonces: new Map([[lane.address, 1]]) })).toContain(
      'no nonce is left over',
    );
  });

  it('lets a jump leave nonces out, or a reorganisation undo it, but nothing be mined twice', () => {
    const books = honest();
    const jump = { address: lane.address, from: 0, to: 2 };
    const foreign = { ...books.foreign, jumps: [jump] };
    expect(judge({ ...books, foreign })).toEqual([]);
    const [first] = books.transactions;
    if (first === undefined) throw new Error('no payment');
    expect(broken({ ...books, foreign, transactions: [...books.transactions, first] })).toContain(
      'the nonces of a lane are contiguous',
    );
    expect(broken({ ...books, foreign, transactions: [first] })).toContain(
      'the nonces of a lane are contiguous',
    );
  });

  it('takes strangers for strangers only when the run made them', () => {
    const books = honest();
    const [, second] = books.transactions;
    if (second === undefined) throw new Error('no payment');
    const foreign = { ...second, hash: stranger, nonce: 2, value: 0n, to: lane.address };
    const more = {
      ...books,
      transactions: [...books.transactions, foreign],
      chainNonces: new Map([[lane.address, 3]]),
    };
    expect(broken(more)).toEqual(['nothing on the chain that was not committed']);
    expect(judge({ ...more, foreign: { ...books.foreign, hashes: new Set([stranger]) } })).toEqual([]);
  });

  it('notices what was sent before, or without, its commit', () => {
    expect(broken({ ...honest(), sent: ['0x02ff'] })).toEqual(['committed before it is sent']);
    expect(broken({ ...honest(), sentTooEarly: honest().sent.slice(0, 1) })).toEqual([
      'committed before it is sent',
    ]);
  });

  it('notices two payloads for one nonce', () => {
    const { unsigned } = payload(0, `0x${'ee'.repeat(20)}`, 5n);
    expect(broken(doctored('attempts', { unsigned }))).toEqual(['one payload for a nonce']);
    const nothing = payload(0, lane.address, 0n);
    expect(judge(doctored('attempts', { unsigned: nothing.unsigned }))).toEqual([]);
  });

  it('notices a replacement that pays too little more', () => {
    const books = honest();
    const [first] = books.attempts;
    if (first === undefined) throw new Error('no attempt');
    const cheap = { ...first, n: 1, maxFeePerGas: (first.maxFeePerGas * 109n) / 100n, raw: null, hash: null };
    const attempts = [...books.attempts, cheap];
    expect(broken({ ...books, attempts })).toEqual(['each attempt is dearer']);
    const leaked = new Set([first.raw ?? '']);
    expect(judge({ ...books, attempts, foreign: { ...books.foreign, leaked } })).toEqual([]);
    const dear = {
      ...cheap,
      maxFeePerGas: first.maxFeePerGas * 2n,
      maxPriorityFeePerGas: first.maxPriorityFeePerGas * 2n,
    };
    expect(judge({ ...books, attempts: [...books.attempts, dear] })).toEqual([]);
  });

  it('notices a rung of a ladder that was sent though nobody needed it', () => {
    expect(broken(doctored('attempts', { isHeld: true }))).toEqual(['what is held is not sent']);
    const unsent = { ...doctored('attempts', { isHeld: true }), sent: honest().sent.slice(0, 1) };
    expect(judge(unsent)).toEqual([]);
  });

  it('notices a client that was told two ends, none, or one that is not true', () => {
    const books = honest();
    const [id] = books.intents.map((intent) => intent.id);
    const told = (...more: TxOutcome[]) => broken({ ...books, outcomes: [...books.outcomes, ...more] });
    expect(told(outcome(String(id), 'cancelled'))).toContain('outcomes do not contradict each other');
    expect(told(outcome(String(id), 'rejected', { code: 'conflict' }))).toEqual([]);
    const untold = books.outcomes.filter(({ intentId }) => intentId !== id);
    expect(broken({ ...books, outcomes: untold })).toEqual(['the client is told the end']);
    const elsewhere = books.outcomes.map((one) =>
      one.status === 'finalized' ? { ...one, hash: stranger } : one,
    );
    expect(broken({ ...books, outcomes: elsewhere })).toEqual(['what is told is on the chain']);
  });

  it('lets a confirmation be taken back by a reorganisation, and by nothing else', () => {
    const books = honest();
    const id = String(books.intents[0]?.id);
    const hash = String(books.attempts[0]?.hash);
    const others = books.outcomes.filter(({ intentId }) => intentId !== id);
    const story = (...statuses: [string, string?][]) => ({
      ...books,
      outcomes: [
        ...others,
        ...statuses.map(([status, code]) => outcome(id, status, { hash, ...(code && { code }) })),
      ],
    });
    const reorged = story(['confirmed'], ['broadcast', 'reorged'], ['confirmed'], ['finalized']);
    expect(judge(reorged)).toEqual([]);
    expect(broken(story(['confirmed'], ['confirmed'], ['finalized']))).toEqual([
      'outcomes do not contradict each other',
    ]);
    expect(broken(story(['failed'], ['finalized']))).toEqual(['outcomes do not contradict each other']);
  });

  it('notices rows that their events do not lead to, and events that fit nothing', () => {
    expect(broken(doctored('rows', { inFlight: true }))).toEqual(['events replay to the row']);
    const books = honest();
    const without = books.events.filter(({ type }) => type !== 'quorate.tx.nonce-reserved.v1');
    expect(broken({ ...books, events: without })).toEqual(
      expect.arrayContaining([
        'events fit the state that they meet',
        'events have no gaps',
        'events replay to the row',
      ]),
    );
    const unknown = books.events.map((event, i) =>
      i === 0 ? { ...event, type: 'quorate.tx.odd.v1' } : event,
    );
    expect(broken({ ...books, events: unknown })).toContain('events can be read');
  });

  it('asks for reasons to fail', () => {
    const books = honest();
    const id = String(books.intents[1]?.id);
    const failed = {
      ...doctored('rows', { status: 'failed', hash: null }),
      outcomes: [
        ...books.outcomes.filter(({ intentId }) => intentId !== id),
        outcome(id, 'failed', { code: 'policy' }),
      ],
    };
    const deserved = { ...failed, excuses: { failures: new Set(['policy']), clocks: false } };
    expect(broken(failed)).toContain('the end that an intent deserves');
    expect(broken(deserved)).not.toContain('the end that an intent deserves');
    const amendment = { ...outcome(id, 'queued'), status: 'failed' as const };
    const amendedLate = { ...deserved, outcomes: [...deserved.outcomes, amendment] };
    expect(broken(amendedLate)).not.toContain('the end that an intent deserves');
  });

  it('lets what had expired be found late only where a clock was wrong', () => {
    const books = doctored('rows', { status: 'failed', hash: null });
    const id = String(books.intents[1]?.id);
    const expired = {
      ...books,
      intents: books.intents.map((intent) =>
        intent.id === id ? { ...intent, kind: 'expired' as const } : intent,
      ),
      outcomes: [
        ...books.outcomes.filter(({ intentId }) => intentId !== id),
        outcome(id, 'failed', { code: 'expired' }),
      ],
    };
    const wrongClock = { ...expired, excuses: { failures: new Set<string>(), clocks: true } };
    expect(broken(expired)).toContain('the end that an intent deserves');
    expect(broken(wrongClock)).not.toContain('the end that an intent deserves');
  });

  it('says only what is stuck of a run that does not come to rest', () => {
    const open = [{ intentId: 'run1-1-0', status: 'signing', lane: lane.address, nonce: '0' }];
    expect(broken({ ...honest(), open, transactions: [] })).toEqual(['nothing is stuck']);
    expect(broken({ ...honest(), unheard: 3 })).toEqual(['every outcome is published']);
  });
});
