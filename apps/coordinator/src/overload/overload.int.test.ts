import { type RequesterLimits } from '@quorate/platform';
import { signRejectedSchema } from '@quorate/protocol';
import { callControl, createKeyRequest } from '../testing/control-client';
import { waitFor } from '../../../../test/integration/until';
import { type RunningCoordinator, TestDeployment } from '../testing/test-deployment';

const LIMITS = {
  hasty: { perSecond: 1, burst: 4, open: 1_000 },
  piling: { perSecond: 1_000, burst: 1_000, open: 3 },
} satisfies Record<string, RequesterLimits>;
const SENT = 20;

jest.setTimeout(90_000);

describe('a requester with small limits in REQUESTERS_FILE', () => {
  const deployment = new TestDeployment(3, LIMITS);
  let running: RunningCoordinator;
  let keyId: string;

  beforeAll(async () => {
    await deployment.start();
    running = await deployment.coordinator();
    deployment.connectNodes(running.port);
    const call = <T>(method: string, request: object) =>
      callControl<T>(running.port, deployment.tlsOf('operator'), method, request);
    await waitFor('the nodes', async () => {
      const { nodes } = await call<{ nodes: { ready: boolean }[] }>('ListNodes', {});
      return nodes.every((node) => node.ready);
    });
    const participants = deployment.nodes.map((node) => node.id);
    ({ keyId } = await call<{ keyId: string }>(
      'CreateKey',
      createKeyRequest(deployment.operator, 2, participants),
    ));
    await waitFor(
      'stock',
      async () => (await call<{ stock: number }>('GetKey', { keyId })).stock >= 24,
      60_000,
    );
  });
  afterAll(() => deployment.stop());

  const requestsOf = (requester: string, name = requester) =>
    Array.from({ length: SENT }, (_, i) => {
      const requestId = `${name}-${i}`;
      return { requestId, value: deployment.requestOf(keyId, requestId, { requester }) };
    });
  const outcomesOf = (requests: readonly { requestId: string }[]) =>
    requests.map(({ requestId }) => deployment.finalsOf(requestId));
  const idsWith = (requests: readonly { requestId: string }[], type: 'completed' | 'rejected') =>
    requests
      .map(({ requestId }) => requestId)
      .filter((id) => deployment.finalsOf(id)[0]?.data['type'] === `quorate.sign.${type}.v1`);

  /** The final of a request that was too much, which no node ever heard of. */
  function expectShed(requestId: string, limit: string): void {
    const [final] = deployment.finalsOf(requestId);
    expect(signRejectedSchema.parse(final?.data)).toMatchObject({
      code: 'overloaded',
      mayBeSigned: false,
      details: { limit },
    });
    for (const node of deployment.nodes) {
      expect(node.tasks.filter((task) => task.includes(`/${requestId}/`))).toEqual([]);
    }
  }

  test('is refused what exceeds its rate, and signed the rest: one outcome each', async () => {
    const requests = requestsOf('hasty');
    await deployment.sendAs('hasty', ...requests);
    await waitFor('the finals', () => outcomesOf(requests).every((finals) => finals.length > 0));
    const [signed, shed] = [idsWith(requests, 'completed'), idsWith(requests, 'rejected')];
    expect(signed.length).toBeGreaterThanOrEqual(LIMITS.hasty.burst);
    expect(shed.length).toBeGreaterThan(0);
    for (const requestId of shed) expectShed(requestId, 'perSecond');

    // What was too much once has its outcome: it is not tried again later.
    await deployment.sendAs('hasty', ...requests);
    await waitFor('the copies', () => outcomesOf(requests).every((finals) => finals.length > 1));
    for (const [first, ...more] of outcomesOf(requests)) {
      expect(more.map(({ value }) => value)).toEqual([first?.value]);
    }
  });

  test('is refused what exceeds its open requests, until they have ended', async () => {
    for (const node of deployment.nodes) node.behaviour.silent = true;
    const requests = requestsOf('piling');
    await deployment.sendAs('piling', ...requests);
    const { open } = LIMITS.piling;
    await waitFor('the refusals', () => idsWith(requests, 'rejected').length === SENT - open);
    for (const requestId of idsWith(requests, 'rejected')) expectShed(requestId, 'open');

    for (const node of deployment.nodes) node.behaviour.silent = false;
    await waitFor('the signatures', () => idsWith(requests, 'completed').length === open);
    expect(outcomesOf(requests).map(({ length }) => length)).toEqual(requests.map(() => 1));
    const [later] = requestsOf('piling', 'later');
    if (later === undefined) throw new Error('no request');
    await deployment.sendAs('piling', later);
    await waitFor('the final', () => deployment.finalsOf(later.requestId).length > 0);
    expect(idsWith([later], 'completed')).toEqual([later.requestId]);
  });
});
