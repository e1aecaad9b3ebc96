import { correlationCipher, messageDigest, type RunContext } from '../multiplication/correlation-hash';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { answerExtension, startExtension } from '../multiplication/ot-extension';
import {
  multiplyAsReceiver,
  multiplyAsSender,
  parseRvoleMessage,
  type RvoleMessage,
  rvoleMessageBytes,
  type RvoleRun,
} from '../multiplication/rvole';
import { type RvoleKernel } from '../multiplication/rvole-kernel';
import { scalarToBytes } from '../group/scalar';
import { type EcdsaSuiteId, suite } from '../suite';
import { seededRandom } from './seeded-random';
import { dealBaseOt } from './trusted-dealer';

/** One OT-extension run of `batch` multiplications between two honest parties. */
export function openRun(
  seed: string,
  batch: number,
  suiteId: EcdsaSuiteId = 1,
  kernel: RvoleKernel = wasmKernel,
) {
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
  const run: RvoleRun = { kernel, context, encrypt: correlationCipher(context), xi };
  const send = (p: number, a: readonly [bigint, bigint], as: RvoleRun = run) => {
    const [a1, a2] = [scalarToBytes(a[0]), scalarToBytes(a[1])];
    const bytes = Buffer.alloc(rvoleMessageBytes(xi));
    const c = multiplyAsSender(as, p, columns, base.asSender.nabla, [a1, a2], bytes);
    const message = parseRvoleMessage(bytes, xi, kernel);
    if (!message) throw new Error('an honest message is well-formed');
    return { message, c };
  };
  const receive = (p: number, sent: RvoleMessage) =>
    multiplyAsReceiver(run, p, extension.columns, extension.beta, sent);
  return { run, send, receive, beta: extension.beta, base };
}

/** A sender that shifts one atilde entry in each of these rows before theta is drawn, and is honest otherwise. */
export function cheatInRows(run: RvoleRun, rows: readonly number[]): RvoleRun {
  const { kernel } = run;
  const blind: typeof kernel.blind = (source, nabla, inputs, atilde) => {
    const result = kernel.blind(source, nabla, inputs, atilde);
    for (const row of rows) atilde[96 * row] = (atilde[96 * row] ?? 0) ^ 1;
    return result;
  };
  return { ...run, kernel: { ...kernel, blind } };
}
