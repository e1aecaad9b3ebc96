import { type LogEvent } from '../api/answers';
import { type Committee } from './committee';
import { storiesOf, type Story } from './story';

let index = 0;

function event(type: string, data: object, change: Partial<LogEvent> = {}): LogEvent {
  index += 1;
  const source =
    typeof Reflect.get(data, 'node') === 'string' ? `/node/${Reflect.get(data, 'node')}` : '/coordinator/c';
  return {
    ...{ log: 0, index, type: `quorate.${type}.v1`, source, time: new Date(index * 1_000).toISOString() },
    ...{ verified: true, reason: null, duplicateOf: null, jws: '', data: { ...data } },
    ...change,
  };
}

const base64 = (content: object) => btoa(JSON.stringify(content));
const request = { requester: 'alice', requestId: 'order-1' };
const intent = { requester: 'alice', intentId: 'payout-1' };
const asked = event('sign.requested', { ...request, value: base64({ payload: { kind: 'eip191' } }) });
const chosen = (attempt: number, committee = ['node-1', 'node-2'], requestId = 'order-1') =>
  event('sign.committee-chosen', { ...request, requestId, attempt, committee });
const allowed = (node: string, attempt = 1) => event('sign.partial-issued', { ...request, node, attempt });
const completed = event('sign.completed', { ...request });

function only(events: LogEvent[]): Story {
  const [story, ...others] = storiesOf(events);
  if (story === undefined || others.length > 0) throw new Error('not one story');
  return story;
}

const committees = (story: Story) =>
  story.phases.flatMap(({ steps }) => steps).filter((step): step is Committee => step.kind === 'committee');
const steps = (story: Story) =>
  story.phases.map(({ name, steps: all }) => [
    name,
    ...all.map((step) => (step.kind === 'step' ? step.name : 'committee')),
  ]);

