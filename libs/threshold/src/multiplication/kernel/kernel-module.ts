/** The compiled kernel: its functions, its memory and the addresses in it (libs/threshold/assembly). */
import { KERNEL_WASM } from './kernel-wasm';

/** Names in libs/threshold/assembly/index.ts. */
const FUNCTIONS = [
  'addChoices',
  'addMaskedRows',
  'addPoints',
  'allCanonical',
  'blind',
  'checkColumn',
  'fillRoots',
  'hashRows',
  'innerProducts',
  'makeBaseTable',
  'multiplyBase',
  'multiplyPoints',
  'select',
  'shiftColumns',
  'spread',
  'transposeRows',
  'unblind',
] as const;
const ADDRESSES = [
  'ATILDE',
  'BETA',
  'BLOCKS',
  'COLUMNS',
  'COLUMNS_OUT',
  'CURVE_END',
  'CURVE_POINTS',
  'CURVE_SCALARS',
  'END',
  'GADGET',
  'HASH_KEY',
  'HEX',
  'INPUTS',
  'NABLA',
  'PARTNER_ROWS',
  'PRODUCTS',
  'ROWS_IN',
  'TAGS',
  'THETAS',
] as const;

type KernelFunction = (...parameters: number[]) => number | undefined;

export interface KernelModule {
  readonly call: Readonly<Record<(typeof FUNCTIONS)[number], KernelFunction>>;
  readonly at: Readonly<Record<(typeof ADDRESSES)[number], number>>;
  /** The whole memory. It never grows, so views of it stay valid. */
  readonly memory: Buffer;
}

let instance: KernelModule | undefined;

/** The instance of this thread, made when it is first used. */
export function kernelInstance(): KernelModule {
  return (instance ??= instantiateKernel());
}

/**
 * Compiles and instantiates the kernel, and has it make its table of multiples of the base point. Synchronous: it takes
 * some milliseconds.
 *
 * @throws WebAssembly.CompileError where WebAssembly or its SIMD instructions are missing
 */
export function instantiateKernel(): KernelModule {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(KERNEL_WASM, 'base64')));
  const memory: unknown = exports['memory'];
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError('the kernel exports no memory');
  const call = record(FUNCTIONS, (name) => functionOf(exports[name], name));
  call.makeBaseTable();
  return {
    call,
    at: record(ADDRESSES, (name) => addressOf(exports[name], name)),
    memory: Buffer.from(memory.buffer),
  };
}

function functionOf(value: unknown, name: string): KernelFunction {
  if (typeof value !== 'function') throw new TypeError(`the kernel exports no function ${name}`);
  return value as KernelFunction;
}

function addressOf(value: unknown, name: string): number {
  const address: unknown = value instanceof WebAssembly.Global ? value.value : undefined;
  if (typeof address !== 'number') throw new TypeError(`the kernel exports no address ${name}`);
  return address;
}

function record<N extends string, V>(names: readonly N[], valueOf: (name: N) => V): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<N, V>;
}
