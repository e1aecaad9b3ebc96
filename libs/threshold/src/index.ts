/** Threshold ECDSA on secp256k1 (the DKLs23 family). Public interface of the library. */
export { assertNativeCurve } from './curve-backend'; // first: it explains a missing native addon

export {
  type ChildKey,
  ChildKeyCache,
  deriveChild,
  type DerivationPath,
  formatPath,
  MAX_DEPTH,
  parsePath,
} from './bip32';
export { type Certificate, type KeyFacts, verifyCertificate } from './certificate';
export { provesEquivocation } from './equivocation';
export { type FailureClass, InvalidInput, ProtocolFailure } from './errors';
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
} from './frame';
export {
  type KeyShare,
  type PairState,
  type PendingKeyShare,
  wipeKeyShare,
  wipePairState,
} from './key-share';
export {
  decodeKeyShare,
  decodePendingKeyShare,
  encodeKeyShare,
  encodePendingKeyShare,
} from './key-share-codec';
export { activateKeyShare, createKeygenSession } from './keygen';
export { type DropReason } from './mailbox';
export { coordinates, parsePoint, type Point } from './point';
export { type RandomSource, systemRandom } from './random';
export {
  type OutgoingFrame,
  type Session,
  type SessionConfig,
  type SessionOutcome,
  type StepOutput,
} from './session';
export { keyIdOf, type Participant, sessionId, type SessionStart } from './session-id';
export { MAX_BATCH, MAX_PARTIES, type Suite, suite, type SuiteId } from './suite';

export * from './presigning';
