import { type EventStore } from '@quorate/event-store';
import { problems } from '@quorate/platform';
import {
  cosignersOf,
  formatSignatureLine,
  Malformed,
  type Note,
  openCheckpoint,
  type VerifierKey,
} from '@quorate/transparency-log';
import { type Checkpoints, type StoredCheckpoint } from '../ports/checkpoints.port';
import { type LogIdentity } from './log-identity';

/** Takes what known witnesses signed of checkpoints of this auditor. Their signatures are all that is believed. */
export class Cosignatures {
  constructor(
    private readonly store: EventStore,
    private readonly checkpoints: Checkpoints,
    private readonly identity: LogIdentity,
    private readonly witnesses: readonly VerifierKey[],
  ) {}

  /**
   * Keeps the cosignatures of known witnesses in a signed note; their first word on a checkpoint stays.
   *
   * @param signedNote a checkpoint of this log, with cosignatures.
   * @returns the checkpoint with all cosignatures that there are.
   * @throws Problem when no witness of WITNESSES signed it, or there is no such checkpoint.
   */
  async take(log: number, signedNote: string): Promise<StoredCheckpoint> {
    const { note, size, signers } = this.read(log, signedNote);
    if (signers.length === 0)
      throw problems.refused('No witness of WITNESSES signed this checkpoint: add the key of yours there');
    return this.store.transaction(async (tx) => {
      const stored = await this.checkpoints.at(tx, log, size);
      if (stored === undefined || !stored.note.startsWith(`${note.text}\n`))
        throw problems.notFound(`Log ${log} has no such checkpoint of ${size} leaves`);
      for (const { name, id } of signers) {
        const signature = note.signatures.find((one) => one.name === name && one.keyId === id);
        if (signature === undefined) continue;
        const line = formatSignatureLine(signature);
        this.checkpoints.insertCosignature(tx, { log, size, witness: name, line });
      }
      return stored;
    });
  }

  private read(log: number, signedNote: string): { note: Note; size: number; signers: VerifierKey[] } {
    try {
      const { checkpoint, note } = openCheckpoint(signedNote, this.identity.key(log));
      return { note, size: checkpoint.size, signers: cosignersOf(note, this.witnesses) };
    } catch (error) {
      if (error instanceof Malformed) throw problems.invalidParameter(error.message, 'checkpoint');
      throw error;
    }
  }
}
