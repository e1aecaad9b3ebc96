import fc from 'fast-check';
import { seededRandom } from '../test/seeded-random';
import { dealBaseOt } from '../test/trusted-dealer';
import { correlationHash, messageDigest, type RunContext } from './correlation-hash';
import { answerExtension, startExtension } from './ot-extension';
import { multiplyAsReceiver, multiplyAsSender, type RvoleRun } from './rvole';
import { bigintKernel } from './rvole-kernel';
import { mod, Q, scalarFromBytes, scalarToBytes } from './scalar';
import { suite, type SuiteId } from './suite';

/** One OT-extension run of `batch` multiplications between two honest parties. */
function openRun(seed: string, batch: number, suiteId: SuiteId = 1) {
  const random = seededRandom(seed);
  const { xi } = suite(suiteId);
  const base = dealBaseOt(random);
  const extensionContext = { pairctx: random(32), receiverNonce: random(32) };
  const { message, extension } = startExtension(base.asReceiver, extensionContext, batch * xi, random);
  const context: RunContext = {
    ...extensionContext,
    senderNonce: random(32),
    messageDigest: messageDigest(message),
  };
  const columns = answerExtension(base.asSender, extensionContext, batch * xi, message);
  if (!columns) throw new Error('an honest run passes the check');
  const run: RvoleRun = { kernel: bigintKernel, context, hash: correlationHash(context), xi };
  const send = (p: number, a: [bigint, bigint]) =>
    multiplyAsSender(run, p, columns, base.asSender.nabla, [scalarToBytes(a[0]), scalarToBytes(a[1])]);
  const receive = (p: number, message: Parameters<typeof multiplyAsReceiver>[4]) =>
    multiplyAsReceiver(run, p, extension.columns, extension.beta, message);
  return { run, send, receive };
}

const scalar = fc.oneof(
  fc.constantFrom(1n, 2n, Q - 1n, Q - 2n, 2n ** 255n),
  fc.bigInt({ min: 1n, max: Q - 1n }),
);

describe('random vector OLE (section 6)', () => {
  it('c_x + d_x = a_x * chi for random and extreme inputs', () => {
    const { send, receive } = openRun('algebra', 2);
    fc.assert(
      fc.property(scalar, scalar, fc.constantFrom(0, 1), (a1, a2, p) => {
        const sent = send(p, [a1, a2]);
        const received = receive(p, sent.message);
        if (!received) throw new Error('an honest message passes');
        const chi = scalarFromBytes(received.chi);
        [a1, a2].forEach((a, x) => {
          const [c, d] = [sent.c[x], received.d[x]].map((b) => scalarFromBytes(b ?? Buffer.alloc(0)));
          expect(mod((c ?? 0n) + (d ?? 0n))).toBe(mod(a * chi));
        });
      }),
      { numRuns: 20 },
    );
  });
});