describe('the story of a signature', () => {
  it('has what each node decided in its committee', () => {
    const received = event('sign.partial-received', { ...request, attempt: 1, nodes: ['node-1'] });
    const story = only([asked, chosen(1), allowed('node-1'), received, allowed('node-2'), completed]);
    expect(steps(story)).toEqual([
      ['Request', 'Signing request accepted'],
      ['Committee', 'committee'],
      ['Result', 'Signature complete'],
    ]);
    expect(committees(story)[0]?.members).toMatchObject([
      { node: 'node-1', decision: 'allowed', isReceived: true },
      { node: 'node-2', decision: 'allowed', isReceived: false },
    ]);
    expect(story.status).toMatchObject({ name: 'Signed', tone: 'good', isEnd: true });
    expect(story.stages.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  it('tells which attempt an answer belongs to', () => {
    const refused = event('policy.refused', {
      ...request,
      attempt: 1,
      node: 'node-2',
      rule: 'chain',
      reason: 'no',
    });
    const retried = event('sign.retried', { ...request, attempt: 1, reason: 'a node refused' });
    const story = only([
      asked,
      chosen(1),
      allowed('node-1'),
      refused,
      retried,
      chosen(2),
      allowed('node-2', 2),
    ]);
    expect(committees(story).map(({ members }) => members.map(({ decision }) => decision))).toEqual([
      ['allowed', 'refused'],
      ['asked', 'allowed'],
    ]);
    expect(committees(story)[0]?.members[1]).toMatchObject({ rule: 'chain', reason: 'no' });
    expect(story.status).toMatchObject({ name: 'Being signed', isEnd: false });
  });

  it('lets nodes speak for themselves only', () => {
    const lie = event(
      'sign.partial-issued',
      { ...request, attempt: 1, node: 'node-2' },
      { source: '/node/node-1' },
    );
    const [committee] = committees(only([asked, chosen(1), lie]));
    expect(committee?.members.map(({ decision }) => decision)).toEqual(['allowed', 'asked']);
  });

  it('is not told from what nobody signed, nor from copies', () => {
    const forged = event('sign.rejected', { ...request, code: 'policy', reason: 'x' }, { verified: false });
    const copy = event('sign.requested', { ...request, requester: 'mallory' }, { duplicateOf: 1 });
    const story = only([asked, completed, forged, copy]);
    expect(story.events).toHaveLength(2);
    expect(story.status.name).toBe('Signed');
    expect(storiesOf([forged])).toEqual([]);
  });

  it('does not end with the refusal of other bytes under its id', () => {
    const conflict = event('sign.rejected', { ...request, code: 'conflict', reason: 'other bytes' });
    expect(only([asked, chosen(1), conflict]).status).toMatchObject({
      name: 'Being signed',
      tone: 'waiting',
    });
    expect(only([asked, completed, conflict]).status.name).toBe('Signed');
  });

  it('is one for each client that used the id', () => {
    const bobs = event('sign.requested', { requester: 'bob', requestId: 'order-1' });
    const stories = storiesOf([asked, bobs, completed]);
    expect(stories.map(({ requester, status }) => [requester, status.name])).toEqual([
      ['alice', 'Signed'],
      ['bob', 'Asked for'],
    ]);
  });

  it('survives content of any form', () => {
    const broken = [
      event('sign.requested', { requester: 7, value: '!!', requestId: null }),
      event('sign.committee-chosen', { committee: 'node-1', attempt: {} }),
      event('sign.completed', { signature: [], block: 'x' }),
      event('tx.included', { block: { number: {} } }),
      event('toString', {}),
      event('x', {}, { type: null, source: null, time: null, data: null }),
    ];
    expect(() => storiesOf(broken)).not.toThrow();
  });
});

describe('the story of a transaction', () => {
  const signing = (attempt: number) => [
    event('tx.priced', { ...intent, attempt, maxFeePerGas: '1180790232' }),
    event('tx.signature-requested', { ...intent, attempt, requestId: `s${attempt}` }),
    event('sign.requested', { requester: 'submitter', requestId: `s${attempt}` }),
    chosen(1, ['node-1'], `s${attempt}`),
    event('tx.signed', { ...intent, attempt, hash: `0x${attempt}` }),
    event('tx.broadcast', { ...intent, attempt, hash: `0x${attempt}` }),
  ];
  const value = base64({ value: '1000000000000000', to: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8' });
  const requested = event('tx.requested', { ...intent, value });
  const reserved = event('tx.nonce-reserved', { ...intent, nonce: '7', from: '0x9c', chainId: '1' });
  const block = { number: '20', hash: '0x06' };

  it('has a phase for each attempt, whenever its events come', () => {
    const late = event('tx.broadcast', { ...intent, attempt: 0, hash: '0x0' });
    const story = only([
      requested,
      reserved,
      ...signing(0),
      ...signing(1),
      late,
      event('tx.included', { ...intent, block }),
    ]);
    expect(steps(story).map(([name, ...all]) => [name, all.length])).toEqual([
      ['Request', 1],
      ['Lane', 1],
      ['Attempt 1', 7],
      ['Attempt 2', 6],
      ['Chain', 1],
    ]);
    expect(story.asked).toMatchObject({ value: '1000000000000000' });
    expect(story.status).toMatchObject({ name: 'In a block', isEnd: false });
    expect(story.stages.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'now', 'ahead']);
  });

  it('has its fees and its lane', () => {
    const [, lane, attempt] = only([requested, reserved, ...signing(0)]).phases;
    expect(lane?.steps[0]).toMatchObject({ facts: [{ value: '7' }, { value: '0x9c' }, { value: '1' }] });
    expect(attempt?.steps[0]).toMatchObject({
      facts: [{ label: 'Fee at most', value: '1.180790232 gwei per gas' }],
    });
  });

  it('stays reverted when its block becomes final', () => {
    const reverted = event('tx.reverted', { ...intent, block, reason: 'out of gas' });
    const final = event('tx.finalized', { ...intent, block });
    expect(only([requested, reverted]).status).toMatchObject({ name: 'Reverted', isEnd: false });
    expect(only([requested, reverted, final]).status).toEqual({
      ...{ name: 'Reverted', tone: 'bad', reason: 'out of gas', isEnd: true },
    });
  });

  it('is of the client, though the submitter asks for the signature', () => {
    const bobs = event('tx.requested', { requester: 'bob', intentId: 'payout-1' });
    const [alices, other] = storiesOf([requested, bobs, ...signing(0)]);
    expect([alices?.requester, alices?.events.length]).toEqual(['alice', 7]);
    expect([other?.requester, other?.events.length]).toEqual(['bob', 1]);
  });
});
