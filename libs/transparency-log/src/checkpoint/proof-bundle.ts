/** Proofs that need nothing but the log's public key (C2SP tlog-proof): a leaf's index, its audit path, a checkpoint. */
import { fromBase64, parseCount, toBase64 } from '../encoding';
import { Malformed } from '../malformed';
import { type Hash, HASH_BYTES, leafHash } from '../merkle/hashes';
import { verifyInclusion } from '../merkle/verify';
import { type VerifierKey } from '../note/verifier-key';
import { type Checkpoint, openCheckpoint } from './checkpoint';
import { cosignersOf } from './cosignature';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** More levels has no tree. */
const MAX_HASHES = 64;

export interface ProofBundle {
  index: number;
  /** The audit path, from the leaf's sibling upwards. */
  hashes: Hash[];
  /** The signed note. */
  checkpoint: string;
  /** Says nothing that is proved. */
  extra?: Uint8Array | undefined;
}

export function formatProofBundle({ index, hashes, checkpoint, extra }: ProofBundle): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(toBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** @throws Malformed. */
export function parseProofBundle(text: string): ProofBundle {
  const split = text.indexOf('\n\n');
  if (split < 0) throw new Malformed('a proof has an empty line before its checkpoint');
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) throw new Malformed(`a proof begins with ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ')
    ? fromBase64(lines.shift()?.slice('extra '.length) ?? '', 'the extra data of a proof')
    : undefined;
  const [indexLine = '', ...hashLines] = lines;
  if (!indexLine.startsWith('index ')) throw new Malformed('a proof has a line "index N"');
  if (hashLines.length > MAX_HASHES) throw new Malformed(`a proof has more than ${MAX_HASHES} hashes`);
  const index = parseCount(indexLine.slice('index '.length), 'the index of a proof');
  return { index, hashes: hashLines.map(parseHash), checkpoint: text.slice(split + 2), extra };
}

/**
 * Checks that a leaf is in the log with this key, where the bundle says.
 *
 * @param leaf its bytes, from wherever they come.
 * @returns the checkpoint that holds it, and who of the witnesses cosigned that.
 * @throws Malformed that says what is wrong.
 */
export function verifyProofBundle(
  bundle: string,
  leaf: Uint8Array,
  logKey: VerifierKey,
  witnesses: readonly VerifierKey[] = [],
): { index: number; checkpoint: Checkpoint; cosigners: VerifierKey[] } {
  const { index, hashes, checkpoint: signedNote } = parseProofBundle(bundle);
  const { checkpoint, note } = openCheckpoint(signedNote, logKey);
  const { size, root } = checkpoint;
  if (!verifyInclusion({ index, size, leaf: leafHash(leaf), root }, hashes))
    throw new Malformed(
      `the proof does not lead from leaf ${index} to the root of the checkpoint of size ${size}`,
    );
  return { index, checkpoint, cosigners: cosignersOf(note, witnesses) };
}

function parseHash(line: string): Hash {
  const hash = fromBase64(line, 'a hash of a proof');
  if (hash.length !== HASH_BYTES) throw new Malformed(`a hash of a proof has ${hash.length} bytes, not 32`);
  return hash;
}
