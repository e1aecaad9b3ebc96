import { schnorr } from '@noble/curves/secp256k1.js';
import { type Point } from '../group/point';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { ciphersuite } from './ciphersuite';
import { combineFrostShares } from './combine';
import { type Commitment, generateNonce, type Nonce } from './nonce';
import { frostShare } from './share';
import { signingKey } from './signing-key';
import { bindingFactors } from './signing-equation';
import { the } from './testing/frost-harness';

const hex = (text: string) => Buffer.from(text, 'hex');

/** Members 1 and 3 of a 2-of-3 key, signing "test"; scalars as the suite encodes them. */
interface Vector {
  readonly polynomial: readonly [string, string];
  readonly publicKey: string;
  /** Of members 1 and 3: the key share, the randomness, the nonces, their commitments, the binding factor, the share. */
  readonly members: Readonly<Record<1 | 3, readonly string[]>>;
  readonly signature: string;
}

/** RFC 9591, appendix E.1. */
const ED25519: Vector = {
  polynomial: [
    '7b1c33d3f5291d85de664833beb1ad469f7fb6025a0ec78b3a790c6e13a98304',
    '178199860edd8c62f5212ee91eff1295d0d670ab4ed4506866bae57e7030b204',
  ],
  publicKey: '15d21ccd7ee42959562fc8aa63224c8851fb3ec85a3faf66040d380fb9738673',
  members: {
    1: [
      '929dcc590407aae7d388761cddb0c0db6f5627aea8e217f4a033f2ec83d93509',
      '06894e04ee4aceec8619d5f6a0a180e2f47194d2ac306cba586b555e7c48d765',
      '40d6f879ff22e22409f7d808fed81f37118e7d3e4af71c0f44c60207553bcbce',
      'ef6599dea4010581a72b3018c37c29a4341d7cab0773e8687ca74dcf14009701',
      '2baadfa0c69aa60d517ad4751de372a73f9d89cfc39026601f18458cdec12605',
      '9b116f12589591a7e23fe8048059ab10ab48e67739e7a2fb3890f61a7999478c',
      'c39b66b7dfccb122da24f13587f9a08c4347cae70046ca15169adf90ba65854d',
      'ff960a65374e216a0918729b153466016664fa980d409bc3f308daa7acb30d0d',
      '60997f0142e43e8005027fe5ab7447dac00d22c2d7ddd9571a02613ba7d81c08',
    ],
    3: [
      'd3cb090a075eb154e82fdb4b3cb507f110040905468bb9c46da8bdea643a9a02',
      'fa5d950626782aade9e33fa781376d4888c2d1de7c37518bc248eb818ed0cdde',
      '7459a4d14ded0e365b085271be8dc6600d5b88f3978a2174297ffa32001a5afc',
      '80f8d9a4b8f9366e1a0b618107c907cd3ee29fa9bb40b4691cc1bde696240005',
      '2610b664a5a187b4855e87d2ff485bebdf043dc2f161fcd4854cd01dc0276404',
      'e679a2a971748ccfaabead4dbe8ac1def61275c186c79d471e1e45091ad1e687',
      'b2a942478453fabb6bd3181c56ba657413447b4136e1daea2484d396d1a516b3',
      '279d48ec56f16d234c09ea62f3d02ab776ee38e03f66b20f939f1316e13df10f',
      '79390e78bc59699c7af831f8f5fb478ec871a85f561a8641b5670ac4443f720f',
    ],
  },
  signature:
    '154fb694ee7fcb37bf2381d94488c2a84b03b3352ad085feca81ad26d45852b7' +
    'ecfe971ce4da95c4a95db93ac376b053897fca212ef85f99cf696bffeb178f07',
};

/** frost-secp256k1-tr of the Zcash Foundation, tests/helpers/vectors.json; the signature without its prefix byte. */
const BIP340: Vector = {
  polynomial: [
    '0d004150d27c3bf2a42f312683d35fac7394b1e9e318249c1bfe7f0795a83114',
    'fbf85eadae3058ea14f19148bb72b45e4399c0b16028acaf0395c9b03c823579',
  ],
  publicKey: '02f37c34b66ced1fb51c34a90bdae006901f10625cc06c4f64663b0eae87d87b4f',
  members: {
    1: [
      '08f89ffe80ac94dcb920c26f3f46140bfc7f95b493f8310f5fc1ea2b01f4254c',
      'bda8e748e599187762cff956f03dc6ea13fc8e04491a0427b7e6e78600f41c52',
      '2ca682429bf05df435b9927b8edb1d748278f3e42fa11ef358e49bbf4a1b780d',
      '58cd30723da418156fe9b71870a118e0bbc3d0353ba7c760f9bbc8d60c3dab29',
      'c22289cc43b82ed938d4b2288efb7381c405fb59f5d43bddc543d98838c60b19',
      '024e34ab3a7ad6b4563dbfe97e9f1206b3378cceb2502491ed0fb709765e1e5ba8',
      '03d4b1f3a61dc67e64dfb4abfccabb712f1f6914a6ec9b67749d171370453192cb',
      '55a3e44879db6daf00c81eb28e828869560c0901f347baff524f1c91a6669604',
      '2ffc305d1694fd84108b84d98306a1af807c6ad9bc3a2d8e448a09643202a15b',
    ],
    3: [
      '00e95d59dd0d46b0e303e500b62b7ccb0e555d49f5b849f5e748c071da8c0dbc',
      '70818dd5170672c4a4285fd593d4f222417f941f3118e1244955e7a1098a35d8',
      '74ca2da071ed4a2a6cad5087d6758b48a558ab5861c61117fee05757e4b1309e',
      'a4109db0a5db30fac8cd1f4e272ff02e08258928f067d82c63d97279b114514a',
      'ce3837bd963f0d81002279f7bb9eefceac64435f638885c2beae6f1dd881fd9e',
      '02d768658a1b94225645401a1512b803657770c7a21bf9ccccccfa09930a44951b',
      '034570a4e5217ee8770a28401185f50b4fce4d3f3933a3af9df7ab39b42381d0eb',
      '444c1cc7cfe48f4577cce65488f337a9cc8c33dea4cfa986eb590bd8e2b1fa2d',
      'a8c392566ea29e852b4080a028bf5547166c87e703e4fb7136d4ebef65f99b3f',
    ],
  },
  signature:
    '0c776a9516a77808b70a31e74f1464814a6fcf897fb3a6bd84c7a9a9a7a5bcb8' +
    'd8bfc2b385379c093bcc0579abc5f6f696e8f2c0c01f28ff7b5ef55397fc3c9a',
};

