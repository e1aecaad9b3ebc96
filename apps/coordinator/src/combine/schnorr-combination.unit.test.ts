import { fromHex, type SignPartial, signPartialSchema, toHex } from '@quorate/protocol';
import {
  encodeCertificate,
  groupOf,
  keyIdOf,
  type NonceBatch,
  schemeOf,
  verifySchnorrSignature,
} from '@quorate/threshold';
import {
  copyNonces,
  frostShares,
  prepareNonces,
  requestFor,
  the,
} from '../../../../libs/threshold/src/frost/testing/frost-harness';
import { dealSchnorrKey } from '../../../../libs/threshold/src/testing/schnorr-dealer';
import { seededRandom } from '../../../../libs/threshold/src/testing/seeded-random';
import { type UsableKey } from '../key-registry/key-registry';
import { type CommitteeChosen, type SignRequested } from '../sign-request/events';
import { HASH, NODES, NOW, REQUEST } from '../testing/sign-request-facts';
import { combine } from './combine';
import { joinCommitments } from './nonce-commitments';

const MESSAGE = Buffer.from('any number of bytes');
/** Indices of the nodes in NODES, as after a reshare: not 1, 2, 3. */
const COMMITTEE = [1, 3];

describe.each([3, 4] as const)('shares of a Schnorr key, suite %i', (suite) => {
  const { shares } = dealSchnorrKey(suite, 2, 3, seededRandom(`key/${suite}`));
  const batches = prepareNonces(shares, COMMITTEE, 1, 'batch');
  const { publicKey, publicShares, certificate, chainCode } = the(shares.get(1));
  const batch: NonceBatch = the(batches.get(1));
  const nonce = the(batch.nonces[0]);
  const [keyId, nonceId] = [`k_${keyIdOf(publicKey).toString('hex')}`, toHex(nonce.nonceId)];

  const key: UsableKey = {
    ...{ keyId, suite, scheme: schemeOf(suite), epoch: 0, threshold: 2, participants: NODES },
    ...{ publicKey: toHex(publicKey), chainCode: toHex(chainCode), usableAt: NOW, retirement: null },
    indices: new Map(NODES.map((node, place) => [node, place + 1])),
    publicShares: Object.fromEntries([...publicShares].map(([index, point]) => [index, toHex(point)])),
    certificate: {
      ...{ suite, epoch: 0, identities: {}, signatures: {} },
      ...{ sid: HASH, ssid: HASH, transcript: HASH },
    },
  };
  const requestOf = (payload: object, digest: string | null = null): SignRequested => ({
    ...{ ...REQUEST, keyId, digest },
    value: Buffer.from(
      JSON.stringify({
        ...{ requestId: 'order-1', requester: 'alice', keyId, payload },
        ...{ nonce: REQUEST.nonce, expiresAt: REQUEST.expiresAt },
      }),
    ).toString('base64'),
  });
  const evenKey = `0x02${key.publicKey.slice(4)}`;
  const request = requestOf({ kind: 'bytes', message: toHex(MESSAGE) });
  const attempt: CommitteeChosen = {
    ...{ requester: 'alice', requestId: 'order-1', requestHash: HASH, keyId, attempt: 1 },
    ...{ presignatureId: nonceId, sessionId: toHex(batch.sid), index: 0, epoch: 0 },
    committee: ['node-1', 'node-3'],
    noncePoint: joinCommitments(
      Object.fromEntries(
        [...nonce.commitments].map(([index, { hiding, binding }]) => [
          index,
          { hiding: toHex(hiding), binding: toHex(binding) },
        ]),
      ),
    ),
  };

  const partialsOf = (message: Uint8Array): SignPartial[] => {
    const answers = frostShares(shares, copyNonces(batches, 0), requestFor(shares, COMMITTEE, message));
    return [...answers].map(([index, { req, z }]) =>
      partialOf(`node-${index}`, { req: toHex(req), z: toHex(z) }),
    );
  };
  const partialOf = (node: string, change: object): SignPartial =>
    signPartialSchema.parse({
      ...{ type: 'quorate.sign.partial.v1', id: node, node, bootId: '0x00', keyId, epoch: 0 },
      ...{ requester: 'alice', requestId: 'order-1', requestHash: HASH, attempt: 1 },
      ...{ presignatureId: nonceId, at: NOW.toISOString() },
      ...change,
    });
  const verifies = (made: ReturnType<typeof combine>, message: Uint8Array): boolean => {
    if (made.kind !== 'signature' || !('bytes' in made.signature)) return false;
    const signedUnder = the(groupOf(suite).parsePoint(fromHex(made.publicKey)));
    return verifySchnorrSignature(suite, fromHex(made.signature.bytes), message, signedUnder);
  };

  it('make a signature of the message in the client’s own bytes, under the root key', () => {
    const made = combine(key, request, attempt, partialsOf(MESSAGE));
    expect(verifies(made, MESSAGE)).toBe(true);
    expect(made).toMatchObject({ address: null, publicKey: suite === 4 ? evenKey : key.publicKey });
  });

  it('make one of a bare digest', () => {
    const digest = Buffer.alloc(32, 7);
    const bare = requestOf({ kind: 'digest', digest: toHex(digest) }, toHex(digest));
    expect(verifies(combine(key, bare, attempt, partialsOf(digest)), digest)).toBe(true);
  });

  it('of the epoch before make one, too', () => {
    const signatures = new Map([...shares.keys()].map((index) => [index, Buffer.alloc(64)]));
    const previous = encodeCertificate({ ...certificate, signatures }).toString('base64');
    const now: UsableKey = {
      ...{ ...key, epoch: 1, publicShares: {} },
      certificate: { ...key.certificate, epoch: 1, dealers: [1, 2], previous },
    };
    expect(verifies(combine(now, request, attempt, partialsOf(MESSAGE)), MESSAGE)).toBe(true);
    expect(combine(now, request, { ...attempt, epoch: 2 }, partialsOf(MESSAGE))).toMatchObject({
      kind: 'failure',
      reason: 'the public shares of epoch 2 are not known',
    });
  });

  it.each([
    ['a wrong share', { z: `0x${'01'.repeat(32)}` }],
    ['no z at all', { z: undefined, u: HASH, w: HASH }],
  ])('%s names its sender', (_, change) => {
    const [first, last] = partialsOf(MESSAGE);
    const wrong = [the(first), partialOf('node-3', { ...last, ...change })];
    expect(combine(key, request, attempt, wrong)).toMatchObject({ kind: 'failure', accused: 'node-3' });
  });

  it('a share of another message convicts nobody', () => {
    const [first] = partialsOf(MESSAGE);
    const [, last] = partialsOf(Buffer.from('other'));
    const made = combine(key, request, attempt, [the(first), the(last)]);
    expect(made.kind).toBe('failure');
    expect(made).not.toHaveProperty('accused');
  });

  it.each([
    ['of one member too few', (points: string) => points.slice(0, -132)],
    ['cut off', (points: string) => points.slice(0, -2)],
    ['that are no points', (points: string) => `0x${'ff'.repeat((points.length - 2) / 2)}`],
  ])('commitments %s make nothing', (_, change) => {
    const bent = { ...attempt, noncePoint: change(attempt.noncePoint) };
    expect(combine(key, request, bent, partialsOf(MESSAGE))).toEqual({
      kind: 'failure',
      reason: 'malformed commitments',
    });
  });
});
