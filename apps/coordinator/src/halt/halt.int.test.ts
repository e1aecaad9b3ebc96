import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { callControl, createKeyRequest, signedCall } from '../testing/control-client';
import { waitFor } from '../../../../test/integration/until';
import { type RunningCoordinator, TestDeployment } from '../testing/test-deployment';

interface Halts {
  halts: { haltId: string; scope: string; reason: string; by: string; places: string[] }[];
}
interface Outcome {
  halts: string[];
  nodes: { nodeId: string; state: string }[];
}

jest.setTimeout(120_000);

describe('two coordinators under a halt', () => {
  const deployment = new TestDeployment();
  let first: RunningCoordinator;
  let second: RunningCoordinator;
  let keyId: string;
  let count = 0;

  const call = <T>(method: string, request: object, at = first) =>
    callControl<T>(at.port, deployment.tlsOf('operator'), method, request);
  const halt = (scope: string, operator = deployment.operator) =>
    call<Outcome>('Halt', signedCall(operator, { what: 'Halt', scope, reason: 'drill' }));
  const resume = (scope: string, halts?: string[], operator = deployment.operator) =>
    call<Outcome>('Resume', signedCall(operator, { what: 'Resume', scope, ...(halts && { halts }) }));
  const halted = async (at = first) => (await call<Halts>('ListHalts', {}, at)).halts;

  /** Sends a request and waits for its outcome. */
  const outcomeOf = async (requestId = `r-${count++}`, value = deployment.requestOf(keyId, requestId)) => {
    await deployment.send({ requestId, value });
    await waitFor(`the final of ${requestId}`, () => deployment.finalsOf(requestId).length > 0);
    return deployment.finalsOf(requestId)[0]?.data;
  };

  beforeAll(async () => {
    await deployment.start();
    first = await deployment.coordinator('coordinator-1');
    second = await deployment.coordinator('coordinator-2');
    deployment.connectNodes(first.port);
    deployment.connectNodes(second.port);
    for (const at of [first, second])
      await waitFor('the nodes', async () => {
        const { nodes } = await call<{ nodes: { ready: boolean }[] }>('ListNodes', {}, at);
        return nodes.every((node) => node.ready);
      });
    const participants = deployment.nodes.map((node) => node.id);
    const key = await call<{ keyId: string }>(
      'CreateKey',
      createKeyRequest(deployment.operator, 2, participants),
    );
    ({ keyId } = key);
  });
  afterAll(() => deployment.stop());

  afterEach(async () => {
    for (const node of deployment.nodes) Object.assign(node.behaviour, { silent: false, distrustful: false });
    for (const { scope, haltId } of await halted()) await resume(scope, [haltId]);
    for (const at of [first, second])
      await waitFor('nothing to be halted', async () => (await halted(at)).length === 0);
  });

  test('stop the key at every node and refuse its requests, until it is resumed', async () => {
    expect(await outcomeOf()).toMatchObject({ type: 'quorate.sign.completed.v1' });
    const { halts, nodes } = await halt(`key:${keyId}`);
    expect(nodes.map(({ nodeId, state }) => [nodeId, state])).toEqual(
      deployment.nodes.map(({ id }) => [id, 'confirmed']),
    );
    await waitFor('the other coordinator', async () => (await halted(second)).length === 1);
    expect(await halted(second)).toEqual([
      {
        ...{ haltId: halts[0], scope: `key:${keyId}`, reason: 'drill', by: 'operator' },
        places: ['coordinators'],
      },
    ]);

    const value = deployment.requestOf(keyId, 'refused');
    expect(await outcomeOf('refused', value)).toMatchObject({
      ...{ type: 'quorate.sign.rejected.v1', code: 'halted', mayBeSigned: false },
      details: { scope: `key:${keyId}`, haltId: halts[0] },
    });

    expect((await resume(`key:${keyId}`)).halts).toEqual(halts);
    await waitFor('the other coordinator', async () => (await halted(second)).length === 0);
    expect(await outcomeOf()).toMatchObject({ type: 'quorate.sign.completed.v1' });
    // What was refused stays refused: the same bytes get the same outcome.
    await deployment.send({ requestId: 'refused', value });
    await waitFor('the copy', () => deployment.finalsOf('refused').length === 2);
    const [one, two] = deployment.finalsOf('refused');
    expect(two?.value).toEqual(one?.value);
    expect(two?.jws).toBe(one?.jws);

    const told = (type: string) => deployment.events.filter((event) => event['type'] === type);
    const isThis = (event: Record<string, unknown>) =>
      event['haltId'] === halts[0] || JSON.stringify(event['halts']) === JSON.stringify(halts);
    await waitFor('the event', () => told('quorate.system.resumed.v1').some(isThis));
    expect(told('quorate.system.halted.v1').filter(isThis)).toHaveLength(1);
    expect(told('quorate.system.resumed.v1').filter(isThis)).toHaveLength(1);
  });

  test('give open requests their outcome at once', async () => {
    for (const node of deployment.nodes) node.behaviour.silent = true;
    const requestId = 'open';
    await deployment.send({ requestId, value: deployment.requestOf(keyId, requestId) });
    const asked = () => deployment.nodes.some((node) => node.tasks.some((task) => task.includes('/open/')));
    await waitFor('the nodes to be asked', asked);
    await halt('requester:bob');
    expect(deployment.finalsOf(requestId)).toEqual([]);
    await halt('requester:alice');
    await waitFor('the outcome', () => deployment.finalsOf(requestId).length > 0, 3_000);
    expect(deployment.finalsOf(requestId)[0]?.data).toMatchObject({ code: 'halted', mayBeSigned: true });
  });

  test('remember over a restart, and hear what was said meanwhile', async () => {
    await halt(`key:${keyId}`);
    await waitFor('the other coordinator', async () => (await halted(second)).length === 1);
    await second.stop();
    await halt('requester:bob');
    second = await deployment.coordinator('coordinator-2');
    deployment.connectNodes(second.port);
    expect((await halted(second)).map(({ scope }) => scope).sort()).toEqual([
      `key:${keyId}`,
      'requester:bob',
    ]);
  });

  test('obey the submitter, who cannot resume', async () => {
    const haltId = `0x${randomBytes(32).toString('hex')}`;
    const record = { scope: 'all', at: new Date().toISOString() };
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const { command, signatures } = signedCall(stranger, { what: 'Resume', scope: 'all', halts: [haltId] });
    const end = {
      ...{ type: 'quorate.state.resume.v1', id: randomUUID(), ...record, halts: [haltId], signatures },
      command: command.toString('base64'),
    };
    const said = {
      ...{ type: 'quorate.state.halt.v1', id: randomUUID(), ...record, haltId, reason: 'foreign' },
      by: 'submitter',
    };
    // Whoever took the resume, which comes first, would never halt.
    await deployment.sendState('submitter', end, `resume:${haltId}`);
    await deployment.sendState('submitter', said, `halt:${haltId}`);
    for (const at of [first, second])
      await waitFor('the halt', async () => (await halted(at)).some((known) => known.haltId === haltId));
    expect(await outcomeOf()).toMatchObject({ code: 'halted', details: { haltId } });
  });

  test('ask others than a node that says that it halted the key by itself', async () => {
    const node = deployment.node(2);
    const scope = `key:${keyId}`;
    const haltId = `0x${randomBytes(32).toString('hex')}`;
    node.behaviour.halts = [{ haltId, scope, reason: 'too many refusals', by: node.id }];
    node.behaviour.refusal = { code: 'halted' };
    await node.heartbeat();
    for (const at of [first, second])
      await waitFor('the report', async () =>
        (await halted(at)).some(({ places }) => places.includes(node.id)),
      );
    const before = node.tasks.length;
    for (let i = 0; i < 6; i++) {
      expect(await outcomeOf()).toMatchObject({ committee: ['node-1', 'node-3'] });
    }
    expect(node.tasks).toHaveLength(before);

    node.behaviour.refusal = undefined;
    await resume(scope, [haltId]);
    await waitFor('work for the node', async () => {
      await outcomeOf();
      return node.tasks.length > before;
    });
  });

  test('act on no command that an operator did not sign', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    await expect(halt('all', stranger)).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    const unknown = signedCall(stranger, { what: 'Halt', scope: 'all', reason: 'drill' });
    const refused = { code: status.INVALID_ARGUMENT };
    await expect(call('Halt', { ...unknown, signatures: [] })).rejects.toMatchObject(refused);
    const signed = signedCall(deployment.operator, { what: 'Halt', scope: 'requester:bob', reason: 'drill' });
    await expect(call('Halt', { ...signed, scope: 'all' })).rejects.toMatchObject(refused);
    await expect(call('Resume', signed)).rejects.toMatchObject(refused);
    expect(await halted()).toEqual([]);
  });

  test('stay halted when a node finds too few operators under a resume', async () => {
    const { halts } = await halt('all');
    const [node] = deployment.nodes;
    if (node !== undefined) node.behaviour.distrustful = true;
    await expect(resume('all')).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
      details: 'nothing is resumed here: node-1: too few operators',
    });
    expect((await halted()).map(({ haltId }) => haltId)).toEqual(halts);
  });
});
