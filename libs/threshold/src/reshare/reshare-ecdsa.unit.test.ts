import { verifyReshareCertificate } from '../certificate/certificate';
import { decodeKeyShare, encodeKeyShare } from '../keygen/key-share-codec';
import { type KeyShare } from '../keygen/key-share';
import { BROADCAST, parseFrame } from '../session/frame';
import { failuresOf, generateKey, resigned, resultsOf, runSessions } from '../testing/ceremony-network';
import { interpolatedKey } from '../testing/interpolated-key';
import { presign, presignSessions } from '../testing/presign-harness';
import { reshare, reshareSessions } from '../testing/reshare-network';
import { flip } from '../testing/tampering';
import { identityOf } from '../testing/trusted-dealer';
import { decodePendingReshare, encodePendingReshare } from './pending-reshare-codec';

/** Party 1 deals and leaves, 2 stays, 3 lost its share and gets another. */
const plan = { dealers: [1, 2], threshold: 2, receivers: [2, 3] };
const old = generateKey(2, 3);
const run = runSessions(reshareSessions(old, plan));
const next = new Map<number, KeyShare>();
for (const [party, { share }] of resultsOf(run)) if (share && 'pairs' in share) next.set(party, share);

function shareOf(key: ReadonlyMap<number, KeyShare>, party: number): KeyShare {
  const share = key.get(party);
  if (!share) throw new Error(`no share of party ${party}`);
  return share;
}

const [second, third] = [shareOf(next, 2), shareOf(next, 3)];

describe('reshare of an ECDSA key (13)', () => {
  test('is a new epoch of the same key, with a certificate that the old one verifies', () => {
    expect([...next.keys()]).toEqual([2, 3]);
    const { publicKey, chainCode, keyId } = shareOf(old, 1);
    for (const share of next.values()) {
      expect(share).toMatchObject({ suite: 1, epoch: 1, parties: 2, publicKey, chainCode, keyId });
      expect(verifyReshareCertificate(share.certificate, shareOf(old, 1).certificate)).toBe(true);
    }
    expect(interpolatedKey([second, third])).toBe(publicKey.toString('hex'));
  });

  test('every pair of N has fresh base OTs and a fresh zero seed, which fit together', () => {
    const [pair, peer] = [second.pairs.get(3), third.pairs.get(2)];
    const before = shareOf(old, 2).pairs.get(3);
    if (!pair || !peer || !before) throw new Error('a pair');
    expect([...second.pairs.keys()]).toEqual([3]);
    expect(pair.pairCounter).toBe(0);
    expect(peer.zeroSeed).toEqual(pair.zeroSeed);
    expect(pair.zeroSeed).not.toEqual(before.zeroSeed);
    expect(pair.asSender.nabla).not.toEqual(before.asSender.nabla);
    for (let m = 0; m < 128; m++) {
      const bit = (pair.asSender.nabla.readUInt8(m >> 3) >> (m & 7)) & 1;
      const seeds = bit ? peer.asReceiver.seeds1 : peer.asReceiver.seeds0;
      const [at, end] = [32 * m, 32 * m + 32];
      expect(seeds.subarray(at, end)).toEqual(pair.asSender.seeds.subarray(at, end));
    }
  });

  test('the new shares presign, and a share of the old epoch among them is caught by sum pk_j', () => {
    expect(presign(next, [2, 3], 1, 'new epoch').size).toBe(2);
    const mixed = new Map(next).set(3, { ...third, share: shareOf(old, 3).share });
    const failures = failuresOf(runSessions(presignSessions(mixed, [2, 3], 1, 'mixed')));
    for (const party of [2, 3]) {
      expect(failures.get(party)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'presign.r2.pk' });
    }
  });

  test('t old parties are not enough to sign under t + 1', () => {
    const higher = reshare(old, { dealers: [1, 2], threshold: 3, receivers: [1, 2, 3] });
    const claiming = new Map<number, KeyShare>();
    for (const [party, share] of higher) {
      expect(share).toMatchObject({ threshold: 3, publicKey: second.publicKey });
      if ('pairs' in share) claiming.set(party, { ...share, threshold: 2 });
    }
    const failures = failuresOf(runSessions(presignSessions(claiming, [1, 2], 1, 'too few')));
    expect(failures.get(1)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'presign.r2.pk' });
  });

  test('direct messages go among N alone, encrypted', () => {
    const direct = run.sent.flatMap(({ from, to, frame }) => {
      const parsed = parseFrame(frame);
      return parsed && parsed.to !== BROADCAST ? [{ from, to, bytes: parsed.payload.length }] : [];
    });
    expect(direct).toHaveLength(4);
    for (const { from, to, bytes } of direct) {
      expect([from, to].sort()).toEqual([2, 3]);
      expect([8448 + 16, 8448 + 32 + 16]).toContain(bytes);
    }
  });

  test('no frame has a new share in it', () => {
    for (const { share } of next.values()) {
      expect(run.sent.some(({ frame }) => frame.includes(share))).toBe(false);
    }
  });

  test('confirmed and pending shares survive storage', () => {
    expect(decodeKeyShare(encodeKeyShare(second))).toEqual(second);
    const pending = run.pending.get(3);
    if (!pending) throw new Error('party 3 confirmed');
    expect(decodePendingReshare(encodePendingReshare(pending))).toEqual(pending);
  });

  test('a direct message that fails authentication: only the victim can tell, O and N are told', () => {
    const { outcomes, pending } = runSessions(reshareSessions(old, plan), (frame, from, to) => {
      const parsed = parseFrame(frame);
      const isTarget = from === 3 && parsed?.round === 2 && parsed.to === to;
      return [isTarget ? resigned(frame, identityOf(3), flip(100)) : frame];
    });
    const failures = failuresOf({ outcomes, pending, sent: [] });
    expect(failures.get(2)).toMatchObject({ failureClass: 'IDENT-P', check: 'session.aead', accused: 3 });
    expect(failures.get(1)).toMatchObject({ failureClass: 'UNATTRIBUTED', check: 'reshare.r4.abort' });
    expect(pending.size).toBe(0);
  });
});
