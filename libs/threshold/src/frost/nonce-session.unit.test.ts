import { createHash } from 'node:crypto';
import { InvalidInput } from '../errors';
import { parseFrame } from '../session/frame';
import {
  failuresOf,
  resigned,
  resultsOf,
  runSessions,
  type Tamper,
  testParties,
} from '../testing/ceremony-network';
import { dealSchnorrKey } from '../testing/schnorr-dealer';
import { seededRandom } from '../testing/seeded-random';
import { identityOf } from '../testing/trusted-dealer';
import { ciphersuite } from './ciphersuite';
import { createNonceSession } from './nonce-session';
import { nonceSessions, nonceStart, prepareNonces, the } from './testing/frost-harness';

const COMMITTEE = [1, 2, 3];
const BATCH = 2;

/** Party 2's broadcast of the round, changed for these receivers. */
function altered(round: number, receivers: readonly number[], change: (payload: Buffer) => void): Tamper {
  return (frame, from, to) => {
    if (from !== 2 || parseFrame(frame)?.round !== round || !receivers.includes(to)) return [frame];
    const changed = (payload: Buffer) => {
      change(payload);
      return payload;
    };
    return [resigned(frame, identityOf(2), changed)];
  };
}

describe.each([3, 4] as const)('nonce session, suite %i', (id) => {
  const { shares } = dealSchnorrKey(id, 2, 3, seededRandom(`key/${id}`));
  const { group } = ciphersuite(id);
  const { pointBytes } = group;
  const failures = (tamper: Tamper) =>
    failuresOf(runSessions(nonceSessions(shares, COMMITTEE, BATCH, 's'), tamper));

  it('gives all members the same commitments, which their own secrets open, and fresh ones in every slot', () => {
    const batches = [...prepareNonces(shares, COMMITTEE, BATCH, 's')];
    const [, first] = the(batches[0]);
    const points = new Set<string>();
    for (const [index, batch] of batches) {
      expect(batch).toMatchObject({ suite: id, epoch: 0, committee: COMMITTEE, digest: first.digest });
      expect(batch.nonces).toHaveLength(BATCH);
      for (const [p, nonce] of batch.nonces.entries()) {
        expect(nonce.nonceId).toEqual(first.nonces[p]?.nonceId);
        expect(nonce.commitments).toEqual(first.nonces[p]?.commitments);
        const own = the(nonce.commitments.get(index));
        expect(group.multiplyBase(nonce.hiding)).toEqual(own.hiding);
        expect(group.multiplyBase(nonce.binding)).toEqual(own.binding);
        points.add(own.hiding.toString('hex')).add(own.binding.toString('hex'));
      }
    }
    expect(points.size).toBe(COMMITTEE.length * BATCH * 2);
  });

  it('frozen: lengths, payloads and nonce ids', () => {
    const { sent, outcomes } = runSessions(nonceSessions(shares, COMMITTEE, BATCH, 's'));
    const payloads = sent.map(({ frame }) => the(parseFrame(frame)).payload);
    expect(new Set(payloads.map((payload) => payload.length))).toEqual(new Set([64 + 4 * pointBytes, 32]));
    const digest = createHash('sha256').update(Buffer.concat(payloads)).digest('hex');
    const ids = resultsOf({ sent, outcomes, pending: new Map() })
      .get(1)
      ?.nonces.map(({ nonceId }) => nonceId);
    expect({ digest, ids: ids?.map((bytes) => bytes.toString('hex')) }).toMatchSnapshot();
  });

  it.each([
    ['hiding', 64],
    ['binding of the last nonce', 64 + 3 * pointBytes],
  ])('equivocation in a commitment (%s): AGREE, nobody has nonces', (_which, at) => {
    const other = group.multiplyBase(group.randomScalar(seededRandom('other')));
    const failed = failures(altered(1, [3], (payload) => payload.set(other, at)));
    expect([...failed.values()].map((it) => [it.failureClass, it.check])).toEqual([
      ...COMMITTEE.map(() => ['AGREE', 'frost.r2.digest']),
    ]);
    expect(failed.get(1)?.evidence.length).toBeGreaterThan(0);
  });

  it.each([
    ['another nu', 1, 0],
    ['another exchange key', 1, 40],
    ['another echo', 2, 0],
  ])('%s for one receiver: AGREE', (_what, round, at) => {
    const failed = failures(
      altered(round, [3], (payload) => {
        payload[at] = payload.readUInt8(at) ^ 1;
      }),
    );
    expect(failed.get(3)).toMatchObject({ failureClass: 'AGREE', check: 'frost.r2.digest' });
  });

  const invalid: [string, Buffer][] = [
    ['zeros', Buffer.alloc(pointBytes)],
    ['ones', Buffer.alloc(pointBytes, 0xff)],
    ...(id === 3
      ? ([
          ['the identity', Buffer.from('01'.padEnd(64, '0'), 'hex')],
          ['order 2', Buffer.from(`ec${'ff'.repeat(30)}7f`, 'hex')],
          ['order 8', Buffer.from('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'hex')],
          ['the identity, not canonical', Buffer.from(`ee${'ff'.repeat(30)}7f`, 'hex')],
        ] satisfies [string, Buffer][])
      : ([['x on no point', Buffer.concat([Buffer.of(2), Buffer.alloc(31), Buffer.of(5)])]] satisfies [
          string,
          Buffer,
        ][])),
  ];

  it.each(invalid)(
    'a commitment that is no point of the group (%s): IDENT, with the broadcast',
    (_name, point) => {
      for (const at of [64, 64 + pointBytes, 64 + 3 * pointBytes]) {
        const failed = failures(altered(1, [1, 3], (payload) => payload.set(point, at)));
        const expected = { failureClass: 'IDENT', check: 'frost.r1.commitment', accused: 2 };
        expect(failed.get(1)).toMatchObject(expected);
        expect(failed.get(3)).toMatchObject(expected);
        const [evidence] = failed.get(1)?.evidence ?? [];
        expect(parseFrame(the(evidence))).toMatchObject({ from: 2, round: 1 });
      }
    },
  );

  it('is refused for another key, epoch, suite, party, purpose or member', () => {
    const start = nonceStart(shares, [1, 2], 1);
    const create = (change: object, share = the(shares.get(1))) =>
      createNonceSession({
        start: { ...start, ...change },
        index: 1,
        keyShare: share,
        ...{ sign: identityOf(1).sign, random: seededRandom('r') },
      });
    expect(() => create({})).not.toThrow();
    const [stranger] = testParties(1, 'stranger');
    const changes = [
      { keyId: Buffer.alloc(32) },
      { epoch: 1 },
      { suite: id === 3 ? 4 : 3 },
      { suite: 1 },
      { threshold: 3, participants: nonceStart(shares, COMMITTEE, 1).participants },
      { parties: 4 },
      { batch: 0 },
      { batch: 65 },
      { participants: [the(start.participants[0]), { ...the(stranger), index: 2 }] },
      { participants: start.participants.slice(1) },
    ];
    for (const change of changes) expect(() => create(change)).toThrow(InvalidInput);
    expect(() => create({}, the(shares.get(2)))).toThrow(InvalidInput);
    expect(() => create({ purpose: 'rekey', pairCounter: 1 })).toThrow(InvalidInput);
  });

  it('a failed or aborted session wipes its nonces; a finished one hands them over', () => {
    const secrets: Uint8Array[] = [];
    const multiplyBase = group.multiplyBase.bind(group);
    const spy = jest.spyOn(group, 'multiplyBase').mockImplementation((secret) => {
      secrets.push(secret);
      return multiplyBase(secret);
    });
    const nonZero = () => secrets.filter((secret) => secret.some((byte) => byte !== 0)).length;
    try {
      failures(altered(2, [1, 3], (payload) => payload.fill(0)));
      expect(secrets).toHaveLength(COMMITTEE.length * BATCH * 2);
      expect(nonZero()).toBe(BATCH * 2); // of party 2, which saw no fault
      secrets.length = 0;
      const session = the(nonceSessions(shares, COMMITTEE, BATCH, 's').get(1));
      session.start();
      expect(nonZero()).toBe(BATCH * 2);
      session.abort();
      expect(nonZero()).toBe(0);
    } finally {
      spy.mockRestore();
    }
  });

  it('the randomness of a nonce is wiped, and depends on the share and the bytes', () => {
    const drawn: Buffer[] = [];
    const random = seededRandom('drawn');
    const recording = (bytes: number) => {
      const buffer = random(bytes);
      drawn.push(buffer);
      return buffer;
    };
    const sessions = nonceSessions(shares, [1, 2], 1, 's', () => ({ random: recording }));
    the(sessions.get(1)).start();
    const [, , hiding, binding] = drawn; // after the exchange keys of both
    expect([hiding, binding]).toEqual([Buffer.alloc(32), Buffer.alloc(32)]);
    const repeated = () => Buffer.alloc(32, 1);
    const same = resultsOf(
      runSessions(nonceSessions(shares, COMMITTEE, 1, 's', () => ({ random: repeated }))),
    );
    const points = [...same].map(([j, { nonces }]) => nonces[0]?.commitments.get(j)?.hiding.toString('hex'));
    expect(new Set(points).size).toBe(COMMITTEE.length); // a generator that repeats itself is hedged by the share
  });
});
