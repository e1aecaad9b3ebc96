import { createLogger } from '@quorate/platform';
import { type KeyState, keyStateSchema } from '@quorate/protocol';

import { PublishedKeys } from './published-keys';

const hex = (byte: string, bytes: number) => `0x${byte.repeat(bytes)}`;
const record = (change: object = {}): KeyState =>
  keyStateSchema.parse({
    ...{
      type: 'quorate.state.key.v1',
      id: 'x',
      keyId: 'k_1',
      scheme: 'ecdsa-secp256k1',
      epoch: 0,
      threshold: 2,
    },
    ...{ participants: ['node-1', 'node-2', 'node-3'], publicKey: hex('02', 33), chainCode: hex('0c', 32) },
    ...{ publicShares: {}, address: hex('01', 20), at: '2026-12-01T12:00:00Z' },
    certificate: {
      ...{ suite: 1, epoch: 0, sid: hex('01', 32), ssid: hex('01', 32), transcript: hex('01', 32) },
      ...{ identities: {}, signatures: {} },
    },
    ...change,
  });

describe('PublishedKeys', () => {
  let keys: PublishedKeys;
  beforeEach(() => {
    keys = new PublishedKeys(createLogger('test', 'silent'));
  });

  it('knows a key when as many of its nodes as can sign have published it', () => {
    keys.learn('node-1', record());
    keys.learn('node-1', record());
    expect(keys.find('k_1')).toBeUndefined();
    keys.learn('node-3', record());
    expect(keys.find('k_1')).toEqual({
      scheme: 'ecdsa-secp256k1',
      publicKey: hex('02', 33),
      chainCode: hex('0c', 32),
    });
  });

  it('does not let one node invent a key, or an outsider vouch for one', () => {
    keys.learn('node-1', record({ threshold: 1, participants: ['node-1', 'node-2'] }));
    keys.learn('node-9', record());
    expect(keys.find('k_1')).toBeUndefined();
  });

  it('still knows a key when one node publishes other facts, and none when the nodes are divided', () => {
    const other = record({ publicKey: hex('03', 33) });
    keys.learn('node-1', record());
    keys.learn('node-2', record());
    keys.learn('node-3', other);
    expect(keys.find('k_1')).toMatchObject({ publicKey: hex('02', 33) });
    keys.learn('node-1', other);
    expect(keys.find('k_1')).toBeUndefined();
  });
});
