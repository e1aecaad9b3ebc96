/**
 * Building blocks of the protocols for use on their own, over secp256k1 and Ed25519: groups, secret sharing with and
 * without verification, and zero-knowledge proofs. Part of the public interface of the library.
 */
export { ed25519Group } from './group/ed25519-group';
export { type Group, hashToScalar } from './group/group';
export { secp256k1Group } from './group/secp256k1-group';
export { type HashInput, type Label } from './hash';
export {
  encodeEqualityProof,
  type EqualityProof,
  equalityProofBytes,
  type EqualityStatement,
  parseEqualityProof,
  type ProofDomain,
  proveEquality,
  verifyEquality,
} from './sharing/discrete-log-equality';
export { dealFeldman, type FeldmanDealing, verifyFeldmanShare } from './sharing/feldman';
export {
  dealPedersen,
  pedersenBase,
  pedersenCommitment,
  type PedersenDealing,
  type PedersenShare,
  verifyPedersenShare,
} from './sharing/pedersen';
export { type Commitments } from './sharing/polynomial';
export { knowledgeProofBytes } from './sharing/proof-of-knowledge';
export {
  BYTES_SHARE_BYTES,
  combineBytes,
  combineScalar,
  MAX_SECRET_BYTES,
  type SharingPolicy,
  splitBytes,
  splitScalar,
} from './sharing/shamir';
export {
  linkProofBytes,
  type LinkStatement,
  proveLink,
  proveShare,
  type ShareStatement,
  verifyLink,
  verifyShareProof,
} from './sharing/share-proof';
