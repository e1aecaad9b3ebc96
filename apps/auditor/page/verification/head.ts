/** The head of the log as a signed note says it, checked against the keys that are pinned here. */
import {
  type Checkpoint,
  cosignersOf,
  Malformed,
  type Note,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
} from '@quorate/transparency-log';
import { type Check, failed, open, passed } from './check';

export interface Cosignature {
  readonly name: string;
  /** Milliseconds since 1970, as the witness says. */
  readonly at: number | undefined;
  /** Whether a pinned key verifies it; undefined when none of that name is pinned. */
  readonly verified: boolean | undefined;
}

export interface Head extends Readonly<Checkpoint> {
  readonly note: string;
  readonly signature: Check;
  readonly witnesses: Check | undefined;
  readonly cosignatures: readonly Cosignature[];
}

export interface Pinned {
  readonly log: VerifierKey | undefined;
  readonly witnesses: readonly VerifierKey[];
}

/** @throws Malformed when it is no checkpoint at all. A wrong signature is a failed check. */
export function readHead(note: string, pinned: Pinned): Head {
  const parsed = parseNote(note);
  const checkpoint = parseCheckpoint(parsed.text);
  return {
    ...checkpoint,
    note,
    signature: checkSignature(note, pinned.log),
    witnesses: checkWitnesses(parsed, pinned.witnesses),
    cosignatures: cosignaturesOf(parsed, checkpoint.origin, pinned.witnesses),
  };
}

function checkSignature(note: string, key: VerifierKey | undefined): Check {
  if (key === undefined)
    return open('signature', 'No key is pinned in this browser, so nobody’s signature can be checked.');
  try {
    openCheckpoint(note, key);
    return passed('signature', `The checkpoint carries the signature of the pinned key ${key.name}.`);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return failed('signature', `The checkpoint does not hold against the pinned key: ${error.message}.`);
  }
}

function checkWitnesses(note: Note, witnesses: readonly VerifierKey[]): Check | undefined {
  if (witnesses.length === 0) return undefined;
  try {
    const names = cosignersOf(note, witnesses).map(({ name }) => name);
    const all = `${names.length} of ${witnesses.length} pinned witnesses`;
    return names.length > 0
      ? passed('witnesses', `${all} cosigned it: ${names.join(', ')}.`)
      : open('witnesses', `${all} cosigned it so far.`);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return failed('witnesses', `A cosignature is wrong: ${error.message}.`);
  }
}

/** All signatures but the log's own; a timestamp of eight bytes precedes those of witnesses (C2SP tlog-cosignature). */
function cosignaturesOf(note: Note, origin: string, witnesses: readonly VerifierKey[]): Cosignature[] {
  return note.signatures
    .filter(({ name }) => name !== origin)
    .map(({ name, keyId, signature }) => {
      const key = witnesses.find((witness) => witness.name === name && witness.id === keyId);
      return { name, at: timeOf(signature), verified: key && isCosigned(note, key) };
    });
}

function isCosigned(note: Note, witness: VerifierKey): boolean {
  try {
    return cosignersOf(note, [witness]).length > 0;
  } catch {
    return false;
  }
}

function timeOf(signature: Uint8Array): number | undefined {
  if (signature.length !== 72) return undefined;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  return seconds < 2n ** 40n ? Number(seconds) * 1000 : undefined;
}
