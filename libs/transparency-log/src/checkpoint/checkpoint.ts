/** Checkpoints: the signed head of a log's tree (C2SP tlog-checkpoint). */
import { fromBase64, parseCount, toBase64 } from '../encoding';
import { Malformed } from '../malformed';
import { type Hash, HASH_BYTES } from '../merkle/hashes';
import { formatNote, type Note, parseNote, signersOf, signText } from '../note/note';
import { type VerifierKey } from '../note/verifier-key';

export interface Checkpoint {
  /** The log's identity: the name of its key. */
  origin: string;
  size: number;
  root: Hash;
}

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** @throws Malformed. Extension lines are allowed and ignored. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n');
  if (origin === '' || rest.at(-1) !== '')
    throw new Malformed('a checkpoint has an origin, a size and a root, a line each');
  if (rest.slice(0, -1).includes('')) throw new Malformed('a checkpoint has an empty extension line');
  const hash = fromBase64(root, 'the root of a checkpoint');
  if (hash.length !== HASH_BYTES)
    throw new Malformed(`the root of a checkpoint has ${hash.length} bytes, not 32`);
  return { origin, size: parseCount(size, 'the size of a checkpoint'), root: hash };
}

/** The checkpoint as a signed note. @param key the log's, whose name is the origin */
export function signCheckpoint(
  checkpoint: Checkpoint,
  key: VerifierKey,
  sign: (message: Uint8Array) => Uint8Array,
): string {
  const text = formatCheckpoint(checkpoint);
  return formatNote({ text, signatures: [signText(text, key, sign)] });
}

/**
 * The checkpoint in a signed note of the log with this key, and the note for whoever looks for cosignatures.
 *
 * @throws Malformed when the note is malformed, not signed by the log, or about another one.
 */
export function openCheckpoint(
  signedNote: string,
  logKey: VerifierKey,
): { checkpoint: Checkpoint; note: Note } {
  const note = parseNote(signedNote);
  if (signersOf(note, [logKey]).length === 0)
    throw new Malformed(`the checkpoint is not signed by ${logKey.name}`);
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== logKey.name)
    throw new Malformed(`the checkpoint is of "${checkpoint.origin.slice(0, 100)}", not of ${logKey.name}`);
  return { checkpoint, note };
}
