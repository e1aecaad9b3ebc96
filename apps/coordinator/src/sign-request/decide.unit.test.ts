import { streams } from '@quorate/protocol';
import {
  HASH,
  NODES,
  NOW,
  OTHER_HASH,
  REQUEST,
  reservation,
  secondsLater,
} from '../testing/sign-request-facts';
import { type Complete, type GiveUpAttempt, type SignRequestCommand, type Submit } from './commands';
import { decide } from './decide';
import { type Refusal, type SignRequestEvent } from './events';
import { evolve, initialSignRequest } from './evolve';
import { currentAttempt, identityOfStream, refusingNodes, type SignRequest } from './sign-request';

const submit: Submit = { kind: 'submit', request: REQUEST, refusal: null, now: NOW };
const complete: Complete = {
  kind: 'complete',
  attempt: 1,
  scheme: 'ecdsa-secp256k1',
  signature: { r: '0x01', s: '0x02', yParity: 0 },
  publicKey: '0x02',
  address: '0x03',
  now: NOW,
};
const refusal = (node: string, code = 'policy', rule: string | null = 'chain'): Refusal => ({
  node,
  code,
  rule,
  reason: `${node} says ${code}`,
});

function giveUp(attempt: number, change: Partial<GiveUpAttempt> = {}): GiveUpAttempt {
  return {
    kind: 'give-up-attempt',
    attempt,
    reason: 'no answer',
    refusals: [],
    answered: [],
    heard: [],
    participants: NODES,
    threshold: 2,
    now: NOW,
    ...change,
  };
}

/** The state after these commands, from nothing. */
function given(...commands: SignRequestCommand[]): SignRequest {
  return commands.reduce(
    (state, command) => decide(command, state).reduce(evolve, state),
    initialSignRequest,
  );
}

function when(
  command: SignRequestCommand,
  state: SignRequest,
): { events: SignRequestEvent[]; types: string[] } {
  const events = decide(command, state);
  return { events, types: events.map((event) => event.type.split('.')[2] ?? '') };
}

const choose = (n: number, committee?: string[]): SignRequestCommand => ({
  kind: 'choose-committee',
  reservation: reservation(n, committee),
});

describe('submitting a request', () => {
  test('a new request is recorded with its exact bytes', () => {
    const { events } = when(submit, initialSignRequest);
    expect(events).toEqual([{ type: 'quorate.sign.requested.v1', data: REQUEST }]);
  });

  test.each(['expired', 'unknown-key', 'unauthorized'])('one that is %s is recorded and rejected', (code) => {
    const { events, types } = when({ ...submit, refusal: { code, reason: 'because' } }, initialSignRequest);
    expect(types).toEqual(['requested', 'rejected']);
    expect(events[1]?.data).toMatchObject({ code, reason: 'because', mayBeSigned: false, requestHash: HASH });
  });

  test('one of invalid content is rejected, and its id stays free for a valid one', () => {
    const invalid: SignRequestCommand = {
      kind: 'submit-invalid',
      requester: 'alice',
      requestId: 'order-1',
      requestHash: OTHER_HASH,
      reason: 'path: hardened',
      details: { issues: ['path: hardened'] },
      now: NOW,
    };
    expect(when(invalid, initialSignRequest).events[0]?.data).toMatchObject({
      code: 'invalid',
      mayBeSigned: false,
    });
    expect(when(submit, given(invalid)).types).toEqual(['requested']);
    expect(when(invalid, given(submit)).events[0]?.data).toMatchObject({
      code: 'conflict',
      requestHash: OTHER_HASH,
    });
  });

  test('a copy of an open request changes nothing', () => {
    expect(when(submit, given(submit)).events).toEqual([]);
    expect(when(submit, given(submit, choose(1))).events).toEqual([]);
  });

  test('other bytes are a conflict that names their own hash and leaves the first untouched', () => {
    const other: Submit = { ...submit, request: { ...REQUEST, requestHash: OTHER_HASH } };
    for (const first of [given(submit), given(submit, choose(1)), given(submit, choose(1), complete)]) {
      const { events } = when(other, first);
      expect(events).toHaveLength(1);
      expect(events[0]?.data).toMatchObject({
        code: 'conflict',
        requestHash: OTHER_HASH,
        details: { firstRequestHash: HASH },
        mayBeSigned: false,
      });
      expect(events.reduce(evolve, first)).toEqual(first);
    }
  });
});

describe('choosing a committee', () => {
  test('an open request gets attempt 1 with the reserved presignature', () => {
    const { events } = when(choose(7), given(submit));
    expect(events[0]?.data).toMatchObject({
      attempt: 1,
      index: 7,
      committee: ['node-1', 'node-2'],
      requestHash: HASH,
    });
  });

  test('there is one attempt at a time, and none for a closed request', () => {
    expect(when(choose(8), given(submit, choose(7))).events).toEqual([]);
    expect(when(choose(8), given(submit, choose(7), complete)).events).toEqual([]);
    expect(when(choose(8), initialSignRequest).events).toEqual([]);
  });
});

