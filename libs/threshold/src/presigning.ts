/** Public interface of presigning and signing: specification sections 5 to 8. */
export { combineShares, type CombineInput, type Signature } from './combine';
export { healthMessage, healthRequest } from './health';
export {
  encodeOnlineShare,
  ONLINE_SHARE_BYTES,
  onlineShare,
  type OnlineResult,
  type OnlineShare,
  parseOnlineShare,
  requestBinding,
  rerandomise,
  type Rerandomisation,
  type SigningRequest,
} from './online';
export { createPairJudge, type PairJudge, pairDead } from './pair-judge';
export { createPresignSession, type PresignConfig } from './presign';
export {
  decodePresignatureBatch,
  encodePresignatureBatch,
  isConsumed,
  type Presignature,
  type PresignatureBatch,
  presignatureIdOf,
  wipePresignature,
} from './presignature';
export { recoverPublicKey, verifySignature } from './signature-check';
export { assertKernel } from './kernel/assert-kernel';
export { bigintKernel } from './kernel/bigint-kernel';
export { wasmKernel } from './kernel/wasm-kernel';
export { type KernelRows, type RvoleKernel } from './rvole-kernel';
