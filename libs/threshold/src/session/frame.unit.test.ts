import fc from 'fast-check';
import { provesEquivocation } from './equivocation';
import {
  BROADCAST,
  ed25519PublicKey,
  encodeFrame,
  encodeHeader,
  FRAME_TYPES,
  type FrameHeader,
  parseFrame,
  ROUNDS,
  verifyFrame,
} from './frame';
import { testParties } from '../testing/ceremony-network';

const [party] = testParties(1);
if (!party) throw new Error('a party');
const header: FrameHeader = {
  suite: 1,
  type: FRAME_TYPES.dkg,
  round: 2,
  keyId: Buffer.alloc(32, 3),
  epoch: 7,
  sid: Buffer.alloc(32, 4),
  from: 1,
  to: BROADCAST,
};
const payload = Buffer.from('payload');
const frame = encodeFrame(header, payload, party.sign);
const key = ed25519PublicKey(party.identityKey);

describe('frames (2)', () => {
  test('known answer: header 80 bytes, payload, Ed25519 signature 64 bytes', () => {
    expect(encodeHeader(header, payload.length).toString('hex')).toBe(
      `01010102${'03'.repeat(32)}00000007${'04'.repeat(32)}0001ffff00000007`,
    );
    expect(frame.subarray(80, 87)).toEqual(payload);
    expect(frame.subarray(87).toString('hex')).toMatchInlineSnapshot(
      `"d336a566b2d6578905c5e2b7bfcdfff59a93ec43a60ee671d2532cbf3e5346996514ddeb4baebfe218f3eb2e17f4af7905d8917e04840de9d0d3fb9f5a4e130a"`,
    );
  });

  test('the table of types and rounds is frozen', () => {
    expect(FRAME_TYPES).toEqual({ dkg: 1, presign: 2, online: 3, reshare: 4, rekey: 5, evidence: 6 });
    expect(ROUNDS).toEqual({ 1: 4, 2: 3, 3: 1, 4: 4, 5: 4, 6: 1 });
  });

  test('parse returns what was encoded', () => {
    const parsed = parseFrame(frame);
    expect(parsed).toMatchObject({ ...header, payload });
    expect(parsed && verifyFrame(parsed, key)).toBe(true);
  });

  test('every bit of header and payload is signed', () => {
    for (let at = 0; at < frame.length; at++) {
      const changed = Buffer.from(frame);
      changed[at] = changed.readUInt8(at) ^ 1;
      const parsed = parseFrame(changed);
      expect(parsed ? verifyFrame(parsed, key) : false).toBe(false);
    }
  });

  test.each([
    ['version', 0, 2],
    ['suite', 1, 5],
    ['type', 2, 7],
    ['round 0', 3, 0],
    ['round above the type', 3, 5],
    ['length', 79, 8],
  ])('unknown %s is no frame', (_, at, value) => {
    const changed = Buffer.from(frame);
    changed[at] = value;
    expect(parseFrame(changed)).toBeUndefined();
  });

  test('any bytes parse to a frame or to nothing, and a huge length is not believed', () => {
    const huge = Buffer.from(frame);
    huge.writeUInt32BE(0xffffffff, 76);
    expect(parseFrame(huge)).toBeUndefined();
    const mutated = fc.record({ at: fc.nat(79), value: fc.nat(255) }).map(({ at, value }) => {
      const changed = Buffer.from(frame);
      changed[at] = value;
      return changed;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated), (bytes) => {
        const parsed = parseFrame(bytes);
        if (parsed) expect(parsed.payload.length).toBe(bytes.length - 144);
      }),
    );
  });

  test('equivocation is two signed messages for one slot, and nothing else', () => {
    const other = encodeFrame(header, Buffer.from('another'), party.sign);
    const proves = (a: Buffer, b: Buffer) => provesEquivocation(a, b, party.identityKey);
    expect(proves(frame, other)).toBe(true);
    expect(proves(frame, frame)).toBe(false);
    expect(proves(frame, encodeFrame({ ...header, round: 3 }, payload, party.sign))).toBe(false);
    expect(proves(frame, encodeFrame({ ...header, to: 2 }, payload, party.sign))).toBe(false);
    expect(proves(frame, encodeFrame({ ...header, sid: Buffer.alloc(32) }, payload, party.sign))).toBe(false);
    expect(
      proves(
        frame,
        encodeFrame(header, Buffer.from('another'), () => Buffer.alloc(64)),
      ),
    ).toBe(false);
    expect(proves(frame, Buffer.alloc(10))).toBe(false);
  });
});