describe.each([
  ['RFC 9591, appendix E.1', 3, ED25519],
  ['frost-secp256k1-tr', 4, BIP340],
] as const)('test vectors of %s', (_source, id, vector) => {
  const suite = ciphersuite(id);
  const { group } = suite;
  /** Bytes of the suite as big-endian ones; the encoding is its own inverse. */
  const scalar = (text: string) => suite.encodeScalar(hex(text));
  const polynomial = vector.polynomial.map((text) => BigInt(`0x${scalar(text).toString('hex')}`));
  const { shares } = dealSchnorrKey(id, 2, 3, seededRandom('unused'), { polynomial });
  const publicKey = the(shares.get(1)?.publicKey);
  const message = Buffer.from('test');
  const members = ([1, 3] as const).map((index) => {
    const [share, r1, r2, hiding, binding, D, E, factor, z] = vector.members[index].map((text) => text);
    const point = (text?: string): Point => the(group.parsePoint(hex(the(text))));
    const commitment: Commitment = { hiding: point(D), binding: point(E) };
    return { index, share, randomness: [r1, r2], nonces: [hiding, binding], commitment, factor, z };
  });
  const commitments = new Map(members.map(({ index, commitment }) => [index, commitment]));

  it('the key and its shares', () => {
    expect(publicKey.toString('hex')).toBe(vector.publicKey);
    for (const { index, share } of members) expect(shares.get(index)?.share).toEqual(scalar(the(share)));
  });

  it('nonces and their commitments', () => {
    for (const { share, randomness, nonces, commitment } of members) {
      const made = randomness.map((bytes) => generateNonce(suite, scalar(the(share)), () => hex(the(bytes))));
      expect(made).toEqual(nonces.map((nonce) => scalar(the(nonce))));
      const { hiding, binding } = commitment;
      expect(made.map((nonce) => group.multiplyBase(nonce).equals(hiding))).toEqual([true, false]);
      expect(made.map((nonce) => group.multiplyBase(nonce).equals(binding))).toEqual([false, true]);
    }
  });

  it('binding factors', () => {
    const { point } = signingKey(suite, publicKey, { kind: 'none' });
    const factors = bindingFactors(suite, point, commitments, message);
    for (const { index, factor } of members) {
      expect(factors.get(index)).toBe(BigInt(`0x${scalar(the(factor)).toString('hex')}`));
    }
  });

  it('signature shares and the signature', () => {
    const request = { message, publicKey, tweak: { kind: 'none' as const }, committee: [1, 3] };
    const { keyId, publicShares } = the(shares.get(1));
    const answers = members.map(({ index, nonces, z }) => {
      const [hiding, binding] = nonces.map((text) => scalar(the(text)));
      const nonce: Nonce = {
        nonceId: Buffer.alloc(32),
        suite: id,
        keyId,
        epoch: 0,
        commitments,
        hiding: the(hiding),
        binding: the(binding),
      };
      const share = frostShare(nonce, the(shares.get(index)), request);
      expect(share.z).toEqual(scalar(the(z)));
      return [index, share] as const;
    });
    const nonce = { nonceId: Buffer.alloc(32), suite: id, keyId, epoch: 0, commitments };
    const { signature } = combineFrostShares({ nonce, request, shares: new Map(answers), publicShares });
    expect(signature.toString('hex')).toBe(vector.signature);
  });
});

describe('output keys of BIP-341 (wallet-test-vectors.json, scriptPubKey)', () => {
  const suite = ciphersuite(4);

  it.each([
    [
      'd6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d',
      undefined,
      'b86e7be8f39bab32a6f2c0443abbc210f0edac0e2c53d501b36b64437d9c6c70',
      '53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343',
    ],
    [
      '187791b6f712a8ea41c8ecdd0ee77fab3e85263b37e1ec18a3651926b3a6cf27',
      '5b75adecf53548f3ec6ad7d78383bf84cc57b55a3127c72b9a2481752dd88b21',
      'cbd8679ba636c1110ea247542cfbd964131a6be84f873f7f3b62a777528ed001',
      '147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3',
    ],
  ])('internal key %s, root %s', (internal, root, tweak, output) => {
    const t = schnorr.utils.taggedHash('TapTweak', hex(internal), hex(root ?? ''));
    expect(Buffer.from(t).toString('hex')).toBe(tweak);
    const merkleRoot = root === undefined ? {} : { merkleRoot: hex(root) };
    for (const prefix of ['02', '03']) {
      const publicKey = the(suite.group.parsePoint(hex(prefix + internal)));
      const { point } = signingKey(suite, publicKey, { kind: 'taproot', ...merkleRoot });
      expect(point.toString('hex')).toBe(`02${output}`);
    }
  });
});
