import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { ed25519Group } from '../group/ed25519-group';
import { type Group } from '../group/group';
import { secp256k1Group } from '../group/secp256k1-group';
import { seededRandom } from '../testing/seeded-random';
import {
  encodeEqualityProof,
  equalityProofBytes,
  type EqualityProof,
  type EqualityStatement,
  parseEqualityProof,
  type ProofDomain,
  proveEquality,
  verifyEquality,
} from './discrete-log-equality';

/** Arithmetic of noble-curves: scalar * point, and sum + scalar * point. */
interface Reference {
  readonly group: Group;
  readonly generator: Uint8Array;
  readonly multiply: (point: Uint8Array, scalar: bigint) => Uint8Array;
  readonly addProduct: (sum: Uint8Array, point: Uint8Array, scalar: bigint) => Uint8Array;
  /** SHA-256 of an encoded proof from fixed randomness. */
  readonly knownAnswer: string;
}

const k256 = secp256k1.Point;
const edwards = ed25519.Point;
const references: Reference[] = [
  {
    group: secp256k1Group,
    generator: k256.BASE.toBytes(),
    multiply: (point, scalar) => k256.fromBytes(point).multiply(scalar).toBytes(),
    addProduct: (sum, point, scalar) =>
      k256.fromBytes(sum).add(k256.fromBytes(point).multiply(scalar)).toBytes(),
    knownAnswer: 'e8a68e6fe8294c5e8c68ccf76dc0adbb0d36fac32693bf44313172187be1be6d',
  },
  {
    group: ed25519Group,
    generator: edwards.BASE.toBytes(),
    multiply: (point, scalar) => edwards.fromBytes(point).multiply(scalar).toBytes(),
    addProduct: (sum, point, scalar) =>
      edwards.fromBytes(sum).add(edwards.fromBytes(point).multiply(scalar)).toBytes(),
    knownAnswer: 'a88ff456012c24e90c037e967c3e771bf6645b8069b01e1576e88941ce76459b',
  },
];

const session = Buffer.alloc(32, 4);
const domain: ProofDomain = { label: 'dkg/cp', context: [session, 2, 5] };
const integerOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const sha256 = (...inputs: Uint8Array[]) => createHash('sha256').update(Buffer.concat(inputs)).digest();

/** hashToScalar("dkg/cp", session, 2, 5, points..), with the framing of section 1.1 written out. */
function challengeByHand(points: readonly Uint8Array[], order: bigint): bigint {
  const label = Buffer.from('dkls23/1/dkg/cp');
  const parts = [session, Buffer.from('00000002', 'hex'), Buffer.from('00000005', 'hex'), ...points];
  const framed = parts.flatMap((part) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(part.length));
    return [length, part];
  });
  const d = sha256(Buffer.from([label.length]), label, ...framed);
  return integerOf(Buffer.concat([sha256(d, Buffer.from([0])), sha256(d, Buffer.from([1]))])) % order;
}

function statementOf(group: Group, secret: Buffer, base = otherBase(group)): EqualityStatement {
  return { publicPoint: group.multiplyBase(secret), base, product: group.multiplySecret(base, secret) };
}

function otherBase(group: Group) {
  return group.multiplyBase(group.randomScalar(seededRandom('base')));
}