describe('completing', () => {
  test('records whose shares arrived and the signature under the first digest', () => {
    const { events, types } = when(complete, given(submit, choose(1)));
    expect(types).toEqual(['partial-received', 'completed']);
    expect(events[0]?.data).toMatchObject({ attempt: 1, nodes: ['node-1', 'node-2'] });
    expect(events[1]?.data).toMatchObject({
      digest: REQUEST.digest,
      committee: ['node-1', 'node-2'],
      requestHash: HASH,
    });
  });

  test('under a Schnorr key without digest and address, when the message itself was signed', () => {
    const bytes: Submit = { ...submit, request: { ...REQUEST, payloadKind: 'bytes', digest: null } };
    const signature = { bytes: '0x01' };
    const { events } = when({ ...complete, signature, address: null }, given(bytes, choose(1)));
    expect(events[1]?.data).toMatchObject({ digest: null, address: null, signature });
  });

  test('happens once', () => {
    expect(when(complete, given(submit, choose(1), complete)).events).toEqual([]);
  });

  test('works for an attempt that was given up, when its partials came late', () => {
    const state = given(submit, choose(1), giveUp(1), choose(2, ['node-2', 'node-3']));
    const { events } = when(complete, state);
    expect(events.at(-1)?.data).toMatchObject({ presignatureId: reservation(1).presignatureId });
  });

  test('needs an attempt that was made', () => {
    expect(when({ ...complete, attempt: 2 }, given(submit, choose(1))).events).toEqual([]);
  });
});

describe('giving an attempt up', () => {
  test('a silent committee: the request waits for the next one and remembers who was silent', () => {
    const state = given(submit, choose(1));
    const { events } = when(giveUp(1, { answered: ['node-1'] }), state);
    expect(events.map((event) => event.type)).toEqual([
      'quorate.sign.partial-received.v1',
      'quorate.sign.retried.v1',
    ]);
    const after = events.reduce(evolve, state);
    expect(after).toMatchObject({ status: 'open', missing: ['node-2'] });
    expect(after.status === 'open' && currentAttempt(after)).toBeUndefined();
  });

  test('who was heard but is not stored yet is not remembered as silent', () => {
    const { events } = when(giveUp(1, { heard: ['node-1'] }), given(submit, choose(1)));
    expect(events.map((event) => event.data)).toMatchObject([{ missing: ['node-2'] }]);
  });

  test('a wrong share: its sender is named, and others are asked before it', () => {
    const command = giveUp(1, { answered: ['node-1', 'node-2'], accused: 'node-2' });
    const { events } = when(command, given(submit, choose(1)));
    expect(events.at(-1)).toMatchObject({
      type: 'quorate.sign.retried.v1',
      data: { accused: 'node-2', missing: [] },
    });
    expect(given(submit, choose(1), command)).toMatchObject({ missing: ['node-2'] });
  });

  test('one refusal of policy: the node is not asked again', () => {
    const state = given(submit, choose(1), giveUp(1, { refusals: [refusal('node-1')] }));
    expect(state.status === 'open' && refusingNodes(state)).toEqual(['node-1']);
  });

  test('refusals of so many that no committee is left end the request with their code and rule', () => {
    const state = given(
      submit,
      choose(1),
      giveUp(1, { refusals: [refusal('node-1')] }),
      choose(2, ['node-2', 'node-3']),
    );
    const { events } = when(giveUp(2, { refusals: [refusal('node-2')] }), state);
    expect(events[0]?.data).toMatchObject({
      code: 'policy',
      mayBeSigned: true,
      details: { rule: 'chain', nodes: ['node-1', 'node-2'] },
    });
  });

  test('one common code stays, with reason and rule of the same refusal', () => {
    const refusals = [refusal('node-2', 'policy'), refusal('node-1', 'policy', null)];
    expect(when(giveUp(1, { refusals }), given(submit, choose(1))).events[0]?.data).toMatchObject({
      code: 'policy',
      reason: 'node-2 says policy',
      details: { rule: 'chain', nodes: ['node-1', 'node-2'] },
    });
    const same = [refusal('node-1', 'unauthorized', null), refusal('node-2', 'unauthorized', null)];
    expect(when(giveUp(1, { refusals: same }), given(submit, choose(1))).events[0]?.data).toMatchObject({
      code: 'unauthorized',
      reason: 'node-1 says unauthorized',
    });
  });

  test.each([
    ['policy', 'chain', { rule: 'chain' }],
    ['expired', null, {}],
  ])(
    'different codes (unauthorized, %s) become policy, and the reason tells what each node said',
    (code, rule, named) => {
      const refusals = [refusal('node-2', code, rule), refusal('node-1', 'unauthorized', 'role')];
      const { events } = when(giveUp(1, { refusals }), given(submit, choose(1)));
      expect(events[0]?.data).toMatchObject({
        code: 'policy',
        reason: `node-1 (unauthorized): node-1 says unauthorized; node-2 (${code}): node-2 says ${code}`,
      });
      const details = { ...named, nodes: ['node-1', 'node-2'], refusals: [...refusals].reverse() };
      expect(events[0]?.data).toHaveProperty('details', details);
    },
  );

  test('a refusal that is about the presignature only counts for no node', () => {
    const refusals = [refusal('node-1', 'unknown-presignature', null), refusal('node-2', 'spent', null)];
    const state = given(submit, choose(1), giveUp(1, { refusals }));
    expect(state.status === 'open' && refusingNodes(state)).toEqual([]);
  });

  test('after three presignatures the request has failed and may be signed', () => {
    const state = given(submit, choose(1), giveUp(1), choose(2), giveUp(2), choose(3));
    expect(when(giveUp(3), state).events[0]?.data).toMatchObject({ code: 'failed', mayBeSigned: true });
    const after = given(submit, choose(1), giveUp(1), choose(2), giveUp(2), choose(3), giveUp(3));
    expect(when(choose(4), after).events).toEqual([]);
  });

  test('only the attempt under way can be given up', () => {
    expect(when(giveUp(1), given(submit)).events).toEqual([]);
    expect(when(giveUp(1), given(submit, choose(1), giveUp(1), choose(2))).events).toEqual([]);
    expect(when(giveUp(1), given(submit, choose(1), complete)).events).toEqual([]);
  });
});

