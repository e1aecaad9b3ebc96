import { randomUUID } from 'node:crypto';
import { type EventStore } from '@quorate/event-store';
import { keyFactsOf } from '@quorate/key-record';
import { createLogger, PeerDirectory } from '@quorate/platform';
import { keyFactsSchema, type KeyState, keyStateSchema } from '@quorate/protocol';
import { type Certificate, ed25519PublicKey } from '@quorate/threshold';
import { generateSchnorrKey } from '../../../../libs/threshold/src/testing/ceremony-network';
import { certificateByOutsiders } from '../../../../libs/threshold/src/testing/outsiders';
import { reshare } from '../../../../libs/threshold/src/testing/reshare-network';
import { identityOf } from '../../../../libs/threshold/src/testing/trusted-dealer';
import { type KeyLives } from '../ports/key-lives.port';
import { KeyRegistry } from './key-registry';

describe('what nodes publish of a key', () => {
  const publicKeyOf = (index: number) => Buffer.from(identityOf(index).identityKey);
  const peers = new PeerDirectory(
    [1, 2, 3, 4, 5].map((index) => ({
      ...{ kid: `node-${index}`, role: 'node' as const, publicKey: ed25519PublicKey(publicKeyOf(index)) },
    })),
  );
  const nodeOf = (identity: Buffer) =>
    [1, 2, 3, 4, 5].filter((index) => publicKeyOf(index).equals(identity)).map((index) => `node-${index}`);
  const factsOf = (certificate: Certificate) =>
    keyFactsOf(certificate, [...certificate.identities.values()].flatMap(nodeOf));
  const record = (certificate: Certificate): KeyState =>
    keyStateSchema.parse({
      ...{ type: 'quorate.state.key.v1', id: randomUUID(), at: new Date().toISOString() },
      ...factsOf(certificate),
    });
  const certificateIn = (shares: ReturnType<typeof reshare>): Certificate => {
    const share = shares.get(1);
    if (share === undefined) throw new Error('a share');
    return share.certificate;
  };
  const key = generateSchnorrKey(2, 3, 4);
  const believed = certificateIn(key);
  const plan = { dealers: [1, 2], threshold: 2, receivers: [1, 2, 3] };
  const keyId = record(believed).keyId;

  const registryOf = async (certificate: Certificate): Promise<KeyRegistry> => {
    const facts = keyFactsSchema.parse(factsOf(certificate));
    const indices = { 'node-1': 1, 'node-2': 2, 'node-3': 3 };
    const usable: KeyLives['usable'] = () =>
      Promise.resolve([{ facts, usableAt: new Date(), indices, retirement: null }]);
    const store = { transaction: (work: (tx: unknown) => unknown) => Promise.resolve(work({})) };
    const registry = new KeyRegistry(
      store as unknown as EventStore,
      { usable } as unknown as KeyLives,
      peers,
      createLogger('coordinator', 'silent'),
    );
    await registry.refresh();
    return registry;
  };

  it('stops its use when its parties confirmed two contents of one epoch', async () => {
    const first = certificateIn(reshare(key, plan));
    const second = certificateIn(reshare(key, { ...plan, dealers: [2, 3] }));
    const registry = await registryOf(first);
    registry.learn('node-1', record(first));
    expect(registry.usable(keyId)).toBeDefined();
    registry.learn('node-3', record(second));
    expect([registry.usable(keyId), registry.isContradicted(keyId)]).toEqual([undefined, true]);
  });

  it.each([0, 1])('goes on when nodes without a share confirm epoch %i to each other', async (epoch) => {
    const registry = await registryOf(epoch === 0 ? believed : certificateIn(reshare(key, plan)));
    const outsiders = [4, 5].map((index) => ({
      publicKey: publicKeyOf(index),
      sign: identityOf(index).sign,
    }));
    const [first, second] = outsiders;
    if (first === undefined || second === undefined) throw new Error('two nodes');
    registry.learn('node-4', record(certificateByOutsiders(believed, [first, second], epoch)));
    expect([registry.usable(keyId)?.epoch, registry.isContradicted(keyId)]).toEqual([epoch, false]);
  });
});