describe.each(references)('equality of discrete logarithms, $group.name', ({ group, ...reference }) => {
  const random = seededRandom(`dleq/${group.name}`);
  const secret = group.randomScalar(random);
  const statement = statementOf(group, secret);
  const proof = proveEquality(group, domain, statement, secret, random);
  const verify = (change: {
    domain?: Partial<ProofDomain>;
    statement?: Partial<EqualityStatement>;
    proof?: Partial<EqualityProof>;
  }) =>
    verifyEquality(
      group,
      { ...domain, ...change.domain },
      { ...statement, ...change.statement },
      { ...proof, ...change.proof },
    );

  test('any true statement is proved', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 40 }), (seed, context) => {
        const source = seededRandom(seed);
        const x = group.randomScalar(source);
        const own = statementOf(group, x, group.multiplyBase(group.randomScalar(source)));
        const ownDomain: ProofDomain = { label: 'dkg/cp', context: [context] };
        const parsed = parseEqualityProof(
          group,
          encodeEqualityProof(proveEquality(group, ownDomain, own, x, source)),
        );
        expect(parsed && verifyEquality(group, ownDomain, own, parsed)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test('the equations hold on noble-curves, with the challenge of section 3', () => {
    const { publicPoint, base, product } = statement;
    const { t1, t2 } = proof;
    const z = integerOf(proof.response);
    const c = challengeByHand([publicPoint, base, product, t1, t2], group.order);
    expect(reference.multiply(reference.generator, z)).toEqual(reference.addProduct(t1, publicPoint, c));
    expect(reference.multiply(base, z)).toEqual(reference.addProduct(t2, product, c));
  });

  test('each changed input is refused', () => {
    const other = group.multiplyBase(group.randomScalar(random));
    expect(verify({})).toBe(true);
    for (const change of [
      { domain: { label: 'dkg/pok' } },
      { domain: { context: [session, 5, 2] } },
      { domain: { context: [Buffer.alloc(32), 2, 5] } },
      { domain: { context: [session, 2] } },
      { statement: { publicPoint: other } },
      { statement: { base: other } },
      { statement: { product: other } },
      { proof: { t1: other } },
      { proof: { t2: other } },
      { proof: { t1: proof.t2, t2: proof.t1 } },
      { proof: { response: group.randomScalar(random) } },
      { proof: { response: Buffer.alloc(32) } },
      { proof: { response: Buffer.from(group.order.toString(16).padStart(64, '0'), 'hex') } },
    ] as const) {
      expect(verify(change)).toBe(false);
    }
  });

  test('B with another logarithm than A cannot be proved, by either of both', () => {
    const y = group.randomScalar(random);
    const unequal = { ...statement, product: group.multiplySecret(statement.base, y) };
    for (const x of [secret, y]) {
      const forged = proveEquality(group, domain, unequal, x, random);
      expect(verifyEquality(group, domain, unequal, forged)).toBe(false);
    }
  });

  test('a simulated proof, made backwards from a chosen challenge, is refused: the commitments are hashed', () => {
    const z = group.randomScalar(random);
    const c = 12345n;
    const commitmentFor = (point: Buffer & EqualityStatement['base'], product: EqualityStatement['base']) =>
      group.addPoints(point, group.negatePoint(group.multiplyPublic(product, c)));
    const t1 = commitmentFor(group.multiplyBase(z), statement.publicPoint);
    const t2 = commitmentFor(group.multiplySecret(statement.base, z), statement.product);
    expect(t1 && t2 && verify({ proof: { t1, t2, response: z } })).toBe(false);
  });

  test('T1, T2 of another run with the z of this one are refused', () => {
    const again = proveEquality(group, domain, statement, secret, random);
    expect(again.t1).not.toEqual(proof.t1);
    expect(verify({ proof: { t1: again.t1, t2: again.t2 } })).toBe(false);
  });

  test('any bytes parse to a proof with these bytes or to nothing', () => {
    const encoded = encodeEqualityProof(proof);
    const length = equalityProofBytes(group);
    expect(encoded).toHaveLength(length);
    const changed = fc.tuple(fc.nat(length - 1), fc.nat(255)).map(([at, value]) => {
      const bytes = Buffer.from(encoded);
      bytes[at] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 2 * length })), (bytes) => {
        const parsed = parseEqualityProof(group, bytes);
        if (!parsed) return;
        expect(encodeEqualityProof(parsed)).toEqual(Buffer.from(bytes));
        expect(verify({ proof: parsed })).toBe(encoded.equals(bytes));
      }),
    );
    for (const bad of [
      encoded.subarray(1),
      Buffer.concat([encoded, Buffer.alloc(1)]),
      Buffer.concat([encoded.subarray(0, -32), Buffer.alloc(32)]),
      Buffer.concat([encoded.subarray(0, -32), Buffer.alloc(32, 0xff)]),
    ]) {
      expect(parseEqualityProof(group, bad)).toBeUndefined();
    }
  });

  test('the nonce is wiped, and known answers do not change', () => {
    const drawn: Buffer[] = [];
    const source = seededRandom('known answer');
    const x = group.randomScalar(source);
    const known = proveEquality(group, domain, statementOf(group, x), x, (bytes) => {
      const fresh = source(bytes);
      drawn.push(fresh);
      return fresh;
    });
    for (const buffer of drawn) expect(buffer.every((byte) => byte === 0)).toBe(true);
    expect(sha256(encodeEqualityProof(known)).toString('hex')).toBe(reference.knownAnswer);
  });
});
