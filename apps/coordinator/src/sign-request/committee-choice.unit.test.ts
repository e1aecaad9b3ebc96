import { HaltedNodes } from '../halt/halted-nodes';
import { PresignatureStock } from '../presignature-stock/presignature-stock';
import { NODES, NOW, REQUEST, reservation } from '../testing/sign-request-facts';
import { CommitteeChoice } from './committee-choice';
import { OpenedRequest } from './opened-request';
import { initialSignRequest } from './evolve';

const COMMITTEES = [
  ['node-1', 'node-2'],
  ['node-2', 'node-3'],
  ['node-1', 'node-3'],
];

/** What a new request of alice is given, committee after committee, while these nodes say that she is halted there. */
function chosen(halted: readonly string[], count = 1): string[][] {
  const stock = new PresignatureStock({
    isLive: () => true,
    hasDeadPair: () => false,
    isAvoided: () => false,
    canAvoid: () => true,
    doubts: () => 0,
    load: () => 0,
    isCurrent: () => true,
  });
  stock.add(
    COMMITTEES.map((committee, n) => ({
      ...{ sessionId: reservation(n).sessionId, keyId: REQUEST.keyId, epoch: 0, committee },
      bootIds: Object.fromEntries(NODES.map((node) => [node, ''])),
      ...{ material: 'presignatures', h2: reservation(n).sessionId, nextIndex: 0 },
      noncePoints: [reservation(n).noncePoint],
    })),
  );
  const reports = {
    isAnyHalted: () => halted.length > 0,
    halted: ({ requesters }: { requesters: readonly string[] }) =>
      requesters.includes(REQUEST.requester) ? [...halted] : [],
  };
  const choice = new CommitteeChoice(stock, { given: () => undefined }, new HaltedNodes(reports));
  return Array.from({ length: count }, () => {
    const request = new OpenedRequest(REQUEST.requester, REQUEST.requestId, initialSignRequest, 0);
    request.execute({ kind: 'submit', request: REQUEST, refusal: null, now: NOW }, REQUEST.requestHash);
    choice.choose(request, REQUEST.requestHash);
    const { state } = request;
    return state.status === 'open' ? [...(state.attempts[0]?.committee ?? [])] : [];
  });
}

test('a node that says that the requester is halted there is asked last', () => {
  expect(chosen(['node-2'])).toEqual([['node-1', 'node-3']]);
  expect(chosen(['node-3'])).toEqual([['node-1', 'node-2']]);
  expect(chosen(['node-1'])).toEqual([['node-2', 'node-3']]);
});

test('but asked it is, when no other committee has a presignature', () => {
  expect(chosen(['node-2'], 3).map((committee) => committee.join())).toEqual([
    'node-1,node-3',
    ...['node-1,node-2', 'node-2,node-3'],
  ]);
});
