import { createCipheriv } from 'node:crypto';
import { inconsistentMessage } from '../testing/cheating-receiver';
import { seededRandom } from '../testing/seeded-random';
import { dealBaseOt } from '../testing/trusted-dealer';
import { gmacHash } from '../testing/gmac-hash';
import { correlationCipher, correlationHash, messageDigest } from './correlation-hash';
import { H } from '../hash';
import { bitMask, viewOf } from './limbs';
import {
  answerExtension,
  type ExtensionContext,
  extensionMessageBytes,
  startExtension,
} from './ot-extension';

const OTS = 300;
const ROW_BYTES = (384 + 128) / 8;
const U_BYTES = 128 * ROW_BYTES;

function setUp(seed: string) {
  const random = seededRandom(seed);
  const base = dealBaseOt(random);
  const context: ExtensionContext = { pairctx: random(32), receiverNonce: random(32) };
  return { random, base, context, ...startExtension(base.asReceiver, context, OTS, random) };
}

const bitOf = (packed: Buffer, index: number) => -bitMask(viewOf(packed), index);

describe('OT extension (section 5)', () => {
  it('q_b = t_b xor beta_b * Nabla', () => {
    const { base, context, message, extension } = setUp('honest');
    const q = answerExtension(base.asSender, context, OTS, message);
    for (let b = 0; b < OTS; b++) {
      const expected = Buffer.from(extension.columns.subarray(16 * b, 16 * (b + 1)));
      if (bitOf(extension.beta, b))
        base.asSender.nabla.forEach((byte, k) => (expected[k] = (expected[k] ?? 0) ^ byte));
      expect(q?.subarray(16 * b, 16 * (b + 1))).toEqual(expected);
    }
  });

  it('the message has 128*row + 16 + 2048 bytes (section 14)', () => {
    expect(extensionMessageBytes(752)).toBe(16404 - 4);
    expect(extensionMessageBytes(8 * 752)).toBe(100372 - 4);
    expect(extensionMessageBytes(12 * 752)).toBe(149524 - 4);
    expect(extensionMessageBytes(32 * 752)).toBe(389140 - 4);
    expect(setUp('length').message).toHaveLength(extensionMessageBytes(OTS));
  });

  const tampers: [string, (message: Buffer) => void][] = [
    ['u bit flipped in many rows', (m) => { for (let row = 0; row < 128; row++) m[row * ROW_BYTES] = (m[row * ROW_BYTES] ?? 0) ^ 1; }],
    ['xt', (m) => { m[U_BYTES] = (m[U_BYTES] ?? 0) ^ 1; }],
    ['tt', (m) => { m[U_BYTES + 16 + 77] = (m[U_BYTES + 16 + 77] ?? 0) ^ 4; }],
  ]; // prettier-ignore
  it.each(tampers)('%s -> 5.4', (_name, tamper) => {
    const { base, context, message } = setUp('tampered');
    tamper(message);
    expect(answerExtension(base.asSender, context, OTS, message)).toBeUndefined();
  });

  it('a message of another session -> 5.4', () => {
    const { base, context, message } = setUp('replayed');
    const elsewhere = { ...context, pairctx: H('pre/pair', 'another') };
    expect(answerExtension(base.asSender, elsewhere, OTS, message)).toBeUndefined();
    const again = { ...context, receiverNonce: H('pre/pair', 'another nonce') };
    expect(answerExtension(base.asSender, again, OTS, message)).toBeUndefined();
  });

  it('Nabla recovery by selective failure: an inconsistent row passes exactly when its Nabla bit is 0', () => {
    for (let row = 0; row < 24; row++) {
      const { base, context } = setUp('selective');
      const message = inconsistentMessage(base.asReceiver, context, OTS, [row]);
      const passed = answerExtension(base.asSender, context, OTS, message) !== undefined;
      expect(passed).toBe(bitOf(base.asSender.nabla, row) === 0);
    }
  });

  it('a new nonce gives independent messages and outputs from the same seeds', () => {
    const { base, context, message, random } = setUp('nonces');
    const other = { ...context, receiverNonce: random(32) };
    const second = startExtension(base.asReceiver, other, OTS, random);
    const distance = Buffer.from(message.map((byte, k) => byte ^ (second.message[k] ?? 0)));
    const ones = distance.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(Math.abs(ones / (8 * message.length) - 0.5)).toBeLessThan(0.01);
  });
});

