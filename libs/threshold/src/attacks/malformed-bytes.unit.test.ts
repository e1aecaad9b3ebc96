/** Every parser of untrusted bytes (threats 21; specification section 16, robustness): typed refusals, nothing else. */
import fc from 'fast-check';
import { decodeCertificate, encodeCertificate } from '../certificate/certificate-codec';
import { InvalidInput } from '../errors';
import {
  decodeKeyShare,
  decodePendingKeyShare,
  encodeKeyShare,
  encodePendingKeyShare,
} from '../keygen/key-share-codec';
import { bigintKernel } from '../multiplication/kernel/bigint-kernel';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { parseRvoleMessage } from '../multiplication/rvole';
import { parsePoint } from '../group/point';
import { parseScalar } from '../group/scalar';
import { parseRound2Broadcast, parseRound2Direct, parseRound3Direct } from '../presign/payloads';
import { decodePresignatureBatch, encodePresignatureBatch } from '../presign/presignature';
import { encodeFrame, parseFrame } from '../session/frame';
import { parsePath } from '../sign/bip32';
import { encodeOnlineShare, onlineShare, parseOnlineShare } from '../sign/online';
import { generateKey, resigned, runSessions } from '../testing/ceremony-network';
import { runPlain } from '../testing/plain-ceremony';
import { presign, presignSessions, presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { copyPresignatures, requestFor } from '../testing/signing-harness';
import { dealKey, identityOf } from '../testing/trusted-dealer';

const XI = 752;
const { secretKey, shares } = dealKey(2, 2, seededRandom('parsers'));
const share = shares.get(1);
const batch = presign(shares, [1, 2], 2, 'parsers').get(1);
const generated = generateKey(2, 2).get(1);
if (!share || !batch || !generated) throw new RangeError('an honest run');
const { sent } = runPlain(shares, presignStart(shares, [1, 2], 1), { seed: 'parsers' });
const payload = (round: number, kind: 'broadcast' | 'direct') =>
  sent.find((it) => it.round === round && it.kind === kind)?.bytes ?? Buffer.alloc(0);
const [presignature] = copyPresignatures(new Map([[1, batch]]), 0).values();
const signed = presignature && onlineShare(presignature, requestFor(secretKey, [1, 2], Buffer.alloc(32, 1)));
if (signed?.kind !== 'share') throw new RangeError('burnt');
const header = {
  suite: 1,
  type: 2,
  round: 1,
  keyId: Buffer.alloc(32),
  epoch: 0,
  sid: Buffer.alloc(32),
  from: 1,
  to: 2,
} as const;

/** Each parser, with a valid example of what it takes. */
const parsers: readonly (readonly [string, Buffer, (bytes: Buffer) => unknown])[] = [
  ['frame', encodeFrame(header, Buffer.alloc(40, 7), identityOf(1).sign), parseFrame],
  ['presign round 2 broadcast', payload(2, 'broadcast'), (b) => parseRound2Broadcast(b, 1)],
  ['presign round 2 direct', payload(2, 'direct'), (b) => parseRound2Direct(b, 1, XI, wasmKernel)],
  ['presign round 3 direct', payload(3, 'direct'), (b) => parseRound3Direct(b, 1)],
  ['multiplication', payload(2, 'direct').subarray(0, 72_256), (b) => parseRvoleMessage(b, XI, wasmKernel)],
  ['online share', encodeOnlineShare(signed.share), parseOnlineShare],
  ['presignature batch', encodePresignatureBatch(batch), decodePresignatureBatch],
  ['key share', encodeKeyShare(generated), decodeKeyShare],
  ['pending key share', encodePendingKeyShare(share), decodePendingKeyShare],
  ['certificate', encodeCertificate(generated.certificate), decodeCertificate],
  ['point', Buffer.from(share.publicKey), parsePoint],
  ['scalar', Buffer.alloc(32, 1), parseScalar],
  ['path', Buffer.from('m/44/60/0'), (b) => parsePath(b.toString('latin1'))],
];

/** undefined, a value or InvalidInput: what a parser may do. */
function outcome(parse: (bytes: Buffer) => unknown, bytes: Buffer): 'refused' | 'parsed' {
  try {
    return parse(bytes) === undefined ? 'refused' : 'parsed';
  } catch (error) {
    if (error instanceof InvalidInput) return 'refused';
    throw error;
  }
}

const options = { numRuns: 60, seed: 16 };

describe.each(parsers)('%s', (name, example, parse) => {
  it('parses the example', () => expect(outcome(parse, example)).toBe('parsed'));

  it('truncations and extensions', () => {
    const lengths = fc.nat(example.length - 1);
    fc.assert(
      fc.property(lengths, (length) => {
        if (name === 'path') outcome(parse, example.subarray(0, length));
        else expect(outcome(parse, example.subarray(0, length))).toBe('refused');
      }),
      options,
    );
    const longer = Buffer.concat([example, Buffer.of(0)]);
    if (!name.startsWith('presign round')) expect(outcome(parse, longer)).toBe('refused');
  });

  it('bit flips, anywhere and in the first 128 bytes, and random bytes of the same length', () => {
    const places = fc.oneof(fc.nat(example.length - 1), fc.nat(Math.min(127, example.length - 1)));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(places, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 }),
        (flips) => {
          const altered = Buffer.from(example);
          for (const [at, change] of flips) altered[at] = (altered[at] ?? 0) ^ change;
          outcome(parse, altered);
        },
      ),
      options,
    );
    const random = seededRandom(name);
    for (let k = 0; k < 10; k++) outcome(parse, random(example.length));
  });

  it('random bytes of any length up to 400', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        outcome(parse, Buffer.from(bytes));
      }),
      options,
    );
  });
});

