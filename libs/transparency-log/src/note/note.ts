/** Signed notes (C2SP signed-note): a text that ends in a newline, an empty line, signature lines. */
import { concatBytes, fromBase64, toBase64, utf8 } from '../encoding';
import { Malformed } from '../malformed';
import { ED25519, isKeyName, type VerifierKey, verifyEd25519 } from './verifier-key';

/** Characters; limits before parsing. */
const MAX_NOTE_LENGTH = 1_000_000;
const MAX_SIGNATURES = 100;

export interface NoteSignature {
  name: string;
  keyId: number;
  signature: Uint8Array;
}

export interface Note {
  /** With its last newline. */
  text: string;
  signatures: NoteSignature[];
}

/** @throws Malformed. */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE_LENGTH)
    throw new Malformed(`the note is longer than ${MAX_NOTE_LENGTH} characters`);
  if (
    /\p{Surrogate}/u.test(note) ||
    note.split('').some((character) => character < ' ' && character !== '\n')
  )
    throw new Malformed('the note has control characters or is not UTF-8');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n'))
    throw new Malformed('the note has no signatures after an empty line');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES)
    throw new Malformed(`the note has more than ${MAX_SIGNATURES} signatures`);
  return { text, signatures: lines.map(parseSignatureLine) };
}

/** @throws Malformed when the text could not be read back. */
export function formatNote({ text, signatures }: Note): string {
  const note = `${text}\n${signatures.map(formatSignatureLine).join('')}`;
  parseNote(note);
  return note;
}

/** A signature of type 0x01 over `text`. */
export function signText(
  text: string,
  key: VerifierKey,
  sign: (message: Uint8Array) => Uint8Array,
): NoteSignature {
  return { name: key.name, keyId: key.id, signature: sign(utf8(text)) };
}

/**
 * The keys of those given that signed the note; a signature of an unknown key is ignored.
 *
 * @throws Malformed when a signature of a known key is wrong: such a note is to be rejected as a whole.
 */
export function signersOf<Key extends VerifierKey>(
  { text, signatures }: Note,
  keys: readonly Key[],
  verify: (signature: Uint8Array, text: string, key: Key) => boolean = verifyText,
): Key[] {
  return keys.filter((key) => {
    const ours = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
    if (!ours.every(({ signature }) => verify(signature, text, key)))
      throw new Malformed(`the signature of ${key.name} is wrong`);
    return ours.length > 0;
  });
}

function verifyText(signature: Uint8Array, text: string, { type, publicKey }: VerifierKey): boolean {
  return type === ED25519 && verifyEd25519(signature, utf8(text), publicKey);
}

function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ');
  if (dash !== '\u2014' || !isKeyName(name) || rest.length > 0)
    throw new Malformed('a signature line reads "\u2014 NAME SIGNATURE"');
  const bytes = fromBase64(encoded, `the signature of ${name}`);
  if (bytes.length <= 4) throw new Malformed(`the signature of ${name} is too short`);
  const keyId = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return { name, keyId, signature: bytes.slice(4) };
}

/** `— NAME base64(key id || signature)`, with its newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, keyId);
  return `\u2014 ${name} ${toBase64(concatBytes(id, signature))}\n`;
}
