/** The challenge key of the OT-extension check must stay a hash of u (specification sections 5.2 and 16). */
import { bitMask, viewOf } from '../multiplication/limbs';
import { answerExtension, type ExtensionContext, startExtension } from '../multiplication/ot-extension';
import { exclusiveOr, expandedRows, rowBytesOf } from '../testing/cheating-receiver';
import { gmacHash } from '../testing/gmac-hash';
import { seededRandom } from '../testing/seeded-random';
import { dealBaseOt } from '../testing/trusted-dealer';

const OTS = 300;
const ROW = rowBytesOf(OTS);
const U = 128 * ROW;
const random = seededRandom('known key');
const base = dealBaseOt(random);
const context: ExtensionContext = { pairctx: random(32), receiverNonce: random(32) };
const honest = startExtension(base.asReceiver, context, OTS, random);
const honestU = honest.message.subarray(0, U);
const nablaBit = (m: number) => bitMask(viewOf(base.asSender.nabla), m) & 1;

/** An error that lin under a known key does not see: any bits, and their lin in the block that masks the check. */
function invisibleError(lin: (row: Buffer) => Buffer): Buffer {
  const error = Buffer.alloc(ROW);
  error[0] = 1;
  lin(Buffer.from(error)).copy(error, ROW - 16);
  return error;
}

/** Q_m of the sender for this u (5.4). */
function senderRows(u: Buffer): Buffer[] {
  return expandedRows(base.asSender.seeds, context, ROW).map((row, m) =>
    nablaBit(m) ? exclusiveOr(row, u.subarray(m * ROW, (m + 1) * ROW)) : row,
  );
}

/** lin(Q_m) = tt_m xor (Nabla[m] ? xt : 0) for all m, with any lin. */
function passes(u: Buffer, tags: Buffer, lin: (row: Buffer) => Buffer): boolean {
  return senderRows(u).every((row, m) => {
    const tt = tags.subarray(16 * (m + 1), 16 * (m + 2));
    return lin(row).equals(nablaBit(m) ? exclusiveOr(tt, tags.subarray(0, 16)) : tt);
  });
}

const addToRows = (u: Buffer, error: Buffer, rows: readonly number[]) =>
  Buffer.concat(
    Array.from({ length: 128 }, (_, m) => {
      const row = u.subarray(m * ROW, (m + 1) * ROW);
      return rows.includes(m) ? exclusiveOr(row, error) : row;
    }),
  );

describe('an error made for a challenge key that is known in advance', () => {
  const known = gmacHash(context, honestU);
  const error = invisibleError(known);
  // Different errors in different rows would tell the cheater which Nabla bits are 1, with nothing ever failing.
  const rows = Array.from({ length: 64 }, (_, m) => m);
  const u = addToRows(honestU, error, rows);
  const tags = honest.message.subarray(U);

  it('is not the zero error and changes what the sender computes', () => {
    expect(known(error).every((byte) => byte === 0)).toBe(true);
    const [before, after] = [senderRows(honestU), senderRows(u)];
    const changed = rows.filter((m) => !before[m]?.equals(after[m] ?? Buffer.alloc(0)));
    expect(changed).toEqual(rows.filter((m) => nablaBit(m) === 1));
    expect(changed.length).toBeGreaterThan(16);
  });

  it('passes under the known key whatever Nabla is: nothing is detected', () => {
    expect(passes(honestU, tags, known)).toBe(true);
    expect(passes(u, tags, known)).toBe(true);
  });

  it('is caught with the real derivation, because the key is a hash of u and so changes with the error', () => {
    expect(passes(u, tags, gmacHash(context, u))).toBe(false);
    expect(answerExtension(base.asSender, context, OTS, Buffer.concat([u, tags]))).toBeUndefined();
  });

  it('is caught when the cheater computes all check values anew for the u that it sends', () => {
    const lin = gmacHash(context, u);
    const t0 = expandedRows(base.asReceiver.seeds0, context, ROW);
    const anew = Buffer.concat([lin(honest.extension.beta), ...t0.map(lin)]);
    expect(answerExtension(base.asSender, context, OTS, Buffer.concat([u, anew]))).toBeUndefined();
    const withoutError = Buffer.concat([honestU, honest.message.subarray(U)]);
    expect(answerExtension(base.asSender, context, OTS, withoutError)).toBeDefined();
  });
});
