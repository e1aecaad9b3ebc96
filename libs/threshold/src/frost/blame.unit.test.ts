import fc from 'fast-check';
import { InvalidInput, ProtocolFailure } from '../errors';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { ciphersuite, scalarBytes } from './ciphersuite';
import { encodeFrostShare, type FrostShare, frostShare, parseFrostShare } from './share';
import { combined, copyNonces, frostShares, prepareNonces, requestFor, the } from './testing/frost-harness';

const COMMITTEE = [1, 2, 3];

/** What is thrown. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each([3, 4] as const)('a wrong share names its sender, suite %i', (id) => {
  const { group } = ciphersuite(id);
  const { shares } = dealSchnorrKey(id, 2, 3, seededRandom(`key/${id}`));
  const batches = prepareNonces(shares, COMMITTEE, 2, 'blame');
  const request = requestFor(shares, COMMITTEE, Buffer.from('message'));
  const honest = frostShares(shares, copyNonces(batches, 0), request);
  const nonce = the(batches.get(1)?.nonces[0]);
  const combine = (answers: ReadonlyMap<number, FrostShare>) => combined(shares, nonce, request, answers);
  const withZ = (member: number, z: Buffer) =>
    new Map([...honest, [member, { ...the(honest.get(member)), z }]]);
  const own = (member: number) => the(honest.get(member)).z;

  it('the honest shares sign', () => {
    expect(combine(honest).signature).toHaveLength(64);
  });

  it.each([1, 2, 3])('party %i', (member) => {
    const integer = BigInt(`0x${own(member).toString('hex')}`);
    const flipped = Buffer.from(own(member));
    flipped[31] = flipped.readUInt8(31) ^ 1;
    const otherMessage = { ...request, message: Buffer.from('other') };
    const otherNonce = frostShares(shares, copyNonces(batches, 1), request);
    const otherEpoch = dealSchnorrKey(id, 2, 3, seededRandom('other epoch')).shares;
    const mixed = { ...the(shares.get(member)), share: the(otherEpoch.get(member)).share };
    const wrong: Record<string, Buffer> = {
      'a flipped bit': flipped,
      zero: Buffer.alloc(32),
      'all ones': Buffer.alloc(32, 0xff),
      'the order added, or the order': scalarBytes(
        integer + group.order < 2n ** 256n ? integer + group.order : group.order,
      ),
      'another length': own(member).subarray(1),
      'of another message': the(frostShares(shares, copyNonces(batches, 0), otherMessage).get(member)).z,
      'of another nonce': the(otherNonce.get(member)).z,
      'of another member': own((member % 3) + 1),
      'of another epoch': frostShare(the(copyNonces(batches, 0).get(member)), mixed, request).z,
      negated: scalarBytes(group.order - integer),
    };
    for (const [what, z] of Object.entries(wrong)) {
      expect([what, thrownBy(() => combine(withZ(member, z)))]).toEqual([
        what,
        new ProtocolFailure('IDENT', 'frost.share', member),
      ]);
    }
  });

  it('errors that cancel in the sum are found', () => {
    const one = scalarBytes(1n);
    const answers = withZ(1, group.addScalars(own(1), one)).set(2, {
      ...the(honest.get(2)),
      z: group.addScalars(own(2), scalarBytes(group.order - 1n)),
    });
    expect(thrownBy(() => combine(answers))).toMatchObject({ check: 'frost.share', accused: 1 });
  });

  it('a share of another request or nonce is a disagreement, not a fault', () => {
    const other = frostShares(shares, copyNonces(batches, 1), request);
    for (const member of COMMITTEE) {
      const answers = new Map([...honest, [member, the(other.get(member))]]);
      expect(thrownBy(() => combine(answers))).toEqual(new ProtocolFailure('AGREE', 'frost.req', member));
    }
  });

  it('a missing or additional share, and a missing public share, is InvalidInput', () => {
    const missing = new Map(honest);
    missing.delete(2);
    expect(() => combine(missing)).toThrow(InvalidInput);
    expect(() => combine(new Map([...honest, [4, the(honest.get(1))]]))).toThrow(InvalidInput);
    expect(() => combine(new Map([...missing, [4, the(honest.get(2))]]))).toThrow(InvalidInput);
  });

  it('public shares that are not of the key: no signature, and nobody is blamed', () => {
    const { publicKey } = the(dealSchnorrKey(id, 2, 3, seededRandom('other key')).shares.get(1));
    const mixed = new Map([...shares].map(([j, share]) => [j, { ...share, publicKey }]));
    const asked = requestFor(mixed, COMMITTEE, request.message);
    const answers = frostShares(mixed, copyNonces(batches, 0), asked);
    expect(thrownBy(() => combined(mixed, nonce, asked, answers))).toEqual(
      new ProtocolFailure('UNATTRIBUTED', 'frost.signature'),
    );
  });

  it('the wire form: 96 bytes, any other length is refused, anything of 96 bytes blames or agrees', () => {
    const encoded = encodeFrostShare(the(honest.get(1)));
    expect(parseFrostShare(encoded)).toEqual(honest.get(1));
    expect(encoded.toString('hex')).toMatchSnapshot();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
        return (parseFrostShare(bytes) === undefined) === (bytes.length !== 96);
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.nat(95), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const bytes = Buffer.from(encoded);
        bytes[at] = bytes.readUInt8(at) ^ mask;
        const error = thrownBy(() => combine(new Map([...honest, [1, the(parseFrostShare(bytes))]])));
        return error instanceof ProtocolFailure && error.accused === 1;
      }),
      { seed: 2, numRuns: 60 },
    );
  });
});
