import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { ed25519 as noble } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import type * as Module from './ed25519';
import { ed25519, LARGE_MESSAGE } from './ed25519';
import { nodeEd25519 } from './node-ed25519';
import { loadSodiumEd25519 } from './sodium-ed25519';

const sodiumEd25519 = loadSodiumEd25519();
if (sodiumEd25519 === undefined) throw new Error('this platform has no binary of sodium-native');
const backends = [
  ['node:crypto', nodeEd25519],
  ['libsodium', sodiumEd25519],
] as const;

const { Point } = noble;
const ORDER = Point.Fn.ORDER;

function privateKeyOf(seed: Uint8Array): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(point: Uint8Array): KeyObject {
  const x = Buffer.from(point).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** The answers of both, which must be the same one. */
function verified(message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  const answers = new Set(backends.map(([, backend]) => backend.verify(message, key, signature)));
  if (answers.size > 1) throw new Error('the backends differ');
  return answers.has(true);
}

function scalarBytes(scalar: bigint): Buffer {
  return Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse();
}

const scalarOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

describe('the vectors of RFC 8032, section 7.1', () => {
  const vectors = [
    {
      name: 'TEST 1',
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      point: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      name: 'TEST 2',
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      point: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      name: 'TEST 3',
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      point: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
    {
      name: 'TEST SHA(abc)',
      seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      point: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      message:
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      signature:
        'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
    },
  ];

  test.each(backends.flatMap(([name, backend]) => vectors.map((vector) => ({ name, backend, vector }))))(
    '$name, $vector.name',
    ({ backend, vector }) => {
      const message = Buffer.from(vector.message, 'hex');
      const signature = backend.sign(message, privateKeyOf(Buffer.from(vector.seed, 'hex')));
      expect(signature.toString('hex')).toBe(vector.signature);
      expect(backend.verify(message, publicKeyOf(Buffer.from(vector.point, 'hex')), signature)).toBe(true);
    },
  );
});

describe('libsodium and node:crypto agree', () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('on signatures, and on what is changed in them, in the message or the key', () => {
    fc.assert(
      fc.property(bytes32, fc.uint8Array({ maxLength: 300 }), fc.nat(63), (seed, message, at) => {
        const key = privateKeyOf(seed);
        const publicKey = createPublicKey(key);
        const signature = sodiumEd25519.sign(message, key);
        expect(signature).toEqual(nodeEd25519.sign(message, key));
        expect(verified(message, publicKey, signature)).toBe(true);
        const changed = Buffer.from(signature);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
        expect(verified(message, publicKey, changed)).toBe(false);
        expect(verified(Buffer.concat([message, Buffer.of(0)]), publicKey, signature)).toBe(false);
        expect(verified(message, createPublicKey(privateKeyOf(message.length > 31 ? message.subarray(0, 32) : Buffer.alloc(32))), signature)).toBe(false); // prettier-ignore
      }),
      { numRuns: 40 },
    );
  });

  test('on an S that has the order of the group added, and on other lengths', () => {
    const key = privateKeyOf(Buffer.alloc(32, 7));
    const message = Buffer.from('order-1042');
    const signature = ed25519.sign(message, key);
    const r = signature.subarray(0, 32);
    const s = scalarOf(signature.subarray(32));
    expect(verified(message, key, signature)).toBe(true);
    expect(verified(message, key, Buffer.concat([r, scalarBytes(s + ORDER)]))).toBe(false);
    expect(verified(message, key, Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    expect(verified(message, key, signature.subarray(1))).toBe(false);
    expect(verified(message, key, Buffer.alloc(0))).toBe(false);
  });

  /** The eight points of small order, and the spellings of two of them that are not canonical, with both signs of x. */
  const smallOrder = [
    ...Array.from({ length: 8 }, (_, n) => {
      const generator = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
      return Buffer.from(Array.from({ length: n }, () => generator).reduce((sum, p) => sum.add(p), Point.ZERO).toBytes()); // prettier-ignore
    }),
    ...['ed', 'ee'].flatMap((first) =>
      ['7f', 'ff'].map((last) => Buffer.from(`${first}${'ff'.repeat(30)}${last}`, 'hex')),
    ),
  ];

  test('on keys of small order, whose signatures hold for many messages', () => {
    for (const point of smallOrder) {
      const key = publicKeyOf(point);
      for (const r of smallOrder) {
        for (const message of ['a', 'b', 'c', 'd']) {
          const forged = Buffer.concat([r, Buffer.alloc(32)]);
          expect(verified(Buffer.from(message), key, forged)).toBe(false);
        }
      }
    }
  });

  test('on signatures whose R has small order, or a part of small order', () => {
    const seed = Buffer.alloc(32, 9);
    const { scalar, pointBytes } = noble.utils.getExtendedPublicKey(seed);
    const publicKey = publicKeyOf(pointBytes);
    const message = Buffer.from('order-1042');
    const signWith = (nonce: bigint, r: Uint8Array): Buffer => {
      const hash = createHash('sha512').update(r).update(pointBytes).update(message).digest();
      const k = scalarOf(hash) % ORDER;
      return Buffer.concat([r, scalarBytes((nonce + k * scalar) % ORDER)]);
    };
    const honest = Point.BASE.multiply(5n);
    expect(verified(message, publicKey, signWith(5n, honest.toBytes()))).toBe(true);
    for (const point of smallOrder) expect(verified(message, publicKey, signWith(0n, point))).toBe(false);
    const mixed = honest.add(Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')); // prettier-ignore
    const cofactored = signWith(5n, mixed.toBytes());
    expect(noble.verify(cofactored, message, pointBytes, { zip215: true })).toBe(true);
    expect(verified(message, publicKey, cofactored)).toBe(false);
  });

  test('on messages of any size', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    for (const length of [0, LARGE_MESSAGE, LARGE_MESSAGE + 1, 640 * 1024]) {
      const message = Buffer.alloc(length, 3);
      const signature = ed25519.sign(message, privateKey);
      expect(verified(message, publicKey, signature)).toBe(true);
      expect(ed25519.verify(message, publicKey, signature)).toBe(true);
    }
  });
});

test.each(backends)('%s takes no other kind of key', (_, backend) => {
  const message = Buffer.from('order-1042');
  for (const other of [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('x25519'),
    generateKeyPairSync('ed448'),
  ]) {
    expect(backend.verify(message, other.publicKey, Buffer.alloc(64))).toBe(false);
    expect(() => backend.sign(message, other.privateKey)).toThrow(TypeError);
  }
});

test.each([
  [
    'cannot be loaded',
    () => {
      throw new Error('Cannot find addon');
    },
  ],
  [
    'answers wrongly',
    () => ({
      sodium_malloc: (bytes: number) => Buffer.alloc(bytes),
      crypto_sign_seed_keypair: () => undefined,
      crypto_sign_detached: () => undefined,
    }),
  ],
])('where sodium-native %s, node:crypto signs and verifies', (_, addon) => {
  jest.resetModules();
  jest.doMock('sodium-native', addon, { virtual: true });
  const { ed25519: fallback } = jest.requireActual<typeof Module>('./ed25519');
  jest.dontMock('sodium-native');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const message = Buffer.from('order-1042');
  const signature = fallback.sign(message, privateKey);
  expect(signature).toEqual(ed25519.sign(message, privateKey));
  expect(fallback.verify(message, publicKey, signature)).toBe(true);
  expect(fallback.verify(Buffer.from('order-1043'), publicKey, signature)).toBe(false);
});
