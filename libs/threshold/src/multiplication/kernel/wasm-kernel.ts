/**
 * The kernel that computes: WebAssembly on limbs, in one memory of fixed size, without a branch or an index that depends
 * on a secret (specification section 15). One multiplication at a time: its rows stay in that memory from the hashed
 * columns to the inner products, and only public bytes, AES blocks and results are copied.
 */
import { type HashedColumns, type ReceiverRows, type RvoleKernel } from '../rvole-kernel';
import { mod, SCALAR_BYTES, scalarFromBytes, scalarToBytes } from '../../group/scalar';
import { kernelInstance } from './kernel-module';

const COLUMN_BYTES = 16;
const ROW_BYTES = 96;
const DIGITS = 64;

export const wasmKernel: RvoleKernel = {
  blind(source, nabla, inputs, atilde) {
    const { call, at, memory } = kernelInstance();
    const rows = rowsOf(source);
    memory.set(source.columns, at.COLUMNS);
    memory.set(nabla, at.NABLA);
    inputs.forEach((input, k) => writeScalar(at.INPUTS + k * SCALAR_BYTES, input));
    call.shiftColumns(rows);
    hashColumns(source, 2);
    call.blind(rows);
    memory.copy(atilde, 0, at.ATILDE, at.ATILDE + rows * ROW_BYTES);
    return loadedRows(rows, source.firstIndex);
  },

  unblind(source, atilde, eta, beta) {
    const { call, at, memory } = kernelInstance();
    const rows = rowsOf(source);
    memory.set(source.columns, at.COLUMNS);
    memory.set(atilde, at.ATILDE);
    memory.set(beta, at.BETA);
    const minusEta = scalarToBytes(mod(-scalarFromBytes(eta)));
    writeScalar(at.INPUTS + 2 * SCALAR_BYTES, minusEta);
    hashColumns(source, 1);
    call.unblind(rows, source.firstIndex);
    return loadedRows(rows, source.firstIndex);
  },

  allCanonical(rows) {
    const { call, at, memory } = kernelInstance();
    memory.set(rows, at.ATILDE);
    return call.allCanonical(at.ATILDE, rows.length / SCALAR_BYTES) !== 0;
  },

  wipe() {
    const { at, memory } = kernelInstance();
    memory.fill(0, 0, at.HASH_KEY);
  },
};

/** Both encryptions of the columns in memory, or of the columns and of what follows them (two halves). */
function hashColumns({ encrypt, columns, firstIndex }: HashedColumns, halves: 1 | 2): void {
  const { call, at } = kernelInstance();
  const rows = columns.length / COLUMN_BYTES;
  encryptInPlace(encrypt, at.COLUMNS, halves * columns.length);
  call.spread(rows, halves, firstIndex);
  encryptInPlace(encrypt, at.BLOCKS, halves * rows * ROW_BYTES);
}

function encryptInPlace(encrypt: HashedColumns['encrypt'], address: number, length: number): void {
  const { memory } = kernelInstance();
  const encrypted = encrypt(memory.subarray(address, address + length));
  memory.set(encrypted, address);
  encrypted.fill(0);
}

function loadedRows(rows: number, firstBit: number): ReceiverRows {
  const { call, at, memory } = kernelInstance();
  return {
    checkColumn(theta1, theta2) {
      writeScalar(at.THETAS, theta1);
      writeScalar(at.THETAS + SCALAR_BYTES, theta2);
      call.checkColumn(rows);
      return memory.subarray(at.HEX, at.HEX + rows * DIGITS);
    },
    innerProducts(gadget) {
      memory.set(gadget, at.GADGET);
      call.innerProducts(rows);
      return [readScalar(at.PRODUCTS), readScalar(at.PRODUCTS + SCALAR_BYTES)];
    },
    select(gadget) {
      memory.set(gadget, at.GADGET);
      call.select(rows, firstBit);
      return readScalar(at.PRODUCTS);
    },
  };
}

function rowsOf({ columns }: HashedColumns): number {
  return columns.length / COLUMN_BYTES;
}

/** Big-endian outside, little-endian inside. */
function writeScalar(address: number, scalar: Buffer): void {
  const { memory } = kernelInstance();
  for (let k = 0; k < SCALAR_BYTES; k++) memory[address + k] = scalar[SCALAR_BYTES - 1 - k] ?? 0;
}

function readScalar(address: number): Buffer {
  return Buffer.from(kernelInstance().memory.subarray(address, address + SCALAR_BYTES)).reverse();
}
