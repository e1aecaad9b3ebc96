/** Start-up assertion of the WebAssembly kernel (specification section 15). */
import { multiplyBase } from '../../group/point';
import { multiplyBaseEach } from '../../group/point-batch';
import { wasmKernel } from './wasm-kernel';
import { instantiateKernel } from './kernel-module';

const REMEDY =
  'the WebAssembly kernel of the threshold arithmetic does not work here. There is no other implementation that keeps ' +
  'secrets out of branches and can be wiped, so this process stops. Remedy: run Node.js 20.19 or newer on a processor ' +
  'with SIMD (x64 with SSE4.1, or arm64), without --jitless.';

/** q - 1 is canonical, q is not. */
const Q_MINUS_1 = Buffer.from('404136d08c5ed2bf3ba048afe6dcaebafeffffffffffffffffffffffffffffff', 'hex');
/** Multiplies the base point in the kernel and in libsecp256k1. */
const FACTOR = Buffer.alloc(32, 7);

/**
 * Instantiates the kernel and asks it for known answers.
 *
 * @throws Error with a remedy
 */
export function assertKernel(): void {
  let [works, cause]: [boolean, unknown] = [false, undefined];
  try {
    instantiateKernel();
    const q = Buffer.from(Q_MINUS_1);
    q[0] = 0x41;
    const hasLimits = wasmKernel.allCanonical(Q_MINUS_1) && !wasmKernel.allCanonical(q);
    works = hasLimits && multiplyBaseEach([FACTOR])[0]?.equals(multiplyBase(FACTOR)) === true;
  } catch (error) {
    cause = error;
  }
  if (!works) throw new Error(REMEDY, { cause });
}
