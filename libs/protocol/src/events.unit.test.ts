import { eventData, streams } from './events';
import { eventSchema } from './schemas/event';

const facts = {
  type: 'quorate.sign.requested.v1',
  eventId: '0b0c6a2e-6b0f-4a53-9d4c-1f6a1c9f1f3e',
  streamId: streams.sign('alice', 'order-1042'),
  streamPosition: 1,
  causationId: 'mpc.requests/2/41',
  correlationId: 'order-1042',
  occurredAt: new Date('2026-12-01T12:00:00Z'),
  actor: '/coordinator/coordinator-1',
};

test('an event has its common fields, then its payload', () => {
  const data = eventData(facts, { requester: 'alice', constructor: 'kept' });
  expect(eventSchema.parse(data)).toEqual({
    ...facts,
    occurredAt: '2026-12-01T12:00:00.000Z',
    requester: 'alice',
    constructor: 'kept',
  });
});

test('a payload cannot pose as another event', () => {
  expect(eventData(facts, { type: 'quorate.sign.completed.v1', actor: '/node/node-1' })).toMatchObject({
    type: facts.type,
    actor: facts.actor,
  });
});

test.each([
  ['sign', streams.sign],
  ['node sign', (requester: string, id: string) => streams.nodeSign('node-1', requester, id)],
  ['transaction', streams.transaction],
])('a %s stream is of one requester: colons of its name do not reach into the id', (_, streamOf) => {
  const names = [streamOf('alice', 'eu:p1'), streamOf('alice:eu', 'p1'), streamOf('alice:eu:p1', '')];
  expect(new Set(names).size).toBe(3);
  expect(names[0]).toMatch(/alice:eu:p1$/);
});

test('what is beside the facts does not get in', () => {
  expect(eventData({ ...facts, ...{ data: { secret: 1 } } }, {})).not.toHaveProperty('data');
});
