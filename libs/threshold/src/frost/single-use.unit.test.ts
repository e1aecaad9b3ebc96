import { inspect } from 'node:util';
import { InvalidInput } from '../errors';
import { bytesToInteger, invert, mod } from '../group/scalar';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { ciphersuite } from './ciphersuite';
import { isNonceConsumed, type Nonce } from './nonce';
import { decodeNonceBatch, encodeNonceBatch } from './nonce-batch';
import { frostShare } from './share';
import { bindingFactors, signingEquation } from './signing-equation';
import { signingKey } from './signing-key';
import { copyOfNonce, prepareNonces, requestFor, the } from './testing/frost-harness';

const COMMITTEE = [1, 2];

describe.each([3, 4] as const)('a nonce signs once (threats 1), suite %i', (id) => {
  const suite = ciphersuite(id);
  const { group } = suite;
  const { shares } = dealSchnorrKey(id, 2, 3, seededRandom(`key/${id}`));
  const batches = prepareNonces(shares, COMMITTEE, 2, 'once');
  const request = requestFor(shares, COMMITTEE, Buffer.from('message'));
  const key = the(shares.get(1));
  const fresh = () => copyOfNonce(the(batches.get(1)?.nonces[0]));

  it('is wiped by the share and refused afterwards', () => {
    const nonce = fresh();
    frostShare(nonce, key, request);
    expect([nonce.hiding, nonce.binding]).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
    expect(isNonceConsumed(nonce)).toBe(true);
    expect(() => frostShare(nonce, key, request)).toThrow(InvalidInput);
  });

  it('the batch that it was taken from cannot be handed to another thread', () => {
    const bytes = encodeNonceBatch(the(batches.get(1)));
    const batch = decodeNonceBatch(bytes);
    frostShare(the(batch.nonces[0]), key, request);
    expect(() => decodeNonceBatch(bytes)).toThrow(InvalidInput);
    expect(() => decodeNonceBatch(encodeNonceBatch(batch))).toThrow(InvalidInput);
  });

  const other = dealSchnorrKey(id, 2, 3, seededRandom('another key')).shares;
  const swapped = (): Nonce => {
    const [first, second] = [fresh(), the(batches.get(1)?.nonces[1])];
    return { ...first, commitments: second.commitments };
  };
  const membersSwapped = (): Nonce => {
    const nonce = fresh();
    const [one, two] = [the(nonce.commitments.get(1)), the(nonce.commitments.get(2))];
    return {
      ...nonce,
      commitments: new Map([
        [1, two],
        [2, one],
      ]),
    };
  };
  const more = { ...request, committee: [1, 2, 3] };
  it.each<[string, Nonce, typeof key, typeof request]>([
    ['another key', fresh(), the(other.get(1)), request],
    ['another epoch', fresh(), { ...key, epoch: 1 }, request],
    ['another suite', fresh(), { ...key, suite: id === 3 ? 4 : 3 }, request],
    ['another party', fresh(), the(shares.get(2)), request],
    ['a party that is no member', fresh(), the(shares.get(3)), request],
    ['another public key', fresh(), key, { ...request, publicKey: the(other.get(1)).publicKey }],
    ['a larger committee', fresh(), key, more],
    ['a smaller committee', fresh(), key, { ...request, committee: [1] }],
    ['another committee', fresh(), key, { ...request, committee: [1, 3] }],
    ['a member twice', fresh(), key, { ...request, committee: [1, 2, 2] }],
    ['a member twice for another', fresh(), key, { ...request, committee: [1, 1] }],
    ['no committee', fresh(), key, { ...request, committee: [] }],
    ['the commitments of another nonce', swapped(), key, request],
    ['the commitments of another member', membersSwapped(), key, request],
    ...(id === 3
      ? ([['a tweak', fresh(), key, { ...request, tweak: { kind: 'taproot' } }]] satisfies [
          string,
          Nonce,
          typeof key,
          typeof request,
        ][])
      : ([
          [
            'a short Merkle root',
            fresh(),
            key,
            { ...request, tweak: { kind: 'taproot', merkleRoot: Buffer.alloc(31) } },
          ],
        ] satisfies [string, Nonce, typeof key, typeof request][])),
  ])('%s: refused, wiped, and without a secret in the error', (_what, nonce, keyShare, asked) => {
    const secrets = [nonce.hiding, nonce.binding, keyShare.share].map((secret) => secret.toString('hex'));
    let failure: unknown;
    try {
      frostShare(nonce, keyShare, asked);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(InvalidInput);
    expect(isNonceConsumed(nonce)).toBe(true);
    const text = inspect(failure, { depth: 5 });
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it('the committee may come in any order', () => {
    const answers = [COMMITTEE, [2, 1]].map((committee) =>
      frostShare(fresh(), key, { ...request, committee }),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  it('why: a copy that signs two messages gives the share away, once the binding factors are known', () => {
    // z - z' = (rho - rho') * e + (w - w') * s; three messages determine e and s. The ledger refuses the second already.
    const requests = ['a', 'b', 'c'].map((text) => ({ ...request, message: Buffer.from(text) }));
    const signing = signingKey(suite, request.publicKey, request.tweak);
    const rows = requests.map((asked) => {
      const { commitments } = fresh();
      const all = signingEquation(suite, signing, commitments, asked.message).coefficients;
      const { hiding, binding, key: weight } = the(all.get(1));
      const z = bytesToInteger(frostShare(fresh(), key, asked).z);
      return [z * hiding, binding * hiding, weight * hiding] as const; // hiding is 1 or -1
    });
    const [a, b, c] = [the(rows[0]), the(rows[1]), the(rows[2])];
    const n = group.order;
    const [z1, e1, s1] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    const [z2, e2, s2] = [a[0] - c[0], a[1] - c[1], a[2] - c[2]];
    const determinant = mod(s1 * e2 - s2 * e1, n);
    const extracted = mod(mod(z1 * e2 - z2 * e1, n) * invert(determinant, n), n);
    expect(extracted).toBe(bytesToInteger(key.share));
  });

  it('Drijvers et al. 2019: every commitment, the message and the key are in every binding factor', () => {
    const three = prepareNonces(shares, [1, 2, 3], 1, 'three');
    const { commitments } = the(three.get(1)?.nonces[0]);
    const { point } = signingKey(suite, request.publicKey, request.tweak);
    const message = Buffer.from('m');
    const base = bindingFactors(suite, point, commitments, message);
    expect(new Set(base.values()).size).toBe(3);
    const stranger = group.multiplyBase(group.randomScalar(seededRandom('stranger')));
    const changes = [...commitments].flatMap(([j, commitment]) =>
      (['hiding', 'binding'] as const).map((half) =>
        bindingFactors(
          suite,
          point,
          new Map([...commitments, [j, { ...commitment, [half]: stranger }]]),
          message,
        ),
      ),
    );
    changes.push(bindingFactors(suite, point, commitments, Buffer.from('m!')));
    changes.push(bindingFactors(suite, stranger, commitments, message));
    const fewer = new Map([...commitments].slice(0, 2));
    changes.push(bindingFactors(suite, point, fewer, message));
    for (const factors of changes) {
      for (const [j, factor] of factors) expect(factor).not.toBe(base.get(j));
    }
  });
});
