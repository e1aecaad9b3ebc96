/**
 * Presigning and FROST nonce sessions with one dishonest member (specification sections 5 to 7, 9 and 16): which check finds
 * a change of which field, and what becomes of the batch. What must hold of every run is in testing/adversary.ts.
 */
import { ProtocolFailure } from '../errors';
import { type PresignatureBatch } from '../presign/presignature';
import { verifySignature } from '../sign/signature-check';
import { groupOf, type SchnorrSuiteId, suite as parameters } from '../suite';
import { Adversary } from '../testing/adversary';
import { attackField, casesOf, type MessageMap } from '../testing/field-tampering';
import { fieldTests } from '../testing/field-tests';
import { BATCH, ecdsaKey, nonceScene, presignScene } from '../testing/scenes';
import { copyPresignatures, requestFor, signWith } from '../testing/signing-harness';

const { xi } = parameters(1);
const ROW = 16 * (Math.ceil((BATCH * xi) / 128) + 1);
const batch = [0, 1];

const psiMap: MessageMap = {
  round: 3,
  to: 'each',
  fields: batch.map((p) => ({ name: `psi^${p}`, bytes: 32, flip: 'result' })),
};

/** Presigning of two presignatures in suite 1. */
const presignMaps: MessageMap[] = [
  {
    round: 1,
    to: 'all',
    fields: [
      { name: 'nu', bytes: 32, flip: 'BAN presign.r1.ote' },
      { name: 'xk', bytes: 32, flip: 'AGREE presign.r2.h1', zero: 'IDENT session.xk' },
      { name: 'com', bytes: 32, flip: 'AGREE presign.r2.h1' },
    ],
  },
  {
    round: 1,
    to: 'each',
    fields: [
      { name: 'pe', bytes: 4, flip: 'CONFIG presign.r1.pe' },
      { name: 'u', bytes: 128 * ROW, flip: 'BAN presign.r1.ote' },
      { name: 'xt', bytes: 16, flip: 'BAN presign.r1.ote' },
      { name: 'tt', bytes: 128 * 16, flip: 'BAN presign.r1.ote' },
    ],
  },
  {
    round: 2,
    to: 'all',
    fields: [
      { name: 'h1', bytes: 32, flip: 'AGREE presign.r2.h1' },
      ...batch.map((p) => ({
        name: `R^${p}`,
        bytes: 33,
        flip: 'IDENT presign.r2.point | IDENT presign.r2.com',
        zero: 'IDENT presign.r2.point',
        copy: 'IDENT presign.r2.com',
      })),
      { name: 'salt', bytes: 32, flip: 'IDENT presign.r2.com' },
      {
        name: 'pk',
        bytes: 33,
        flip: 'IDENT presign.r2.point | BAN presign.r2.gamma-v',
        zero: 'IDENT presign.r2.point',
        copy: 'BAN presign.r2.gamma-v',
      },
    ],
  },
  {
    round: 2,
    to: 'each',
    fields: batch.flatMap((p) => [
      { name: `atilde^${p}`, bytes: 96 * xi, flip: 'BAN presign.r2.rvole' },
      { name: `eta^${p}`, bytes: 32, flip: 'BAN presign.r2.rvole' },
      { name: `mu^${p}`, bytes: 32, flip: 'BAN presign.r2.rvole' },
      ...(['u', 'v'] as const).map((input) => ({
        name: `Gamma_${input}^${p}`,
        bytes: 33,
        flip: `IDENT-P presign.r2.format | BAN presign.r2.gamma-${input}`,
        zero: 'IDENT-P presign.r2.format',
        copy: `BAN presign.r2.gamma-${input}`,
      })),
    ]),
  },
  { round: 3, to: 'all', fields: [{ name: 'h2', bytes: 32, flip: 'AGREE presign.r3.h2' }] },
  psiMap,
];

/** Nonces of a batch of two. */
function nonceMaps(suite: SchnorrSuiteId): MessageMap[] {
  const { pointBytes } = groupOf(suite);
  const points = batch
    .flatMap((p) => [`D^${p}`, `E^${p}`])
    .map((name) => ({
      name,
      bytes: pointBytes,
      flip: 'IDENT frost.r1.commitment | AGREE frost.r2.digest',
      zero: 'IDENT frost.r1.commitment',
      copy: 'AGREE frost.r2.digest',
    }));
  return [
    {
      round: 1,
      to: 'all',
      fields: [
        { name: 'nu', bytes: 32, flip: 'AGREE frost.r2.digest' },
        { name: 'xk', bytes: 32, flip: 'AGREE frost.r2.digest', zero: 'IDENT session.xk' },
        ...points,
      ],
    },
    { round: 2, to: 'all', fields: [{ name: 'digest', bytes: 32, flip: 'AGREE frost.r2.digest' }] },
  ];
}

fieldTests(presignScene([1, 2]), presignMaps, 2);
fieldTests(presignScene([1, 2, 3]), presignMaps, 2 * 2, ({ what }) => what.startsWith('bit of byte 0'));
for (const suite of [3, 4] as const) fieldTests(nonceScene(suite), nonceMaps(suite), 2);

describe('psi is checked by the signature alone (9)', () => {
  const adversary = new Adversary(presignScene([1, 2]));
  const request = requestFor(ecdsaKey.secretKey, [1, 2], Buffer.alloc(32, 5));

  /** What a combiner has of presignature p. */
  function combined(batches: ReadonlyMap<number, PresignatureBatch>, p: number): unknown {
    try {
      const { signature } = signWith(copyPresignatures(batches, p), request);
      return verifySignature(signature, request.message32, request.publicKey);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error;
      const { failureClass, check, accused } = error;
      return { failureClass, check, accused };
    }
  }

  test.each([0, 1])('another psi^%i: no signature, nobody blamed; the rest of the batch signs', (p) => {
    const cases = casesOf(adversary, psiMap).filter(({ what }) => what.endsWith(`psi^${p}`));
    expect(cases.length).toBeGreaterThan(3);
    for (const it of cases) {
      const { results, corrupt } = attackField(adversary, psiMap, it, [1]);
      const honest = results.get(1);
      if (!honest || corrupt?.kind !== 'result') throw new Error('both have a batch');
      const batches = new Map([
        [1, honest],
        [2, corrupt.value],
      ] as const);
      expect([it.what, combined(batches, p)]).toEqual([
        it.what,
        { failureClass: 'UNATTRIBUTED', check: 'combine.signature', accused: undefined },
      ]);
      expect([it.what, combined(batches, 1 - p)]).toEqual([it.what, true]);
    }
  });

  test('the honest batch signs', () => {
    const { results, corrupt } = adversary.honest;
    const honest = results.get(1);
    if (!honest || corrupt?.kind !== 'result') throw new Error('both have a batch');
    expect(
      combined(
        new Map([
          [1, honest],
          [2, corrupt.value],
        ] as const),
        0,
      ),
    ).toBe(true);
  });
});