describe('the deadline', () => {
  test('nothing happens before it', () => {
    expect(when({ kind: 'lapse', now: secondsLater(299) }, given(submit)).events).toEqual([]);
  });

  test('no-quorum at the coordinator’s limit, expired at the request’s own', () => {
    expect(when({ kind: 'lapse', now: secondsLater(300) }, given(submit)).events[0]?.data).toMatchObject({
      code: 'no-quorum',
      mayBeSigned: false,
    });
    expect(
      when({ kind: 'lapse', now: secondsLater(600) }, given(submit, choose(1))).events[0]?.data,
    ).toMatchObject({
      code: 'expired',
      mayBeSigned: true,
    });
  });

  test('a closed request has none', () => {
    expect(
      when({ kind: 'lapse', now: secondsLater(900) }, given(submit, choose(1), complete)).events,
    ).toEqual([]);
  });
});

describe('under a halt', () => {
  const haltId = `0x${'ee'.repeat(32)}`;
  const halt: SignRequestCommand = {
    ...{ kind: 'halt', now: NOW },
    halt: { haltId, scope: 'all', reason: 'drill', by: 'operator' },
  };

  test.each([
    ['that no node was asked for is not signed', given(submit), false],
    ['that nodes were asked for may be signed', given(submit, choose(1)), true],
  ])('an open request %s', (_, state, mayBeSigned) => {
    const { events } = when(halt, state);
    const after = events.reduce(evolve, state);
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toMatchObject({
      ...{ code: 'halted', reason: 'signing is halted (all): drill', mayBeSigned },
      details: { scope: 'all', haltId },
    });
    expect(when(halt, after).events).toEqual([]);
    expect(when(complete, after).events).toEqual([]);
  });

  test('a request that nobody has made has no outcome', () => {
    expect(when(halt, given()).events).toEqual([]);
  });
});

describe('when its key is retired', () => {
  const end: SignRequestCommand = { kind: 'end-with-key', now: NOW };

  test.each([
    ['that no node was asked for is not signed', given(submit), false],
    ['between two attempts may be signed', given(submit, choose(1), giveUp(1)), true],
  ])('a waiting request %s', (_, state, mayBeSigned) => {
    const { events } = when(end, state);
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toMatchObject({
      ...{ code: 'unknown-key', reason: 'the key k_1 is retired', mayBeSigned },
    });
    expect(when(end, events.reduce(evolve, state)).events).toEqual([]);
  });

  test('an attempt under way goes on', () => {
    expect(when(end, given(submit, choose(1))).events).toEqual([]);
  });
});

test('stream ids keep requester and request id apart, colons or not', () => {
  expect(streams.sign('alice', 'order-1')).toBe('sign:alice:order-1');
  expect(streams.sign('a', 'b:c')).not.toBe(streams.sign('a:b', 'c'));
  for (const [requester, requestId] of [
    ['a', 'b:c'],
    ['a:b', 'c'],
    ['a:b:', ':c'],
  ] as const) {
    expect(identityOfStream(streams.sign(requester, requestId))).toEqual({ requester, requestId });
  }
});
