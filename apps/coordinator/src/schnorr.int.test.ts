import { fromHex, signCompletedSchema } from '@quorate/protocol';
import { groupOf, verifySchnorrSignature } from '@quorate/threshold';
import { callControl, signedRequest } from './testing/control-client';
import { waitFor } from '../../../test/integration/until';
import { type RunningCoordinator, TestDeployment } from './testing/test-deployment';

const MESSAGE = Buffer.from('signed by FROST');
const ED25519 = 3;

jest.setTimeout(90_000);

describe('a coordinator of an Ed25519 key', () => {
  const deployment = new TestDeployment();
  let running: RunningCoordinator;
  let keyId: string;
  const call = <T>(method: string, request: object) =>
    callControl<T>(running.port, deployment.tlsOf('operator'), method, request);

  beforeAll(async () => {
    await deployment.start();
    running = await deployment.coordinator();
    deployment.connectNodes(running.port);
    await waitFor('the nodes', async () => {
      const { nodes } = await call<{ nodes: { ready: boolean }[] }>('ListNodes', {});
      return nodes.every((node) => node.ready);
    });
    const parameters = { scheme: 'eddsa-ed25519', threshold: 2, disjointQuorums: false, epoch: 0 };
    const participants = deployment.nodes.map((node) => node.id);
    const command = signedRequest(deployment.operator, 'CreateKey', { ...parameters, participants });
    ({ keyId } = await call<{ keyId: string }>('CreateKey', command));
  });
  afterAll(() => deployment.stop());

  /** Sends a request and expects a signature of the message. */
  async function committeeOfSigned(requestId: string): Promise<string[]> {
    const payload = { kind: 'bytes' as const, message: `0x${MESSAGE.toString('hex')}` };
    const value = deployment.requestOf(keyId, requestId, { payload, path: undefined });
    await deployment.send({ requestId, value });
    await waitFor(`the final of ${requestId}`, () => deployment.finalsOf(requestId).length > 0);
    const final = signCompletedSchema.parse(deployment.finalsOf(requestId)[0]?.data);
    const publicKey = groupOf(ED25519).parsePoint(fromHex(final.publicKey));
    if (publicKey === undefined || !('bytes' in final.signature)) throw new Error('no Ed25519 signature');
    const signature = fromHex(final.signature.bytes);
    expect(verifySchnorrSignature(ED25519, signature, MESSAGE, publicKey)).toBe(true);
    return final.committee;
  }

  test('names the sender of a wrong share, and has the others sign', async () => {
    await committeeOfSigned('sound');
    deployment.node(3).behaviour.corrupt = true;
    const isAsked = () => deployment.node(3).tasks.some((task) => task.includes('/wrong-'));
    for (let i = 0; !isAsked(); i++) {
      expect(await committeeOfSigned(`wrong-${i}`)).toEqual(['node-1', 'node-2']);
    }
    const retried = () => deployment.events.filter(({ type }) => type === 'quorate.sign.retried.v1');
    await waitFor('the event', () => retried().length > 0);
    expect(retried()).toMatchObject([{ accused: 'node-3', missing: [], refusals: [] }]);
  });
});
