/**
 * A transparency log, without storage, clock or network: the Merkle tree of RFC 6962, tiles, signed checkpoints,
 * cosignatures and offline proofs as C2SP specifies them. Runs in browsers.
 */
export {
  type Checkpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from './checkpoint/checkpoint';
export { cosign, cosignersOf } from './checkpoint/cosignature';
export {
  formatProofBundle,
  parseProofBundle,
  type ProofBundle,
  verifyProofBundle,
} from './checkpoint/proof-bundle';
export { eventLeaf, type EventRecord, gapLeaf, parseEventLeaf } from './entry/event-leaf';
export { Malformed } from './malformed';
export { Frontier, type TreeNode } from './merkle/frontier';
export { emptyRoot, type Hash, HASH_BYTES, leafHash, nodeHash } from './merkle/hashes';
export { type NodeId, type ReadNodes, rootOf } from './merkle/nodes';
export { proveConsistency, proveInclusion } from './merkle/prove';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './merkle/verify';
export {
  formatNote,
  formatSignatureLine,
  type Note,
  type NoteSignature,
  parseNote,
  signersOf,
} from './note/note';
export {
  ED25519,
  ED25519_COSIGNATURE,
  formatVerifierKey,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from './note/verifier-key';
export { encodeEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from './tiles/entry-bundle';
export { encodeTile, nodesInTiles, nodesOfTile, parseTile } from './tiles/tile';
export { parseTilePath, TILE_HEIGHT, TILE_WIDTH, type TileId, tilePath, tileWidth } from './tiles/tile-path';
