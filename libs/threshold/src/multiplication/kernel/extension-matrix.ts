/**
 * The bit matrices of one OT-extension run in the memory of the kernel (specification sections 5.1 to 5.5): 128 rows, the
 * partner rows that are added to them, then columns and the linear hash of every row. One run at a time.
 */
import { LAMBDA_C } from '../../suite';
import { kernelInstance } from './kernel-module';

const BLOCK_BYTES = 16;

export class ExtensionMatrix {
  private readonly bytes: number;

  /** @param rowBytes a multiple of 16, at most that of 64 multiplications of suite 2; the last block of a row is its mask */
  constructor(private readonly rowBytes: number) {
    this.bytes = LAMBDA_C * rowBytes;
  }

  setRow(m: number, row: Buffer): void {
    const { at, memory } = kernelInstance();
    memory.set(row, at.ROWS_IN + m * this.rowBytes);
  }

  setPartnerRow(m: number, row: Buffer): void {
    const { at, memory } = kernelInstance();
    memory.set(row, at.PARTNER_ROWS + m * this.rowBytes);
  }

  /** The receiver: u = T0 + T1 + beta. Valid until the next call. */
  addChoices(beta: Buffer): Buffer {
    const { call, at, memory } = kernelInstance();
    memory.set(beta, at.BETA);
    call.addChoices(this.rowBytes);
    return memory.subarray(at.PARTNER_ROWS, at.PARTNER_ROWS + this.bytes);
  }

  /** The sender: adds row m of u where bit m of Nabla is 1. */
  addMasked(u: Buffer, nabla: Buffer): void {
    const { call, at, memory } = kernelInstance();
    memory.set(u, at.PARTNER_ROWS);
    memory.set(nabla, at.NABLA);
    call.addMaskedRows(this.rowBytes);
  }

  /** All columns but the mask's, 16 B each, in a new buffer. */
  columns(): Buffer {
    const { call, at, memory } = kernelInstance();
    call.transposeRows(this.rowBytes);
    const end = at.COLUMNS_OUT + (this.rowBytes - BLOCK_BYTES) * 8 * BLOCK_BYTES;
    return Buffer.from(memory.subarray(at.COLUMNS_OUT, end));
  }

  /**
   * lin of the 128 rows, then lin of the choices; after {@link columns}. Valid until the next call.
   * @param h AES_ck(0), 16 B, public
   */
  hash(h: Buffer): { rows: Buffer; choices: Buffer } {
    const { call, at, memory } = kernelInstance();
    memory.set(h, at.HASH_KEY);
    call.hashRows(this.rowBytes);
    const end = at.TAGS + LAMBDA_C * BLOCK_BYTES;
    return { rows: memory.subarray(at.TAGS, end), choices: memory.subarray(end, end + BLOCK_BYTES) };
  }

  /** Overwrites all of it in the kernel. */
  wipe(): void {
    const { at, memory } = kernelInstance();
    memory.fill(0, 0, at.COLUMNS);
    memory.fill(0, at.HASH_KEY, at.ROWS_IN + this.bytes);
    memory.fill(0, at.PARTNER_ROWS, at.PARTNER_ROWS + this.bytes);
    memory.fill(0, at.COLUMNS_OUT, at.COLUMNS_OUT + this.bytes);
  }
}
