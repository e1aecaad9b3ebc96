/** Verifies an audit log from its leaves and from keys alone: tree, checkpoints, signatures, and what the stories must keep. */
export { type ExportedLeaf, readExportLine } from './export-line';
export { leafWithRecord } from './leaf-record';
export { type LogLeaf, LogVerifier, type VerifierOptions, type VerifierReport } from './log-verifier';
export { type StoryReport } from './story';
export { type Violation } from './violation';
