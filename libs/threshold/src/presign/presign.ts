/**
 * Presigning (specification section 7): three rounds after which every member of a committee S holds its part of B
 * presignatures, before any message is known. The rounds are files of `presign/`.
 *
 * Contract of the checks that kill a pair (5.7): 5.4 runs in the call that completes round 1, 6.4 and both Gamma checks in
 * the call that completes round 2, all under {@link PresignConfig.judge} and synchronously. When one fails, that call
 * returns `outcome` with class BAN and no outgoing frame: persist "pair dead", then erase the seeds of the pair.
 */
import { type KeyShare } from '../keygen/key-share';
import { type PairJudge } from './pair-judge';
import { type PresignatureBatch } from './presignature';
import { PresignCeremony } from './ceremony';
import { presignContext } from './context';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { type RvoleKernel } from '../multiplication/rvole-kernel';
import { createSession, type Session, type SessionConfig } from '../session/session';

/** Inputs of one party. `start` has purpose `presign`, the committee as participants and the batch size. */
export interface PresignConfig extends SessionConfig {
  readonly keyShare: KeyShare;
  /** Runs the checks that kill a pair: its lock, its memory and its durable verdict. */
  readonly judge: PairJudge;
  /** Arithmetic of the multiplications; the WebAssembly kernel when absent. */
  readonly kernel?: RvoleKernel;
}

/**
 * One party's run. All or nothing: any failure discards the batch, for everybody.
 *
 * @throws InvalidInput when the start is not valid or does not fit the key
 */
export function createPresignSession(config: PresignConfig): Session<PresignatureBatch> {
  const { start, index, keyShare, judge, random, kernel = wasmKernel } = config;
  return createSession(
    config,
    new PresignCeremony(presignContext(start, index, { key: keyShare, judge, random, kernel })),
  );
}