/** x * y in the field of GHASH: reflected bits, x^128 + x^7 + x^2 + x + 1 (NIST SP 800-38D, section 6.3). */
function multiply(x: bigint, y: bigint): bigint {
  let [product, shifted] = [0n, y];
  for (let k = 127n; k >= 0n; k--) {
    if ((x >> k) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ (0xe1n << 120n) : shifted >> 1n;
  }
  return product;
}

describe('linear hash (section 5.2)', () => {
  const { random, context, message } = setUp('lin');
  const u = message.subarray(0, U_BYTES);
  const lin = gmacHash(context, u);
  const rows = [random(64), random(64)] as const;

  it('lin(x xor y) = lin(x) xor lin(y)', () => {
    const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, k) => byte ^ (b[k] ?? 0)));
    expect(lin(xor(...rows))).toEqual(xor(lin(rows[0]), lin(rows[1])));
  });

  it('is sum_k y_k * h^(M+2-k) + y_{M+1} with h = AES_ck(0)', () => {
    const key = H('ote/chi', context.pairctx, context.receiverNonce, u).subarray(0, 16);
    const blockCipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const integer = (block: Buffer) => BigInt(`0x${block.toString('hex')}`);
    const h = integer(blockCipher.update(Buffer.alloc(16)));
    const [y1, y2, y3, y4] = [0, 16, 32, 48].map((at) => integer(rows[0].subarray(at, at + 16)));
    // Horner: y_M gets h^2, because GHASH appends a block with the length, which cancels.
    const horner = [y1, y2, y3].reduce<bigint>((sum, y) => multiply(sum ^ (y ?? 0n), h), 0n);
    expect(integer(lin(rows[0]))).toBe(multiply(horner, h) ^ (y4 ?? 0n));
  });

  it('known answer', () => {
    expect(lin(rows[0]).toString('hex')).toMatchInlineSnapshot(`"24ec92ecd4f97af48e8264dc1500fb8c"`);
  });
});

describe('correlation-robust output hash (section 5.5)', () => {
  const { random, context, message } = setUp('tccr');
  const run = { ...context, senderNonce: random(32), messageDigest: messageDigest(message) };

  it('out_c = AES_tk(y xor <8b+c>) xor y with y = AES_tk(x)', () => {
    const key = H('ote/tcr', run.pairctx, run.receiverNonce, run.senderNonce, run.messageDigest).subarray(
      0,
      16,
    );
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    const rows = random(32);
    const out = correlationHash(correlationCipher(run), rows, 1000);
    for (const b of [0, 1]) {
      const y = cipher.update(rows.subarray(16 * b, 16 * (b + 1)));
      for (let c = 0; c < 6; c++) {
        const tweaked = Buffer.from(y);
        tweaked.writeUInt32LE((tweaked.readUInt32LE(0) ^ (8 * (1000 + b) + c)) >>> 0, 0);
        const expected = cipher.update(tweaked).map((byte, k) => byte ^ (y[k] ?? 0));
        expect(out.subarray(96 * b + 16 * c, 96 * b + 16 * (c + 1))).toEqual(Buffer.from(expected));
      }
    }
  });

  it('known answer', () => {
    expect(
      correlationHash(correlationCipher(run), Buffer.alloc(16, 1), 7).toString('hex'),
    ).toMatchInlineSnapshot(
      `"6e6191ed1c24d3ba7dc8946274f70c72ebd3657662d9f2a6ececd45d3d438f176738836af099c9d882e04badf4e0f67d2ef1be6e6dfd4f71ce1c3e6cc1c4f8d941c432bd4ced8663b5f03fa410db7ffe1f226c3631ad6b16b37d938238bba0c2"`,
    );
  });
});
