import { partialSchema } from '@quorate/protocol';
import { type Answer } from '../ports/answer-records.port';
import { oneAnswerEach } from './one-answer-each';

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const facts = {
  id: 'a1',
  requester: 'alice',
  requestId: 'r1',
  requestHash: hash('1'),
  presignatureId: hash('2'),
  at: '2026-01-01T00:00:00.000Z',
};

function answer(node: string, attempt: number, content: object): Answer {
  const data = partialSchema.parse({ ...facts, node, attempt, ...content });
  if (data.type === 'quorate.ceremony.ended.v1') throw new Error('no answer to a request');
  return { streamId: 's', attempt, node, data };
}

const share = (node: string, attempt: number, u: string) =>
  answer(node, attempt, {
    type: 'quorate.sign.partial.v1',
    bootId: hash('3'),
    keyId: 'k_1',
    epoch: 0,
    req: hash('4'),
    u: hash(u),
    w: hash('5'),
    digest: hash('6'),
  });

const refusal = (node: string, attempt: number) =>
  answer(node, attempt, { type: 'quorate.sign.refused.v1', code: 'policy', reason: 'no', spent: false });

it('counts a share that was delivered twice once', () => {
  const [first, other] = [share('node-1', 1, 'a'), share('node-2', 1, 'b')];
  expect(oneAnswerEach([first, other, share('node-1', 1, 'a')])).toEqual([first, other]);
});

it('takes the first of different shares of one node', () => {
  const first = share('node-1', 1, 'a');
  expect(oneAnswerEach([first, share('node-1', 1, 'c')])).toEqual([first]);
});

it('lets a refusal give way to a share, and never the other way round', () => {
  const given = share('node-1', 1, 'a');
  expect(oneAnswerEach([refusal('node-1', 1), given])).toEqual([given]);
  expect(oneAnswerEach([given, refusal('node-1', 1)])).toEqual([given]);
});

it('keeps answers to different attempts apart', () => {
  const answers = [share('node-1', 1, 'a'), share('node-1', 2, 'c')];
  expect(oneAnswerEach(answers)).toEqual(answers);
});
