/**
 * Threshold signatures: keys that exist only as shares, for ECDSA (DKLs23 family), Ed25519 and BIP-340 (FROST). The public
 * interface of the library; docs/cryptography.md says what is implemented and from which papers.
 */
export { assertNativeCurve } from './group/curve-backend'; // first: it explains a missing native addon
export { assertKernel } from './multiplication/kernel/assert-kernel';
export { type FailureClass, InvalidInput, ProtocolFailure } from './errors';
export { type RandomSource, systemRandom } from './random';
export {
  groupOf,
  isEcdsaSuite,
  MAX_BATCH,
  MAX_PARTIES,
  parseSuiteId,
  schemeOf,
  type Suite,
  suite,
  type SuiteId,
} from './suite';

// Sessions and their frames
export {
  type OutgoingFrame,
  type Session,
  type SessionConfig,
  type SessionOutcome,
  type StepOutput,
} from './session/session';
export { keyIdOf, sessionId } from './session/session-id';
export {
  type KeygenStart,
  type Participant,
  type PresignStart,
  type RekeyStart,
  type ReshareStart,
  type SessionStart,
} from './session/session-start';
export {
  BROADCAST,
  ed25519FrameSigner,
  ed25519PublicKey,
  encodeFrame,
  type Frame,
  FRAME_TYPES,
  type FrameHeader,
  type FrameSigner,
  type FrameType,
  HEADER_BYTES,
  parseFrame,
  ROUNDS,
  SIGNATURE_BYTES,
  verifyFrame,
} from './session/frame';
export { type DropReason } from './session/mailbox';

// Evidence against a party that cheated
export { type Verdict } from './dealing/judgement';
export { judgeEvidence } from './evidence/judge-evidence';
export {
  encodeEvidence,
  type Equivocation,
  findEquivocations,
  openEvidence,
  provesEquivocation,
} from './session/equivocation';

// Keys: generation, certificates, refresh, reshare and repair, re-key of a pair
export { activateKeyShare, createKeygenSession, createSchnorrKeygenSession } from './keygen/keygen';
export {
  type KeyShare,
  type PairState,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
  wipeKeyShare,
  wipePairState,
} from './keygen/key-share';
export {
  decodeKeyShare,
  decodePendingKeyShare,
  decodePendingSchnorrKeyShare,
  decodeSchnorrKeyShare,
  encodeKeyShare,
  encodePendingKeyShare,
} from './keygen/key-share-codec';
export {
  contradicts,
  type Certificate,
  isSameCertificate,
  verifyCertificate,
  verifyReshareCertificate,
  winningCertificate,
} from './certificate/certificate';
export { decodeCertificate, encodeCertificate } from './certificate/certificate-codec';
export { type KeyFacts } from './certificate/confirmation';
export { type KeygenCertificate } from './certificate/keygen-certificate';
export { type ReshareCertificate } from './certificate/reshare-certificate';
export { type OldEpoch, type ReshareConfig } from './reshare/context';
export { activateReshare, type PendingReshare, type Reshared } from './reshare/pending-reshare';
export { decodePendingReshare, encodePendingReshare } from './reshare/pending-reshare-codec';
export { createReshareSession } from './reshare/reshare';
export { type RekeyConfig } from './rekey/context';
export { announcesPair, createRekeySession, withPair } from './rekey/rekey';

// ECDSA: presignatures, shares, signatures
export { createPairJudge, type PairJudge, pairDead } from './presign/pair-judge';
export { possibleCommittees } from './presign/possible-committees';
export { createPresignSession, type PresignConfig } from './presign/presign';
export {
  decodePresignatureBatch,
  encodePresignatureBatch,
  isConsumed,
  type Presignature,
  type PresignatureBatch,
  presignatureIdOf,
  wipePresignature,
} from './presign/presignature';
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
} from './sign/online';
export { combineShares, type CombineInput, type Signature } from './sign/combine';
export { recoverPublicKey, verifySignature } from './sign/signature-check';
export { healthMessage, healthRequest } from './sign/health';
export {
  type ChildKey,
  ChildKeyCache,
  deriveChild,
  type DerivationPath,
  formatPath,
  MAX_DEPTH,
  parsePath,
} from './sign/bip32';
export { bigintKernel } from './multiplication/kernel/bigint-kernel';
export { wasmKernel } from './multiplication/kernel/wasm-kernel';
export { type KernelRows, type RvoleKernel } from './multiplication/rvole-kernel';

// FROST: nonces, shares, signatures
export { nonceIdOf } from './frost/context';
export { createNonceSession, type NonceConfig } from './frost/nonce-session';
export {
  type Commitment,
  isNonceConsumed,
  type Nonce,
  type NonceCommitments,
  wipeNonce,
} from './frost/nonce';
export { decodeNonceBatch, encodeNonceBatch, type NonceBatch } from './frost/nonce-batch';
export {
  encodeFrostShare,
  FROST_SHARE_BYTES,
  type FrostRequest,
  type FrostShare,
  frostShare,
  parseFrostShare,
} from './frost/share';
export { type KeyTweak } from './frost/signing-key';
export { combineFrostShares, type FrostCombineInput, type FrostSignature } from './frost/combine';
export { verifySchnorrSignature } from './frost/signature-check';

// Building blocks
export { coordinates, parsePoint, type Point } from './group/point';
export * from './primitives';
export { rangeProofBytes } from './range-proof/encoding';
export { commitValue, proveRange, verifyRange } from './range-proof/range-proof';
