import { type IntentCommand, type Receive, type RefuseSignature } from './commands';
import { decide } from './decide';
import { type IntentEvent } from './events';
import { evolve } from './evolve';
import { unknownIntent } from './intent';

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
const signed = [...signing, { kind: 'accept-signature', requestId: 'r0', hash } as const];
const broadcast = [...signed, { kind: 'note-broadcast', hash } as const];
const included = [...broadcast, include];
const confirmed = [...included, { kind: 'note-depth', blockHash: block.hash, headNumber: 101 } as const];

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
    for (const past of [received, queued, signing, confirmed])
      expect(given(...past).when(receive)).toEqual([]);
  });

  it('is a conflict with other bytes, which leaves the first untouched', () => {
    const other = { ...receive, intentHash: otherHash };
    for (const past of [received, signing, confirmed]) {
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
    for (const past of [signing, signed, broadcast, included, confirmed]) {
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
    const answer: IntentCommand = { kind: 'accept-signature', requestId: 'r0', hash };
    expect(given(...signing).when(answer)).toEqual(['signed']);
    expect(given(...signed).when(answer)).toEqual([]);
    expect(given(...signing).when({ ...answer, requestId: 'other' })).toEqual([]);
  });

  it.each(['policy', 'unauthorized', 'invalid'])('fails on %s and gives its nonce back', (code) => {
    const decided = given(...signing).decided(refuse({ code, rule: 'chain' }));
    expect(decided).toMatchObject([
      { data: { code } },
      { type: 'quorate.tx.failed.v1', data: { code, nonce: '7', rule: 'chain' } },
    ]);
  });

  it.each(['expired', 'failed', 'no-quorum', 'halted', 'overloaded', 'unknown-key', 'conflict'])(
    'asks again after %s with the same digest',
    (code) => {
      const past = [...signing, refuse({ code })];
      expect(given(...past).events.at(-1)?.type).toBe('quorate.tx.signature-failed.v1');
      expect(given(...past).decided({ kind: 'ask-again', try: 1, requestId: 'r1' })).toMatchObject([
        { data: { try: 1, requestId: 'r1', digest, attempt: 0 } },
      ]);
      const again = given(...past, { kind: 'ask-again', try: 1, requestId: 'r1' });
      expect(again.when({ kind: 'ask-again', try: 1, requestId: 'r1' })).toEqual([]);
      expect(again.when(refuse())).toEqual([]);
    },
  );

  it('fails after its expiry when nobody was asked, or nobody finishes it', () => {
    const late = now + 600_001;
    expect(given(...signing).when(refuse({ now: late, mayBeSigned: false }))).toEqual([
      'signature-failed',
      'failed',
    ]);
    expect(given(...signing).when(refuse({ now: late }))).toEqual(['signature-failed']);
    const tries = Array.from({ length: 8 }, (_, i): IntentCommand[] => [
      refuse({ now: late, requestId: `r${i}` }),
      { kind: 'ask-again', try: i + 1, requestId: `r${i + 1}` },
    ]).flat();
    const tired = given(...signing, ...tries);
    expect(tired.when(refuse({ now: late, requestId: 'r8' }))).toEqual(['signature-failed', 'failed']);
    expect(tired.when(refuse({ now: late, requestId: 'r8', code: 'no-quorum' }))).toEqual([
      'signature-failed',
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
    expect(given(...included, reorg).state.stage).toBe('broadcast');
    expect(given(...included).when({ kind: 'note-reorg', blockHash: '0xb0' })).toEqual([]);
  });

  it('is confirmed or reverted when its block is deep enough, once', () => {
    const depth = (headNumber: number): IntentCommand => ({
      kind: 'note-depth',
      blockHash: block.hash,
      headNumber,
    });
    expect(given(...included).when(depth(100))).toEqual([]);
    expect(given(...included).when(depth(101))).toEqual(['confirmed']);
    expect(given(...confirmed).when(depth(102))).toEqual([]);
    const failing = [...broadcast, { ...include, status: 'reverted' } as const];
    expect(given(...failing).when(depth(101))).toEqual(['reverted']);
    expect(given(...included).when({ kind: 'note-depth', blockHash: '0xb0', headNumber: 200 })).toEqual([]);
  });
});