describe('declared lengths and counts are not believed', () => {
  it('a small input makes no parser allocate more than a few kilobytes', () => {
    const sizes: number[] = [];
    const [alloc, allocUnsafe] = [Buffer.alloc.bind(Buffer), Buffer.allocUnsafe.bind(Buffer)];
    const spies = [
      jest.spyOn(Buffer, 'alloc').mockImplementation((size, fill, encoding) => {
        sizes.push(size);
        return alloc(size, fill, encoding);
      }),
      jest.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => {
        sizes.push(size);
        return allocUnsafe(size);
      }),
    ];
    for (const [, example, parse] of parsers) {
      const small = Buffer.from(example.subarray(0, 200));
      for (let at = 0; at < small.length; at++) {
        const altered = Buffer.from(small);
        altered.fill(0xff, at, Math.min(at + 4, small.length));
        outcome(parse, altered);
      }
    }
    for (const spy of spies) spy.mockRestore();
    expect(Math.max(0, ...sizes)).toBeLessThan(4096);
  });

  it('both kernels say the same of rows that are not canonical', () => {
    const random = seededRandom('rows');
    for (let k = 0; k < 100; k++) {
      const rows = random(320);
      if (k % 2 === 0) rows.fill(0xff, 32 * (k % 10), 32 * (k % 10) + 32);
      expect(wasmKernel.allCanonical(rows)).toBe(bigintKernel.allCanonical(rows));
    }
  });
});

describe('presign sessions that receive signed nonsense', () => {
  const honest = runSessions(presignSessions(shares, [1, 2], 1, 'nonsense')).sent.filter(
    ({ to }) => to === 1,
  );
  const CLASSES = ['CONFIG', 'AGREE', 'IDENT', 'IDENT-P', 'BAN', 'UNATTRIBUTED'];

  it('payloads of the right length with any content end in a typed failure', () => {
    const random = seededRandom('nonsense payloads');
    for (let target = 0; target < honest.length; target++) {
      for (const fill of [undefined, 0, 0xff]) {
        let count = 0;
        const { outcomes } = runSessions(
          presignSessions(shares, [1, 2], 1, 'nonsense'),
          (frame, from, to) => {
            if (to !== 1 || count++ !== target) return [frame];
            return [
              resigned(frame, identityOf(from), (b) =>
                fill === undefined ? random(b.length) : Buffer.from(b.fill(fill)),
              ),
            ];
          },
        );
        const result = outcomes.get(1);
        if (result?.kind !== 'failure') throw new Error(`message ${target} went through`);
        expect(CLASSES).toContain(result.failure.failureClass);
      }
    }
  });

  it('frames with any byte changed and any junk are dropped without a change of state', () => {
    const session = presignSessions(shares, [1, 2], 1, 'nonsense').get(1);
    session?.start();
    fc.assert(
      fc.property(
        fc.nat(honest.length - 1),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (k, place, change) => {
          const altered = Buffer.from(honest[k]?.frame ?? []);
          const at = place % Math.min(altered.length, 300);
          altered[at] = (altered[at] ?? 0) ^ change;
          const step = session?.receive(altered);
          expect(step?.outgoing).toEqual([]);
          expect(step?.dropped).toBeDefined();
        },
      ),
      { ...options, numRuns: 200 },
    );
    const steps = honest.map(({ frame }) => session?.receive(frame));
    expect(steps.flatMap((step) => step?.outcome?.kind ?? [])).toEqual(['result']);
  });
});
